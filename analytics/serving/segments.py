"""How each segment of customers is served: first responses, what was solved and reopened, and who came back."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum

from analytics import segment_counts, stored
from analytics.contact_counts import HORIZON
from analytics.metrics import Metric, measure
from analytics.models import ContactSliceDay, DurationSliceDay, ReturnSliceDay
from analytics.periods import local_day
from analytics.reports import BEFORE, NOW, Filters, within
from analytics.returns import RATES, rate_of, tallied, variant_of
from analytics.scores import Share, share
from analytics.serving.parts import WORKING
from analytics.serving.report import ENDED, RESPONSE, SPANS
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import Waiter, contacts
from surveys.models import Interaction, Segment


@dataclass(frozen=True, kw_only=True)
class Row:
    """The contacts of customers with one value of an attribute; `returns` are the rates of coming back, by name."""

    value: str
    contacts: int
    response: Spread
    within: Metric | None
    solved: Metric
    reopened: Metric
    returns: Mapping[str, Metric]


@dataclass
class _Told:
    facts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    mature: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    spans: dict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    waits: dict[str, Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    returns: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def by_segment(
    filters: Filters, waiters: Iterable[Waiter], *, clock: str, as_of: dt.datetime
) -> dict[Segment, tuple[Row, ...]]:
    """By attribute, the values with most contacts first; an attribute of which one value alone is known is left out."""
    segments = list(Segment.objects.all())
    if not segments:
        return {}
    told = _counted(filters, waiters, clock=clock, as_of=as_of)
    values = {value for when, value, fact in told.facts if when == NOW and fact == "contacts"}
    order = sorted(values, key=lambda value: (-told.facts[NOW, value, "contacts"], value))
    found: dict[Segment, tuple[Row, ...]] = {}
    for segment in segments:
        own = [value for value in order if value.startswith(f"{segment.attribute}=")]
        if len(own) > 1:
            found[segment] = _rows(own, told, filters, clock=clock, as_of=as_of)
    return found


def _counted(filters: Filters, waiters: Iterable[Waiter], *, clock: str, as_of: dt.datetime) -> _Told:
    told, today = _Told(), local_day(as_of, filters.zone)
    rows = filters.of_both_periods(contacts(ContactSliceDay, filters))
    rows = rows.annotate(is_mature=Q(day__lt=today - HORIZON)).values_list("when", "value", "fact", "is_mature")
    for when, value, fact, is_mature, count in rows.annotate(rows=Sum("count")).order_by():
        told.facts[when, value, fact] += count
        told.mature[when, value, fact] += count if is_mature else 0
    spans = contacts(DurationSliceDay, filters).filter(
        within(filters.period), span__in=(SPANS[clock, RESPONSE], ENDED[clock])
    )
    told.spans.update(stored.histograms(spans, "value", "span"))
    variant = variant_of(filters)
    back = filters.of_both_periods(contacts(ReturnSliceDay, filters))
    back = back.annotate(is_judged=Q(ended__lt=today - dt.timedelta(days=variant.days)))
    for (when, value, is_judged), marks in stored.histograms(back, "when", "value", "is_judged").items():
        told.returns[when, value].update(tallied(marks, variant, is_judged=is_judged))
    _add_waiters(told, filters, list(waiters), clock=clock)
    return told


def _add_waiters(told: _Told, filters: Filters, waiters: list[Waiter], *, clock: str) -> None:
    """Who waits beyond the level is late, and has waited at least so long."""
    segments = segment_counts.of_contacts(Interaction.objects.filter(pk__in=[waiter.pk for waiter in waiters]))
    for waiter in waiters:
        is_now = filters.period.start <= waiter.day <= filters.period.end
        if not is_now and not (filters.before and filters.before.start <= waiter.day <= filters.before.end):
            continue
        for value in segments.get(waiter.pk, ()):
            told.facts[NOW if is_now else BEFORE, value, "overdue"] += bool(waiter.is_overdue)
            if is_now:
                told.waits[value][(waiter.working if clock == WORKING else waiter.wall) or 0.0] += 1


def _rows(values: list[str], told: _Told, filters: Filters, *, clock: str, as_of: dt.datetime) -> tuple[Row, ...]:
    def compared(of: Callable[[str, str], Share]) -> dict[str, Metric]:
        before = {value: of(BEFORE, value) for value in values} if filters.before else None
        return measure({value: of(NOW, value) for value in values}, before=before, as_of=as_of, partition=True)

    def part(counts: Mapping[Any, int], hit: str, *whole: str) -> Callable[[str, str], Share]:
        return lambda when, value: share(
            counts.get((when, value, hit), 0), sum(counts.get((when, value, one), 0) for one in whole)
        )

    kept = compared(part(told.facts, "met", "met", "late", "overdue")) if filters.levels else {}
    solved = compared(part(told.mature, "solved", "contacts"))
    reopened = compared(part(told.facts, "reopened", "finished"))

    def returning(rate: str) -> Callable[[str, str], Share]:
        return lambda when, value: rate_of(rate, told.returns[when, value])

    back = {rate: compared(returning(rate)) for rate in RATES}
    return tuple(
        Row(
            value=value,
            contacts=told.facts[NOW, value, "contacts"],
            response=spread(
                told.spans[value, SPANS[clock, RESPONSE]], at_least(told.spans[value, ENDED[clock]], told.waits[value])
            ),
            within=kept.get(value),
            solved=solved[value],
            reopened=reopened[value],
            returns={rate: metrics[value] for rate, metrics in back.items()},
        )
        for value in values
    )
