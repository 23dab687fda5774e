"""Waiting in the queues of phone and chat: the service level by each formula in use, who gave up, how long (M15)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from analytics import stored
from analytics.metrics import Metric, measure
from analytics.models import ContactDay, DurationDay
from analytics.queue_steps import GAVE_UP, PICKED_UP, queue
from analytics.reports import BEFORE, NOW, Filters
from analytics.scores import Share
from analytics.serving.parts import ALL, KIND, Part
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import contacts_over, contacts_over_both
from analytics.waiting import Formula, Queue, abandonment, service_level

WAIT, ABANDONED = "wait", "abandoned"
# Seconds, unless another target is asked for.
USUAL_TARGET = 20


@dataclass(frozen=True, kw_only=True)
class Waits:
    """One queue: how many came, the share served in time, the share that gave up, and how long they waited.

    `wait` counts whoever gave up as having waited at least so long; its mean is of those picked up.
    """

    part: Part
    queue: Queue
    level: Metric
    gave_up: Metric
    wait: Spread


def queues(
    filters: Filters, *, target: int, formula: Formula, as_of: dt.datetime, by: str = "channel"
) -> tuple[Waits, ...]:
    """The queues of the channels, or teams, that have one, all of them first when they are several."""
    facts, spans = _facts(filters, by), _spans(filters, by)
    parts = sorted({part for when, part in facts if when == NOW and part.by == by}, key=str)
    if len(parts) > 1:
        parts = [ALL, *parts]
    told = {(when, part): queue(facts[when, part], target=target) for when in (NOW, BEFORE) for part in parts}

    def compared(of: Callable[[Queue], Share]) -> Mapping[Part, Metric]:
        now, before = ({part: of(told[when, part]) for part in parts} for when in (NOW, BEFORE))
        return measure(now, before=before if filters.before else None, as_of=as_of, family=KIND, partition=KIND)

    levels = compared(lambda found: service_level(found, formula=formula))
    gave_up = compared(abandonment)
    return tuple(
        Waits(
            part=part,
            queue=told[NOW, part],
            level=levels[part],
            gave_up=gave_up[part],
            wait=spread(spans[part, WAIT], at_least(spans[part, ABANDONED])),
        )
        for part in parts
    )


def _facts(filters: Filters, by: str) -> dict[tuple[str, Part], Counter[str]]:
    steps = Q(fact__startswith=PICKED_UP) | Q(fact__startswith=GAVE_UP)
    rows = contacts_over_both(ContactDay, filters, by).filter(steps)
    found: dict[tuple[str, Part], Counter[str]] = defaultdict(Counter)
    for when, key, fact, count in rows.values_list("when", by, "fact").annotate(rows=Sum("count")).order_by():
        for part in (ALL, Part(by, key)):
            found[when, part][fact] += count
    return found


def _spans(filters: Filters, by: str) -> dict[tuple[Part, str], Counter[int]]:
    rows = contacts_over(DurationDay, filters, by).filter(span__in=(WAIT, ABANDONED))
    found: dict[tuple[Part, str], Counter[int]] = defaultdict(Counter)
    for (key, span), hist in stored.histograms(rows, by, "span").items():
        for part in (ALL, Part(by, key)):
            found[part, span].update(hist)
    return found
