"""How far invitations got, by the day of their sending, and what those who stay silent could change (M5, M7)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from analytics.asked_counts import (
    ANSWERED,
    BOUNCED,
    COMMENTED,
    COMPLETED,
    CSATS,
    DETRACTOR,
    NPS,
    PROMOTER,
    RECOMMENDED,
    SENT,
    STARTED,
)
from analytics.asked_slices import MOOD, MOOD_OF_TEAM, MOODS
from analytics.display import display_state
from analytics.intervals import Interval
from analytics.metrics import Metric, measure
from analytics.models import AskedDay, AskedSliceDay, DecisionDay
from analytics.nonresponse import NpsStratum, Stratum, WeightedShare, bounds, weighted_nps, weighted_share
from analytics.periods import Period
from analytics.reports import BEFORE, NOW, Filters, Segment, Week, week_of, within
from analytics.scores import Share, share
from analytics.slice_counts import SEGMENT
from analytics.still_open import open_from
from analytics.stored import Total, WeekOf

# The rates by their names in the register: which fact, over which.
DELIVERED = "delivered"
RATES = {
    "delivery_rate": (DELIVERED, SENT),
    "start_rate": (STARTED, DELIVERED),
    "response_rate": (ANSWERED, DELIVERED),
    "response_rate_strict": (ANSWERED, SENT),
    "completion_rate": (COMPLETED, STARTED),
    "comment_rate": (COMMENTED, ANSWERED),
}
# An anonymous survey does not keep who opened, scored or wrote.
NEEDS_NAMES = ("start_rate", "completion_rate", "comment_rate")

# What is counted by slices of customers, and which there are.
SLICED = ("delivery_rate", "response_rate", "response_rate_strict")
BY_SLICE = ("last_score", "segment")

# What the scores of the silent go by.
ANSWERS = (*(rated for rated, _satisfied in CSATS.values()), RECOMMENDED)
OF_STRATA = (SENT, BOUNCED, *ANSWERS, *(satisfied for _rated, satisfied in CSATS.values()), PROMOTER, DETRACTOR)

Facts = Counter[str]
Strata = Mapping[tuple[Any, ...], Facts]


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A score of those who were asked in the period: plain, and each stratum weighing as much as it was asked.

    Strata are survey, team and channel. `bounds` is the score if none, and if all, of the silent were satisfied.
    """

    scale: str
    score: WeightedShare
    answered: int
    bounds: Interval | None

    @property
    def can_be_weighted(self) -> bool:
        """Whether there are strata to weigh against each other, and answers enough to show."""
        return self.score.strata > 1 and display_state(min(self.answered, self.score.n_eff)) != "hidden"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What became of the invitations that left in the period.

    `facts` counts them all, `named` those of surveys that are not anonymous; of a segment `rates` are `SLICED` alone.
    While links sent from `open_from` on take answers, the rates can only rise; None when no link of the period does.
    """

    facts: Mapping[str, int]
    named: Mapping[str, int]
    rates: Mapping[str, Metric]
    open_from: dt.date | None


@dataclass(frozen=True)
class Outcome:
    """How often it was decided so in the period, for this reason, and its share of all decisions."""

    outcome: str
    reason: str
    share: Share

    @property
    def count(self) -> int:
        return self.share.num


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The response rate by survey, team, channel, the customer's last score and segments, where there are several, and
    who stays silent. The last two are of surveys that are not anonymous."""

    surveys: tuple[Segment, ...]
    teams: tuple[Segment, ...]
    channels: tuple[Segment, ...]
    moods: tuple[Segment, ...]
    attributes: Mapping[str, tuple[Segment, ...]]
    silent: tuple[Silent, ...]


def reach(filters: Filters, *, as_of: dt.datetime) -> Reach:
    """How far invitations got; reminders add nothing."""
    rows = _rows(filters)
    told = _told(filters, as_of=as_of)
    facts, named = _by(rows, None), _by(_named(rows), None)
    return Reach(
        facts=facts[None][NOW],
        named=named[None][NOW],
        rates={
            key: _rate(key, named if key in NEEDS_NAMES else facts, **told)
            for key in (SLICED if filters.slice else RATES)
        },
        open_from=open_from(filters, as_of=as_of),
    )


def parts(filters: Filters, *, as_of: dt.datetime) -> Parts:
    """Who answers, and what those who do not could change."""
    told = _told(filters, as_of=as_of)
    surveys = _rows(filters, "survey")
    return Parts(
        surveys=_segments(surveys, "survey", **told),
        teams=() if filters.team else _segments(_rows(filters, "team"), "team", **told),
        channels=() if filters.channel else _segments(_rows(filters, "channel"), "channel", **told),
        moods=_in_order(_segments(_slices(filters, _mood(filters)), "value", **told)),
        attributes=_by_attribute(_slices(filters, SEGMENT), **told),
        silent=silent(filters, rows=_named(surveys)),
    )


