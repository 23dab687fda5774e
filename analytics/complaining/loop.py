"""Complaints in customers' own words: how soon somebody contacted who wrote them, and which are still open (M25)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from analytics.complaining import texts
from analytics.filters import BEFORE, NOW
from analytics.metrics import Metric, measure
from analytics.periods import Period
from analytics.quantiles import bucket
from analytics.reports import Filters
from analytics.scores import share
from analytics.serving.spans import Spread, spread
from analytics.stored import Plain, moment_of
from feedback import complaining
from feedback.complaining import ANSWERED, CLOSE_THE_LOOP, CLOSED, OPEN
from feedback.models import Comment

# So many are looked at, the newest first; so many open ones are shown, the oldest first.
MOST, MOST_SHOWN = 20_000, 10
COLUMNS = ("said_at", "reaction__at", "done_at")


class Said(NamedTuple):
    """A complaint in a text; `is_marked` where it is about a contact that is marked as one itself."""

    pk: int
    said: dt.datetime
    reacted: dt.datetime | None
    done: dt.datetime | None
    is_marked: bool | None

    @property
    def state(self) -> str:
        return CLOSED if self.done else ANSWERED if self.reacted else OPEN


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The complaints in texts of the period by state; `within` is the share of those contacted within 48 hours among
    these and those who were not. `took` is how long that took, those who wait included. `waiting` are open ones.
    """

    n: int
    states: Mapping[str, int]
    within: Metric
    took: Spread
    waiting: tuple[Comment, ...]
    is_cut: bool


def loop(filters: Filters, *, as_of: dt.datetime) -> Loop:
    """How far somebody has got with the complaints of the period."""
    are_complaints = complaining.are_complaints()
    told = {NOW: _told(filters, filters.period, are_complaints)}
    if filters.before:
        told[BEFORE] = _told(filters, filters.before, are_complaints)
    now = told[NOW]
    if not filters.survey and all(len(rows) < MOST for rows in told.values()):
        apart = {(when,): sum(not one.is_marked for one in rows) for when, rows in told.items()}
        filters.read[texts.READ] = Counter(apart)
    over, open_yet = _took(now, as_of=as_of)
    states = Counter(one.state for one in now)
    return Loop(
        n=len(now),
        states={state: states[state] for state in (OPEN, ANSWERED, CLOSED)},
        within=_in_time(now, told.get(BEFORE), as_of=as_of),
        took=spread(over, open_yet),
        waiting=tuple(_waiting(filters, now, are_complaints)),
        is_cut=len(now) >= MOST,
    )


def _waiting(filters: Filters, now: list[Said], are_complaints: Q) -> Iterable[Comment]:
    """The open ones that are shown; of more than are looked at, the oldest are not among these."""
    rows = texts_of(filters, filters.period, are_complaints).filter(complaining.STATES[OPEN])
    if len(now) < MOST:
        oldest = [one.pk for one in now if one.state == OPEN][-MOST_SHOWN:]
        if not oldest:
            return ()
        rows = rows.filter(pk__in=oldest)
    rows = rows.select_related("customer", "team", "response", "agent")
    return rows.order_by("said_at", "pk")[:MOST_SHOWN]


def texts_of(filters: Filters, period: Period, are_complaints: Q) -> QuerySet[Comment]:
    """The complaints in texts of these days that the reader may see."""
    first, after = period.moments(filters.zone)
    days = Q(said_at__gte=first, said_at__lt=after)
    return Comment.objects.filter(filters.rows(), days, are_complaints)


def _told(filters: Filters, period: Period, are_complaints: Q) -> list[Said]:
    rows = texts_of(filters, period, are_complaints).order_by("-said_at", "-pk")
    told = rows.values_list("pk", *map(Plain, COLUMNS), "interaction__is_complaint")[:MOST]
    return [
        Said(pk, moment_of(said), moment_of(reacted), moment_of(done), is_marked)
        for pk, said, reacted, done, is_marked in told
    ]


def _first(reacted: dt.datetime | None, done: dt.datetime | None) -> dt.datetime | None:
    """Whoever closes a matter without a word about it has reacted by then."""
    return min((moment for moment in (reacted, done) if moment), default=None)


def _took(rows: list[Said], *, as_of: dt.datetime) -> tuple[Counter[int], Counter[float]]:
    over: Counter[int] = Counter()
    open_yet: Counter[float] = Counter()
    for _pk, said, reacted, done, _is_marked in rows:
        if first := _first(reacted, done):
            over[bucket(max((first - said).total_seconds(), 0.0))] += 1
        else:
            open_yet[(as_of - said).total_seconds()] += 1
    return over, open_yet


def _in_time(now: list[Said], past: list[Said] | None, *, as_of: dt.datetime) -> Metric:
    before = {0: _within(past, as_of=as_of)} if past is not None else None
    return measure({0: _within(now, as_of=as_of)}, before=before, as_of=as_of)[0]


def _within(rows: list[Said], *, as_of: dt.datetime) -> Any:
    outcomes = Counter(in_time(one.said, one.reacted, one.done, as_of=as_of) for one in rows)
    return share(outcomes[True], outcomes[True] + outcomes[False])


def in_time(
    said: dt.datetime, reacted: dt.datetime | None, done: dt.datetime | None, *, as_of: dt.datetime
) -> bool | None:
    """Whether somebody contacted them within 48 hours; None while that may still be."""
    first = _first(reacted, done)
    if (first or as_of) - said > CLOSE_THE_LOOP:
        return False
    return True if first else None
