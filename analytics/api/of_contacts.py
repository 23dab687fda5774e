"""Contacts and how they are served, as the API reads them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from analytics import over_time, returns
from analytics.api.question import Question, Told, figure, of_points, of_segments, told
from analytics.complaining import report as complaining
from analytics.intervals import count_interval
from analytics.metrics import Metric
from analytics.periods import Period, local_day
from analytics.scores import Share
from analytics.service import hours_of
from analytics.service_block import day_name, slot_name
from analytics.serving import slots
from analytics.serving.history import left_open
from analytics.serving.load import load
from analytics.serving.parts import ALL, WORKING
from analytics.serving.plan_form import PlanForm
from analytics.serving.queues import Waits, queues
from analytics.serving.reasons import reasons
from analytics.serving.report import FIRST, HANDLE, REQUESTER_WAIT, RESOLUTION, RESPONSE, Row, times
from analytics.serving.segments import Row as OfSegment
from analytics.serving.segments import by_segment
from analytics.serving.spans import Quantile, Spread
from analytics.serving.staff import staff
from analytics.slice_counts import SEGMENT
from analytics.unanswered import waiting_of_both
from analytics.volume import SAME_WEEKDAYS, Slot
from analytics.waiting import Queue
from analytics.waiting import abandonment as gave_up
from analytics.waiting import service_level as level_of
from surveys.models.customers import Channel

# Which time of the page of service times a metric is.
TIMES = {
    "first_response_time": RESPONSE, "resolution_time": RESOLUTION, "first_solution_time": FIRST,
    "handle_time": HANDLE, "requester_wait": REQUESTER_WAIT,
}  # fmt: skip
# Under which name a row of the page has it, where that is another.
OF_ROW = {FIRST: "first_solved"}
HOUR, REASON = "hour", "reason"
# Channels whose contacts may lie for a while: people are needed by the day.
WRITTEN = "written"


def volume(asked: Question) -> Iterable[Told]:
    if asked.by == HOUR:
        return [
            Told(
                _slot(slot),
                figure(cell.rate, cell.contacts, cell.lo, cell.hi, state="full"),
                name=slot_name(slot),
            )
            for slot, cell in sorted(hours_of(asked.filters, as_of=asked.as_of).items())
            if cell.contacts
        ]
    if asked.by == SEGMENT:
        return [Told(row.value, counted(row.contacts)) for row in _segments(asked)]
    if asked.step:
        found = over_time.contacts(asked.filters, asked.step, by=asked.by)
        return [Told(key, counted(n), day) for key, by_slot in found.items() for day, n in by_slot.items()]
    if asked.by == REASON:
        return [Told(one.name, counted(one.contacts)) for one in reasons(asked.filters, as_of=asked.as_of)]
    return [Told(row.part.key, counted(row.contacts)) for row in _rows(asked)]


def expected(asked: Question) -> Iterable[Told]:
    """What to expect of the next days; each day holds it four times in five."""
    found = load(asked.filters, as_of=asked.as_of)
    return [
        Told(None, figure(day.value, found.known, day.lo, day.hi, state="full"), start) for start, day in found.ahead
    ]


def people(asked: Question) -> Iterable[Told]:
    """Whom to put on the roster (M21) by channel and hour of the week, and by the day for what is written.

    `num` of them are at work; the upper limit is for the upper limit of what comes. Fewer weeks than eight are weak.
    """
    plan = PlanForm(asked.planned, names=dict(Channel.choices)).plan()
    found = staff(asked.filters, plan, as_of=asked.as_of)
    most = staff(asked.filters, replace(plan, upper=True), as_of=asked.as_of)
    known = {"state": "full" if found.weeks == SAME_WEEKDAYS else "weak"}
    for channel, hours in found.live.items():
        for hour, busier in zip(hours, most.live[channel], strict=True):
            told = figure(hour.scheduled, 7 * found.weeks, hi=busier.scheduled, num=hour.agents, **known)
            yield Told(
                f"{channel}/{_slot(hour.slot)}",
                told,
                name=f"{Channel(channel).label}, {slot_name(hour.slot)}",
            )
    for day in found.written:
        told = figure(day.scheduled, 7 * found.weeks, num=day.agents, **known)
        yield Told(f"{WRITTEN}/{day.weekday + 1}", told, name=day_name(day.weekday))


def _slot(slot: Slot) -> str:
    """Like "1-09": Monday from nine to ten."""
    return f"{slot.weekday + 1}-{slot.hour:02}"


def backlog(asked: Question) -> Iterable[Told]:
    """How many are open now, or were as each slot ended."""
    if asked.step:
        found = slots.backlogs(asked.filters, asked.step, by=asked.by, as_of=asked.as_of)
        return [Told(key, counted(n), day) for key, day, n in found]
    if asked.by == REASON:
        today = local_day(asked.as_of, asked.filters.zone)
        now = replace(asked.filters, period=Period(today, today))
        return [Told(key, counted(days[today])) for key, days in left_open(now, by=REASON, as_of=asked.as_of).items()]
    return [Told(row.part.key, counted(row.backlog.open)) for row in _rows(asked)]


def counted(n: int) -> dict[str, Any]:
    """How many there were is nobody's answer: it is told from the first on."""
    lo, hi = count_interval(n)
    return figure(n, n, lo, hi, state="full")