def decided(filters: Filters) -> tuple[Outcome, ...]:
    """The decisions of the period whether to ask, by outcome and reason, the most frequent first."""
    rows = filters.counts(DecisionDay).filter(within(filters.period)).values_list("outcome", "reason")
    found = list(rows.annotate(rows=Total("count")).order_by("-rows", "outcome", "reason"))
    total = sum(count for _outcome, _reason, count in found)
    return tuple(Outcome(outcome, reason, share(count, total)) for outcome, reason, count in found)


def rates_by(filters: Filters, key: str, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One rate by "team", "channel" or "survey", those with most invitations first; with column "" as a whole.

    Of `SLICED` also by "last_score", or "segment", each value with its attribute before it.
    """
    if column in BY_SLICE:
        told = _told(filters, as_of=as_of)
        kind = SEGMENT if column == "segment" else _mood(filters)
        return _measured(_by(_slices(filters, kind), "value"), key, **told)
    rows = _rows(filters, *[column] if column else [])
    rows = _named(rows) if key in NEEDS_NAMES else rows
    told = _told(filters, as_of=as_of)
    if not column:
        return (Segment(None, _rate(key, _by(rows, None), **told)),)
    return _measured(_by(rows, column), key, **told)


def _rows(filters: Filters, *columns: str) -> list[dict[str, Any]]:
    if filters.slice:
        told = filters.of_both_periods(of_slice(filters, *columns)).values("when", "fact", *columns)
        return [{**row, "survey__is_anonymous": False} for row in told.annotate(rows=Total("count")).order_by()]
    rows = filters.over_both(AskedDay, *columns)
    rows = rows.values("when", "survey__is_anonymous", "fact", *columns)
    return list(rows.annotate(rows=Total("count")).order_by())


def of_slice(filters: Filters, *columns: str) -> QuerySet[Any]:
    """The counts of all days of the segment that is chosen: of surveys that are not anonymous, by facts of `SLICED`."""
    chosen = filters.slice
    value = chosen.value if chosen and chosen.kind == SEGMENT else None
    return filters.counts(AskedSliceDay, *columns).filter(kind=SEGMENT, value=value)


def _slices(filters: Filters, kind: str) -> list[dict[str, Any]]:
    rows = filters.of_both_periods(filters.counts(AskedSliceDay).filter(kind=kind))
    return list(rows.values("when", "value", "fact").annotate(rows=Total("count")).order_by())


def _mood(filters: Filters) -> str:
    return MOOD if filters.scope.covers_all() else MOOD_OF_TEAM


def _in_order(found: tuple[Segment, ...]) -> tuple[Segment, ...]:
    return tuple(sorted(found, key=lambda one: MOODS.index(one.key)))


def _by_attribute(rows: Iterable[Mapping[str, Any]], **told: Any) -> dict[str, tuple[Segment, ...]]:
    """Of each attribute, its values with most invitations."""
    of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        attribute, _equals, value = row["value"].partition("=")
        of[attribute].append({**row, "value": value})
    found = {attribute: _segments(theirs, "value", **told) for attribute, theirs in of.items()}
    return {attribute: parts for attribute, parts in found.items() if parts}


def _named(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if not row["survey__is_anonymous"]]


def _told(filters: Filters, *, as_of: dt.datetime) -> dict[str, Any]:
    is_open = open_from(filters, as_of=as_of) is not None
    return {"as_of": as_of, "preliminary": is_open, "compared": bool(filters.before)}


def _by(rows: Iterable[dict[str, Any]], column: str | None) -> dict[Any, dict[str, Facts]]:
    """Facts by the column's value (all under None without one) and period; what did not come back was delivered."""
    found: dict[Any, dict[str, Facts]] = defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()})
    for row in rows:
        add(found[row[column] if column else None][row["when"]], row["fact"], row["rows"])
    return found


def add(facts: Facts, fact: str, count: int) -> None:
    """Count a fact of so many invitations, and what follows of how many were delivered."""
    facts[fact] += count
    facts[DELIVERED] += {SENT: count, BOUNCED: -count}.get(fact, 0)


def share_of(key: str, facts: Facts) -> Share:
    """The rate of this name."""
    part, whole = (facts[name] for name in RATES[key])
    # A mail that came back may have been answered all the same: through a help desk's copy, or a late bounce.
    return share(min(part, whole), whole)


def _rate(
    key: str, found: Mapping[Any, Mapping[str, Facts]], *, as_of: dt.datetime, preliminary: bool, compared: bool
) -> Metric:
    both = found[None]
    before = {0: share_of(key, both[BEFORE])} if compared else None
    return measure({0: share_of(key, both[NOW])}, before=before, as_of=as_of, preliminary=preliminary)[0]


