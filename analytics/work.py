"""How the contacts of each team or agent went: how many, within the service level, solved, and how soon."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, Value

from analytics import cuts, stored
from analytics.contact_counts import HORIZON, SOLVED_LATE, SOLVED_MET
from analytics.metrics import Metric, measure
from analytics.models import AgentContactDay, AgentDurationDay, ContactDay, DurationDay
from analytics.models.counted import Counted
from analytics.periods import local_day
from analytics.reports import BEFORE, NOW, Filters, within
from analytics.returns import Line, back_by
from analytics.scores import Share, share
from analytics.service import RESOLUTION
from analytics.serving.backlog import open_ages
from analytics.serving.parts import WORKING
from analytics.serving.spans import Spread, spread
from analytics.unanswered import waiting
from analytics.unsolved import overdue_by

TABLES: dict[str, tuple[type[Counted], type[Counted]]] = {
    "team": (ContactDay, DurationDay),
    "agent": (AgentContactDay, AgentDurationDay),
}
FACTS = ("contacts", "complaints", "met", "late", "solved", SOLVED_MET, SOLVED_LATE)


@dataclass(frozen=True, kw_only=True)
class Work:
    """The contacts of one team or agent that began in the period.

    `within` (None while there is no level) is the share responded to in time, those who still wait beyond it counted
    as late; `in_time` (None where no level says how soon) is the share solved within the level, those that are open
    beyond it counted as missed; `solved` is of those old enough to tell; `resolution` is in working seconds, with those
    that are open; `back` tells who came again. `contacts_before` is None without a comparison.
    """

    contacts: int
    contacts_before: int | None
    complaints: int
    within: Metric | None
    in_time: Metric | None
    solved: Metric
    resolution: Spread
    back: Line | None


@dataclass
class _Facts:
    every: Counter[str] = field(default_factory=Counter)
    mature: Counter[str] = field(default_factory=Counter)


Found = Mapping[str, dict[Any, _Facts]]


def work_by(
    column: str,
    filters: Filters,
    rows: Q,
    *,
    as_of: dt.datetime,
    among: Collection[int] | None = None,
    is_compared: bool = False,
) -> dict[Any, Work]:
    """By "team" or "agent", those with contacts in the period; `rows` is the condition on rows and counts.

    `among` are those whom it is asked of, where that is not all. Each one is compared with the other period only
    where that is shown.
    """
    counts = rows if among is None else rows & Q(**{f"{column}__in": among})
    is_compared = is_compared and filters.before is not None
    facts, levels = _facts(column, filters, counts, as_of=as_of, is_compared=is_compared), filters.levels
    spans, unsolved = _spans(column, filters, counts), _open(column, filters, counts, as_of=as_of)
    _add_late(facts, column, filters, rows, as_of=as_of, is_compared=is_compared)
    kept = _measured(facts, _in_time, as_of=as_of) if levels else {}
    in_time = _measured(facts, _solved_in_time, as_of=as_of) if levels.promise_solving else {}
    solved = _measured(facts, lambda one: share(one.mature["solved"], one.mature["contacts"]), as_of=as_of)
    back = back_by(column, filters, counts, as_of=as_of, is_compared=is_compared)
    return {
        key: Work(
            contacts=found.every["contacts"],
            contacts_before=facts[BEFORE].get(key, _Facts()).every["contacts"] if is_compared else None,
            complaints=found.every["complaints"],
            within=kept.get(key),
            in_time=in_time.get(key),
            solved=solved[key],
            resolution=spread(spans[key], unsolved.get(key)),
            back=back.get(key),
        )
        for key, found in facts[NOW].items()
        if found.every["contacts"]
    }


def _facts(column: str, filters: Filters, rows: Q, *, as_of: dt.datetime, is_compared: bool) -> Found:
    counts, _durations = TABLES[column]
    ripe = local_day(as_of, filters.zone) - HORIZON
    found: dict[str, dict[Any, _Facts]] = {when: defaultdict(_Facts) for when in (NOW, BEFORE)}
    if is_compared:
        days = filters.over_both(counts, column, where=rows)
    else:
        days = filters.over(counts, column, where=rows).annotate(when=Value(NOW))
    days = days.filter(fact__in=FACTS).annotate(is_mature=Q(day__lt=ripe))
    told = days.values_list("when", column, "fact", "is_mature").annotate(rows=stored.Total("count")).order_by()
    for when, key, fact, is_mature, number in told:
        found[when][key].every[fact] += number
        found[when][key].mature[fact] += number if is_mature else 0
    return {when: dict(facts) for when, facts in found.items()}


def _add_late(facts: Found, column: str, filters: Filters, rows: Q, *, as_of: dt.datetime, is_compared: bool) -> None:
    """Who waits beyond the level, and what is open beyond the time in which it had to be solved."""
    levels = filters.levels
    periods = filters.periods if is_compared else [filters.period]
    for waiter in waiting(filters, periods, levels=levels, as_of=as_of, rows_of=rows) if levels else []:
        known = facts[filters.when(waiter.day)]
        if waiter.is_overdue and (key := getattr(waiter, column)) in known:
            known[key].every["late"] += 1
    for (when, key), n in overdue_by(column, filters, periods, as_of=as_of, rows_of=rows).items():
        if key in facts[when]:
            facts[when][key].every[SOLVED_LATE] += n


def _spans(column: str, filters: Filters, rows: Q) -> dict[Any, Counter[int]]:
    _counts, durations = TABLES[column]
    days = filters.over(durations, column, where=rows).filter(span=RESOLUTION)
    return defaultdict(Counter, {key: hist for (key,), hist in stored.histograms(days, column).items()})


def _open(column: str, filters: Filters, rows: Q, *, as_of: dt.datetime) -> dict[Any, Counter[float]]:
    """The working seconds that what is open of the period lasts by now."""
    counts, _durations = TABLES[column]
    days = cuts.narrowest(counts, filters.needed(column, "team")).filter(rows, within(filters.period), fact="open")
    told = days.annotate(key=F(column)).values_list("key", "team", "day").annotate(rows=stored.Total("count"))
    return open_ages(told.order_by(), filters.zone, clock=WORKING, as_of=as_of)


def _in_time(found: _Facts) -> Share:
    return share(found.every["met"], found.every["met"] + found.every["late"])


def _solved_in_time(found: _Facts) -> Share:
    return share(found.every[SOLVED_MET], found.every[SOLVED_MET] + found.every[SOLVED_LATE])


def _measured(facts: Found, share_of: Callable[[_Facts], Share], *, as_of: dt.datetime) -> dict[Any, Metric]:
    now, before = ({key: share_of(one) for key, one in facts[when].items()} for when in (NOW, BEFORE))
    return measure(now, before=before, as_of=as_of, partition=len(now) > 1)