def _segments(asked: Question) -> list[OfSegment]:
    """Segments of customers, by whatever attribute."""
    waiters = waiting_of_both(asked.filters, as_of=asked.as_of, by_working_time=asked.clock == WORKING)
    found = by_segment(asked.filters, waiters, clock=asked.clock, as_of=asked.as_of)
    return [row for rows in found.values() for row in rows]


def within_target(asked: Question) -> Iterable[Told]:
    if asked.by == SEGMENT:
        return [told(row.value, row.within) for row in _segments(asked) if row.within]
    if asked.step:
        return of_points(slots.within_level(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return _metrics(asked, lambda row: row.within)


def solved(asked: Question) -> Iterable[Told]:
    if asked.by == SEGMENT:
        return [told(row.value, row.solved) for row in _segments(asked)]
    if asked.step:
        return of_points(over_time.solved(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return _metrics(asked, lambda row: row.solved)


def solved_in_time(asked: Question) -> Iterable[Told]:
    if asked.by == SEGMENT:
        return [told(row.value, row.in_time) for row in _segments(asked) if row.in_time]
    if asked.step:
        return of_points(slots.solved_within_level(asked.filters, asked.step, by=asked.by, as_of=asked.as_of))
    return _metrics(asked, lambda row: row.in_time)


def passed_on(asked: Question) -> Iterable[Told]:
    return _parts(asked, "transferred", "contacts", lambda row: row.transferred)


def opened_again(asked: Question) -> Iterable[Told]:
    if asked.by == SEGMENT:
        return [told(row.value, row.reopened) for row in _segments(asked)]
    return _parts(asked, "reopened", "finished", lambda row: row.reopened)


def _parts(asked: Question, part: str, whole: str, metric_of: Callable[[Row], Metric]) -> Iterable[Told]:
    if asked.step:
        return of_points(over_time.parts(asked.filters, part, whole, asked.step, by=asked.by, as_of=asked.as_of))
    return _metrics(asked, metric_of)


def durations(asked: Question) -> Iterable[Told]:
    """Seconds within which so many in a hundred were over; the clock is one of responses and solutions alone."""
    if asked.by == SEGMENT:
        return [Told(row.value, span_of(row.response, asked)) for row in _segments(asked)]
    kind = TIMES[asked.key]
    if asked.step:
        found = over_time.durations(asked.filters, kind, asked.step, clock=asked.clock, by=asked.by, as_of=asked.as_of)
        return [Told(key, span_of(spread, asked), day) for key, day, spread in found]
    return [Told(row.part.key, span_of(getattr(row, OF_ROW.get(kind, kind)), asked)) for row in _rows(asked)]


def waits(asked: Question) -> Iterable[Told]:
    """Seconds in the queue; whoever gave up waited at least so long."""
    if asked.step:
        found = slots.queue_waits(asked.filters, asked.step, by=asked.by)
        return [Told(key, span_of(spread, asked), day) for key, day, spread in found]
    return [Told(one.part.key, span_of(one.wait, asked)) for one in _queues(asked)]


def service_level(asked: Question) -> Iterable[Told]:
    if asked.step:
        return _queues_in_slots(asked, partial(level_of, formula=asked.formula))  # type: ignore[arg-type]
    return [told(one.part.key, one.level) for one in _queues(asked)]


def abandonment(asked: Question) -> Iterable[Told]:
    if asked.step:
        return _queues_in_slots(asked, gave_up)
    return [told(one.part.key, one.gave_up) for one in _queues(asked)]


def coming_back(asked: Question) -> Iterable[Told]:
    if asked.by == SEGMENT:
        return [told(row.value, row.returns[asked.key]) for row in _segments(asked)]
    if asked.step:
        return of_points(slots.came_back(asked.filters, asked.key, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(returns.rates_by(asked.filters, asked.key, asked.by, as_of=asked.as_of))


def complained(asked: Question) -> Iterable[Told]:
    if asked.step:
        return of_points(slots.complained(asked.filters, asked.key, asked.step, by=asked.by, as_of=asked.as_of))
    return of_segments(complaining.rates_by(asked.filters, asked.by, as_of=asked.as_of, kind=asked.key))


def span_of(spread: Spread, asked: Question) -> dict[str, Any]:
    """The percentile that is asked for."""
    found: Quantile = {50: spread.half, 90: spread.nine, 95: spread.most}[asked.percentile]
    return figure(found.value, spread.n, found.lo, found.hi)


def _rows(asked: Question) -> list[Row]:
    found = times(asked.filters, clock=asked.clock, as_of=asked.as_of)
    return list({"": (found.total,), "channel": found.channels, "team": found.teams}[asked.by])


def _metrics(asked: Question, metric_of: Callable[[Row], Metric | None]) -> list[Told]:
    return [told(row.part.key, metric) for row in _rows(asked) if (metric := metric_of(row))]


def _queues(asked: Question) -> list[Waits]:
    """Of one queue alone, that is the whole."""
    chosen: dict[str, Any] = {"target": asked.target, "formula": asked.formula, "as_of": asked.as_of}
    found = queues(asked.filters, by=asked.by or "channel", **chosen)
    if asked.by:
        return [one for one in found if one.part.by]
    return [replace(one, part=ALL) for one in found[:1]]


def _queues_in_slots(asked: Question, share_of: Callable[[Queue], Share]) -> list[Told]:
    return of_points(
        slots.queue_shares(
            asked.filters, share_of, asked.step, target=asked.target, by=asked.by, as_of=asked.as_of
        )
    )  # fmt: skip
