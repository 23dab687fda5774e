"""Whose rows, of which days, compared with which: what every report is asked for."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Max, Q, QuerySet, Value, When

from analytics import cuts, months, slices
from analytics.levels import Levels
from analytics.models import CommentDay, EndedScoreDay, ScoreDay
from analytics.models.counted import Counted
from analytics.periods import DAY, Period
from analytics.slices import Slice
from ground.access import Scope
from ground.models import Organisation
from surveys.models import Survey

NOW, BEFORE = "now", "before"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Whose rows, of which days, compared with which. Empty means all that `scope` covers.

    With `evidence` only answers of that evidence are in the scores; comments stay all that count. A `slice` narrows
    scores and classes of comments alone.
    """

    scope: Scope
    period: Period
    before: Period | None = None
    team: int | None = None
    channel: str = ""
    survey: int | None = None
    source: str = ""
    evidence: str = ""
    slice: Slice | None = None
    # With `BY_CONTACT` scores count for the days on which their contacts ended, not for those of the answers.
    dated: str = ""

    def rows(self, path: str = "") -> Q:
        """The condition on rows of counts, but for their days; `source` concerns comments only.

        `path` leads to rows of another kind with the same columns, and ends in two underscores.
        """
        condition = self.scope.rows(f"{path}team")
        chosen = {"team": self.team, "channel": self.channel, "survey": self.survey}
        return condition & Q(**{f"{path}{name}": value for name, value in chosen.items() if value})

    def counts(self, table: type[Counted], *columns: str) -> QuerySet[Any]:
        """A table's counts in this scope but for the days, from the narrowest cut that tells these columns apart."""
        return cuts.narrowest(table, self.needed(*columns)).filter(self.rows())

    def over(self, table: type[Counted], *columns: str, where: Q | None = None) -> QuerySet[Any]:
        """A table's counts of the period, months at once: for sums that tell no days apart.

        `where` is the condition on them when it is not that of the filters.
        """
        where = self.rows() if where is None else where
        days = months.pieces(self.period, table, self.held)
        return self._pieces(table, columns, days).filter(where, Q(day__in=days) if days else within(self.period))

    def over_both(self, table: type[Counted], *columns: str, where: Q | None = None) -> QuerySet[Any]:
        """The same of both periods, each with `when`."""
        where = self.rows() if where is None else where
        days, earlier = (months.pieces(each, table, self.held) if each else [] for each in (self.period, self.before))
        if not days and not earlier:
            return self.of_both_periods(self._pieces(table, columns, days).filter(where))
        days = days or self.period.each()
        earlier = earlier or (self.before.each() if self.before else [])
        rows = self._pieces(table, columns, days).filter(where, day__in=[*days, *earlier])
        return rows.annotate(when=Case(When(day__in=days, then=Value(NOW)), default=Value(BEFORE)))

    def _pieces(self, table: type[Counted], columns: Iterable[str], days: list[dt.date]) -> QuerySet[Any]:
        name = cuts.narrowest_name(table, self.needed(*columns))
        return table.cuts.filter(cut__in=[name, months.cut_of(name)]) if days else table.cuts.filter(cut=name)

    def needed(self, *columns: str) -> set[str]:
        """These columns, and those that the scope is chosen by."""
        chosen = {"team": self.team or not self.scope.covers_all(), "channel": self.channel, "survey": self.survey}
        return {*columns, *(name for name, value in chosen.items() if value)}

    def of_evidence(self) -> Q:
        return Q(evidence=self.evidence) if self.evidence else Q()

    def of_source(self) -> Q:
        return Q(source=self.source) if self.source else Q()

    def of_scores(self) -> Q:
        return self.rows() & Q(evidence=self.evidence) if self.evidence else self.rows()

    def of_comments(self, path: str = "") -> Q:
        return self.rows(path) & Q(**{f"{path}source": self.source}) if self.source else self.rows(path)

    def scored_in_both(self, *columns: str) -> QuerySet[Any]:
        """The counts of answers by score, of both periods."""
        if self.slice:
            return self.of_both_periods(self.scored(*columns))
        return self.over_both(EndedScoreDay if self.dated else ScoreDay, *columns).filter(self.of_evidence())

    def said_in_both(self, *columns: str) -> QuerySet[Any]:
        """The counts of comments by class, of both periods."""
        if self.slice:
            return self.of_both_periods(self.said(*columns))
        return self.over_both(CommentDay, *columns).filter(self.of_source())

    def scored(self, *columns: str) -> QuerySet[Any]:
        """The counts of answers by score, of all days, that tell these columns apart."""
        if self.slice:
            return slices.scores(self.slice, self.needed(*columns)).filter(self.of_scores())
        return self.counts(EndedScoreDay if self.dated else ScoreDay, *columns).filter(self.of_evidence())

    def said(self, *columns: str) -> QuerySet[Any]:
        """The counts of comments by class, of all days, that tell these columns apart."""
        if self.slice:
            return slices.comments(self.slice, self.needed(*columns)).filter(self.of_comments())
        return self.counts(CommentDay, *columns).filter(self.of_source())

    @property
    def periods(self) -> list[Period]:
        """The period, and the one compared with."""
        return [self.period, *([self.before] if self.before else [])]

    def of_both_periods(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The counts of the days of both periods, each with `when`."""
        now = within(self.period)
        return rows.filter(self._days(now)).annotate(when=Case(When(now, then=Value(NOW)), default=Value(BEFORE)))

    def of_this_period(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the days of the period alone, with the same column."""
        return rows.filter(within(self.period)).annotate(when=Value(NOW))

    def when(self, day: dt.date) -> str:
        """Of which of the periods a day is; "" of none."""
        if self.period.start <= day <= self.period.end:
            return NOW
        return BEFORE if self.before and self.before.start <= day <= self.before.end else ""

    def _days(self, now: Q) -> Q:
        if self.before is None:
            return now
        if self.before.end + DAY == self.period.start:
            return within(Period(self.before.start, self.period.end))  # one walk along an index instead of two
        return now | within(self.before)

    @cached_property
    def held(self) -> months.Held:
        """The months of both periods that are summed."""
        return months.held(self.period, self.before)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone that days are cut in."""
        return Organisation.current().timezone

    @cached_property
    def levels(self) -> Levels:
        """The service levels, by days of this zone."""
        return Levels(self.zone)

    @cached_property
    def link_days(self) -> int:
        """So many days the links of a survey live at most."""
        return Survey.objects.aggregate(days=Max("link_days"))["days"] or 0

    @cached_property
    def read(self) -> dict[Any, Any]:
        """What was read for these filters already: the blocks of a page ask for some of it again."""
        return {}


def within(period: Period) -> Q:
    """The condition on counts, for their days."""
    return Q(day__gte=period.start, day__lte=period.end)
