"""How each segment of customers is served: first responses, what was solved and reopened, and who came back."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum

from analytics import segment_counts, stored
from analytics.contact_counts import HORIZON, SOLVED_LATE, SOLVED_MET
from analytics.metrics import Metric, measure
from analytics.models import ContactSliceDay, DurationSliceDay, ReturnSliceDay
from analytics.periods import local_day
from analytics.reports import BEFORE, NOW, Filters, within
from analytics.returns import RATES, rate_of, tallied, variant_of
from analytics.scores import Share, share
from analytics.serving.parts import WORKING
from analytics.serving.report import ENDED, RESPONSE, SPANS
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import Waiter, contacts, of_contacts, waiting_of_both
from analytics.unsolved import overdue
from surveys import segments
from surveys.models import Interaction, Segment


@dataclass(frozen=True, kw_only=True)
class Row:
    """The contacts of customers with one value of an attribute; `returns` are the rates of coming back, by name."""

    value: str
    contacts: int
    contacts_before: int | None
    response: Spread
    within: Metric | None
    in_time: Metric | None
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
    attributes = list(Segment.objects.all())
    if not attributes:
        return {}
    told = _counted(filters, clock=clock, as_of=as_of)
    waiters = list(waiters)
    rows = Interaction.objects.filter(pk__in=[waiter.pk for waiter in waiters])
    _add_waiters(told, filters, waiters, segment_counts.of_contacts(rows), clock=clock)
    late = overdue(filters, filters.periods, as_of=as_of)
    days = dict(late.values_list("pk", "on"))
    _add_overdue(told, filters, days, segment_counts.of_contacts(late) if days else {})
    values = {value for when, value, fact in told.facts if when == NOW and fact == "contacts"}
    order = sorted(values, key=lambda value: (-told.facts[NOW, value, "contacts"], value))
    found: dict[Segment, tuple[Row, ...]] = {}
    for segment in attributes:
        own = [value for value in order if value.startswith(f"{segment.attribute}=")]
        if len(own) > 1:
            found[segment] = _rows(own, told, filters, clock=clock, as_of=as_of)
    return found


def of_segment(value: str, filters: Filters, *, clock: str, as_of: dt.datetime) -> Row:
    """The contacts of one segment alone, like "plan=gold"; its changes are compared with no others."""
    told = _counted(filters, clock=clock, as_of=as_of, value=value)
    rows = of_contacts(filters, team="of_team") & segments.having(value)
    waiters = waiting_of_both(filters, as_of=as_of, by_working_time=clock == WORKING, rows_of=rows)
    _add_waiters(told, filters, waiters, {waiter.pk: [value] for waiter in waiters}, clock=clock)
    late = dict(overdue(filters, filters.periods, as_of=as_of, rows_of=rows).values_list("pk", "on"))
    _add_overdue(told, filters, late, {pk: [value] for pk in late})
    (row,) = _rows([value], told, filters, clock=clock, as_of=as_of)
    return row


def _counted(filters: Filters, *, clock: str, as_of: dt.datetime, value: str = "") -> _Told:
    """What is counted of all segments, or of one value."""
    told, today, chosen = _Told(), local_day(as_of, filters.zone), Q(value=value) if value else Q()
    rows = filters.of_both_periods(contacts(ContactSliceDay, filters).filter(chosen))
    rows = rows.annotate(is_mature=Q(day__lt=today - HORIZON)).values_list("when", "value", "fact", "is_mature")
    for when, of, fact, is_mature, count in rows.annotate(rows=Sum("count")).order_by():
        told.facts[when, of, fact] += count
        told.mature[when, of, fact] += count if is_mature else 0
    spans = contacts(DurationSliceDay, filters).filter(
        chosen, within(filters.period), span__in=(SPANS[clock, RESPONSE], ENDED[clock])
    )
    told.spans.update(stored.histograms(spans, "value", "span"))
    variant = variant_of(filters)
    back = filters.of_both_periods(contacts(ReturnSliceDay, filters).filter(chosen))
    back = back.annotate(is_judged=Q(ended__lt=today - dt.timedelta(days=variant.days)))
    for (when, of, is_judged), marks in stored.histograms(back, "when", "value", "is_judged").items():
        told.returns[when, of].update(tallied(marks, variant, is_judged=is_judged))
    return told


def _add_waiters(
    told: _Told, filters: Filters, waiters: Iterable[Waiter], values: Mapping[int, Iterable[str]], *, clock: str
) -> None:
    """Who waits beyond the level is late, and has waited at least so long; `values` are those of each contact."""
    for waiter in waiters:
        when = filters.when(waiter.day)
        for value in values.get(waiter.pk, ()) if when else ():
            told.facts[when, value, "overdue"] += bool(waiter.is_overdue)
            if when == NOW:
                told.waits[value][(waiter.working if clock == WORKING else waiter.wall) or 0.0] += 1


def _add_overdue(
    told: _Told, filters: Filters, days: Mapping[int, dt.date], values: Mapping[int, Iterable[str]]
) -> None:
    """What is open beyond the time in which it had to be solved is late; `days` are those on which each began."""
    for pk, day in days.items():
        when = filters.when(day)
        for value in values.get(pk, ()) if when else ():
            told.facts[when, value, SOLVED_LATE] += 1


def _rows(values: list[str], told: _Told, filters: Filters, *, clock: str, as_of: dt.datetime) -> tuple[Row, ...]:
    def compared(of: Callable[[str, str], Share]) -> dict[str, Metric]:
        before = {value: of(BEFORE, value) for value in values} if filters.before else None
        return measure(
            {value: of(NOW, value) for value in values}, before=before, as_of=as_of, partition=len(values) > 1
        )

    def part(counts: Mapping[Any, int], hit: str, *whole: str) -> Callable[[str, str], Share]:
        return lambda when, value: share(
            counts.get((when, value, hit), 0), sum(counts.get((when, value, one), 0) for one in whole)
        )

    kept = compared(part(told.facts, "met", "met", "late", "overdue")) if filters.levels else {}
    in_time = compared(part(told.facts, SOLVED_MET, SOLVED_MET, SOLVED_LATE)) if filters.levels.promise_solving else {}
    solved = compared(part(told.mature, "solved", "contacts"))
    reopened = compared(part(told.facts, "reopened", "finished"))

    def returning(rate: str) -> Callable[[str, str], Share]:
        return lambda when, value: rate_of(rate, told.returns[when, value])

    back = {rate: compared(returning(rate)) for rate in RATES}
    return tuple(
        Row(
            value=value,
            contacts=told.facts[NOW, value, "contacts"],
            contacts_before=told.facts[BEFORE, value, "contacts"] if filters.before else None,
            response=spread(
                told.spans[value, SPANS[clock, RESPONSE]], at_least(told.spans[value, ENDED[clock]], told.waits[value])
            ),
            within=kept.get(value),
            in_time=in_time.get(value),
            solved=solved[value],
            reopened=reopened[value],
            returns={rate: metrics[value] for rate, metrics in back.items()},
        )
        for value in values
    )
