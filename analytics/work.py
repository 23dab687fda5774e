"""How the contacts of each team or agent went: how many, within the service level, solved, and how soon."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from analytics import cuts, stored
from analytics.contact_counts import HORIZON
from analytics.metrics import Metric, measure
from analytics.models import AgentContactDay, AgentDurationDay, ContactDay, DurationDay
from analytics.models.counted import Counted
from analytics.periods import local_day
from analytics.reports import Filters, within
from analytics.returns import Line, back_by
from analytics.scores import share
from analytics.service import RESOLUTION
from analytics.serving.backlog import open_ages
from analytics.serving.parts import WORKING
from analytics.serving.spans import Spread, spread
from analytics.unanswered import waiting

TABLES: dict[str, tuple[type[Counted], type[Counted]]] = {
    "team": (ContactDay, DurationDay),
    "agent": (AgentContactDay, AgentDurationDay),
}
FACTS = ("contacts", "complaints", "met", "late", "solved")


@dataclass(frozen=True, kw_only=True)
class Work:
    """The contacts of one team or agent that began in the period.

    `within` (None while there is no level) is the share responded to in time, those who still wait beyond it counted
    as late; `solved` is of those old enough to tell; `resolution` is in working seconds, with those that
    are open; `back` tells who came again.
    """

    contacts: int
    complaints: int
    within: Metric | None
    solved: Metric
    resolution: Spread
    back: Line | None


@dataclass
class _Facts:
    every: Counter[str] = field(default_factory=Counter)
    mature: Counter[str] = field(default_factory=Counter)


def work_by(
    column: str, filters: Filters, rows: Q, *, as_of: dt.datetime, among: Collection[int] | None = None
) -> dict[Any, Work]:
    """By "team" or "agent", those with contacts in the period; `rows` is the condition on rows and counts.

    `among` are those whom it is asked of, where that is not all.
    """
    counts = rows if among is None else rows & Q(**{f"{column}__in": among})
    facts, levels = _facts(column, filters, counts, as_of=as_of), filters.levels
    spans, unsolved = _spans(column, filters, counts), _open(column, filters, counts, as_of=as_of)
    late = waiting(filters, [filters.period], levels=levels, as_of=as_of, rows_of=rows) if levels else []
    for waiter in late:
        if waiter.is_overdue and (key := getattr(waiter, column)) in facts:
            facts[key].every["late"] += 1
    kept = _shares(facts, "met", "late", as_of=as_of) if levels else {}
    solved = {key: share(found.mature["solved"], found.mature["contacts"]) for key, found in facts.items()}
    told, back = measure(solved, as_of=as_of, partition=len(solved) > 1), back_by(column, filters, counts, as_of=as_of)
    return {
        key: Work(
            contacts=found.every["contacts"],
            complaints=found.every["complaints"],
            within=kept.get(key),
            solved=told[key],
            resolution=spread(spans[key], unsolved.get(key)),
            back=back.get(key),
        )
        for key, found in facts.items()
        if found.every["contacts"]
    }


def _facts(column: str, filters: Filters, rows: Q, *, as_of: dt.datetime) -> dict[Any, _Facts]:
    counts, _durations = TABLES[column]
    ripe = local_day(as_of, filters.zone) - HORIZON
    found: dict[Any, _Facts] = defaultdict(_Facts)
    days = filters.over(counts, column, where=rows).filter(fact__in=FACTS)
    days = days.annotate(is_mature=Q(day__lt=ripe))
    told = days.values_list(column, "fact", "is_mature").annotate(rows=stored.Total("count")).order_by()
    for key, fact, is_mature, number in told:
        found[key].every[fact] += number
        found[key].mature[fact] += number if is_mature else 0
    return dict(found)


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


def _shares(facts: Mapping[Any, _Facts], part: str, rest: str, *, as_of: dt.datetime) -> dict[Any, Metric]:
    found = {key: share(one.every[part], one.every[part] + one.every[rest]) for key, one in facts.items()}
    return measure(found, as_of=as_of, partition=len(found) > 1)