def _measured(
    found: Mapping[Any, Mapping[str, Facts]], key: str, *, as_of: dt.datetime, preliminary: bool, compared: bool
) -> tuple[Segment, ...]:
    """One rate of several segments, as one family of comparisons."""
    asked = sorted(
        (name for name, both in found.items() if both[NOW][SENT]),
        key=lambda name: (-found[name][NOW][SENT], str(name)),
    )
    now = {name: share_of(key, found[name][NOW]) for name in asked}
    before = {name: share_of(key, found[name][BEFORE]) for name in asked} if compared else None
    metrics = measure(now, before=before, as_of=as_of, partition=len(asked) > 1, preliminary=preliminary)
    return tuple(Segment(name, metrics[name]) for name in asked)


def _segments(rows: Iterable[dict[str, Any]], column: str, **told: Any) -> tuple[Segment, ...]:
    """The response rate; one segment alone says no more than the total."""
    found = _measured(_by(rows, column), "response_rate", **told)
    return found if len(found) > 1 else ()


def weeks(filters: Filters) -> tuple[Week, ...]:
    """The response rate of what was sent in each week."""
    every = filters.period.weeks()
    rows = filters.counts(AskedDay).filter(within(Period(every[0].start, filters.period.end)))
    found: dict[int, Facts] = defaultdict(Counter)
    told = rows.values_list(WeekOf(every[0].start), "fact").annotate(rows=Total("count")).order_by()
    for week, fact, count in told:
        add(found[week], fact, count)
    return tuple(week_of(week, share_of("response_rate", found[at])) for at, week in enumerate(every))


def silent(filters: Filters, *, rows: Iterable[Mapping[str, Any]] | None = None) -> tuple[Silent, ...]:
    """CSAT on each scale, and NPS, of those who were asked, where somebody answered; `rows` are the counts by survey,
    where known."""
    rows = _named(_rows(filters, "survey")) if rows is None else rows
    surveys = {row["survey"] for row in rows if row["fact"] in ANSWERS}
    strata = _strata(filters, surveys) if surveys else {}
    found = [_csat(scale, _answered(strata, rated)) for scale, (rated, _satisfied) in CSATS.items()]
    found.append(_nps(_answered(strata, RECOMMENDED)))
    return tuple(one for one in found if one)


def _strata(filters: Filters, surveys: Collection[int]) -> Strata:
    """What both scores are weighted by, of each survey, team and channel."""
    rows = filters.over(AskedDay, "survey", "team", "channel").filter(survey__in=surveys, fact__in=OF_STRATA)
    told = rows.values_list("survey", "team", "channel", "fact").annotate(rows=Total("count")).order_by()
    strata: dict[tuple[Any, ...], Facts] = defaultdict(Counter)
    for *where, fact, count in told:
        add(strata[tuple(where)], fact, count)
    return strata


def _answered(strata: Strata, fact: str) -> list[Facts]:
    """Those of the surveys that have answers of this kind."""
    answered = {survey for (survey, *_where), facts in strata.items() if facts[fact]}
    return [facts for (survey, *_where), facts in strata.items() if survey in answered]


def _csat(scale: str, strata: Iterable[Facts]) -> Silent | None:
    rated, good = CSATS[scale]
    parts = [
        Stratum(invited=max(facts[DELIVERED], facts[rated]), answered=facts[rated], satisfied=facts[good])
        for facts in strata
    ]
    answered, satisfied = sum(part.answered for part in parts), sum(part.satisfied for part in parts)
    if not answered:
        return None
    invited = sum(part.invited for part in parts)
    return Silent(
        scale=scale,
        score=weighted_share(parts),
        answered=answered,
        bounds=bounds(satisfied=satisfied, answered=answered, invited=invited),
    )


def _nps(strata: Iterable[Facts]) -> Silent | None:
    parts = [
        NpsStratum(
            invited=max(facts[DELIVERED], facts[RECOMMENDED]),
            promoters=facts[PROMOTER],
            passives=facts[RECOMMENDED] - facts[PROMOTER] - facts[DETRACTOR],
            detractors=facts[DETRACTOR],
        )
        for facts in strata
    ]
    answered, invited = sum(part.answered for part in parts), sum(part.invited for part in parts)
    if not answered:
        return None
    net, quiet = sum(part.promoters - part.detractors for part in parts), invited - answered
    return Silent(
        scale=NPS,
        score=weighted_nps(parts),
        answered=answered,
        bounds=Interval(lo=100 * (net - quiet) / invited, hi=100 * (net + quiet) / invited),
    )
