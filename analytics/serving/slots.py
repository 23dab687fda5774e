"""Contacts and queues slot by slot, by the days, weeks or months on which they began (M15, M18, M22 to M25)."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q

from analytics import stored
from analytics.complaining import report as complaining
from analytics.complaining import texts
from analytics.complaints import REPEAT_DAYS
from analytics.contact_counts import SOLVED_LATE, SOLVED_MET
from analytics.models import ContactDay, ReturnDay
from analytics.over_time import (
    Point,
    columns_of,
    empty_slots,
    histograms,
    kept_points,
    points_of,
    preliminary,
    slot_of,
    slotted,
)
from analytics.periods import local_day
from analytics.queue_steps import GAVE_UP, PICKED_UP, queue
from analytics.reports import Filters, within
from analytics.returns import CONTACTS, JUDGED, RATES, rate_of, tallied, variant_of
from analytics.scores import Share
from analytics.serving.history import left_open
from analytics.serving.queues import ABANDONED, WAIT
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import contacts, waiting
from analytics.unsolved import unsolved
from analytics.waiting import Queue

Tallies = Mapping[Any, Mapping[dt.date, Counter[Any]]]


def within_level(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The share responded to within the level; slots of which some still have time are preliminary."""
    levels, pending = filters.levels, set()
    if not levels:
        return []
    starts = [slot.start for slot in filters.period.cut(step)]
    rows = contacts(ContactDay, filters, *columns_of(by)).filter(fact__in=("met", "late"))
    tallies = slotted(rows, filters.period, step, "fact", by)
    for waiter in waiting(filters, [filters.period], levels=levels, as_of=as_of):
        where = getattr(waiter, by) if by else None, slot_of(starts, waiter.day)
        if waiter.is_overdue:
            tallies[where[0]][where[1]]["late"] += 1
        elif waiter.is_overdue is False:
            pending.add(where)
    return kept_points(tallies, pending, met="met", late="late", as_of=as_of)


def solved_within_level(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The share solved within the level; slots of which some still have time are preliminary."""
    if not filters.levels.promise_solving:
        return []
    starts, pending = [slot.start for slot in filters.period.cut(step)], set()
    rows = contacts(ContactDay, filters, *columns_of(by)).filter(fact__in=(SOLVED_MET, SOLVED_LATE))
    tallies = slotted(rows, filters.period, step, "fact", by)
    for (day, team, channel, is_late), n in unsolved(filters, filters.period, as_of=as_of).items():
        where = {"": None, "team": team, "channel": channel}[by], slot_of(starts, day)
        if is_late:
            tallies[where[0]][where[1]][SOLVED_LATE] += n
        else:
            pending.add(where)
    return kept_points(tallies, pending, met=SOLVED_MET, late=SOLVED_LATE, as_of=as_of)


def queue_shares(
    filters: Filters, share_of: Callable[[Queue], Share], step: str, *, target: int, by: str = "", as_of: dt.datetime
) -> list[Point]:
    """A share of those who came into a queue; of no queue there is nothing."""
    rows = contacts(ContactDay, filters, *columns_of(by))
    rows = rows.filter(Q(fact__startswith=PICKED_UP) | Q(fact__startswith=GAVE_UP))
    tallies = slotted(rows, filters.period, step, "fact", by)
    return points_of(tallies, lambda facts: share_of(queue(facts, target=target)), as_of=as_of)


def queue_waits(filters: Filters, step: str, *, by: str = "") -> list[tuple[Any, dt.date, Spread]]:
    """How long they waited; whoever gave up waited at least so long."""
    starts = [slot.start for slot in filters.period.cut(step)]
    over, left = (histograms(filters, span, starts, by) for span in (WAIT, ABANDONED))
    return [
        (key, day, spread(over[key][day], at_least(left[key][day])))
        for key in sorted(over.keys() | left.keys(), key=str)
        for day in starts
    ]


def backlogs(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[tuple[Any, dt.date, int]]:
    """How many were open as the last day of each slot ended; of the slot that has not, how many are by now."""
    found, today = left_open(filters, by=by, as_of=as_of), local_day(as_of, filters.zone)
    slots = [slot for slot in filters.period.cut(step) if slot.start <= today]
    return [(key, slot.start, days[min(slot.end, today)]) for key, days in found.items() for slot in slots]


def came_back(filters: Filters, rate: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """One of `returns.RATES`; slots of which not all contacts can be judged yet are preliminary."""
    variant, today = variant_of(filters), local_day(as_of, filters.zone)
    tallies = _slotted_marks(filters, step, by, lambda marks, is_over: tallied(marks, variant, is_judged=is_over),
                             over_before=today - dt.timedelta(days=variant.days))  # fmt: skip
    found = points_of(tallies, lambda tally: rate_of(rate, tally), as_of=as_of)
    if RATES[rate][1] == CONTACTS:  # nothing of it has to be waited for
        return found
    told = ((point, tallies[point.key][point.start]) for point in found)
    return [preliminary(point, tally[JUDGED] < tally[CONTACTS]) for point, tally in told]


def complained(filters: Filters, kind: str, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """One of the rates of complaints per 1000 contacts."""
    tallies = _slotted_marks(filters, step, by, lambda marks, _is_over: complaining.tallied(marks))
    if complaining.TEXTS in complaining.RATES[kind]:
        starts = [slot.start for slot in filters.period.cut(step)]
        for (*where, day), count in texts.by_day(filters, *columns_of(by)).items():
            tallies[where[0] if where else None][slot_of(starts, day)][complaining.TEXTS] += count
    return points_of(tallies, lambda tally: complaining.rate_of(tally, kind), as_of=as_of)


def complained_again(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The share of complaints that another of the customer followed; slots with such as cannot be judged yet are
    preliminary."""
    again, today = complaining.bit_of_again(filters), local_day(as_of, filters.zone)
    tallies = _slotted_marks(
        filters, step, by, lambda marks, is_over: complaining.tallied(marks, again=again if is_over else None),
        over_before=today - dt.timedelta(days=REPEAT_DAYS),
    )  # fmt: skip
    found = points_of(tallies, complaining.again_of, as_of=as_of)
    told = ((point, tallies[point.key][point.start]) for point in found)
    return [preliminary(point, tally[complaining.JUDGED] < tally[complaining.COMPLAINTS]) for point, tally in told]


def _slotted_marks(
    filters: Filters,
    step: str,
    by: str,
    count: Callable[[Mapping[int, int], bool], Counter[str]],
    *,
    over_before: dt.date = dt.date.max,
) -> Tallies:
    """What the marks of contacts come to by value and slot; `over_before` is the day on which they may be judged."""
    starts = [slot.start for slot in filters.period.cut(step)]
    found = empty_slots(starts, by)
    rows = contacts(ReturnDay, filters, *columns_of(by)).filter(within(filters.period))
    rows = rows.annotate(is_over=Q(ended__lt=over_before))
    for (*where, day, is_over), marks in stored.histograms(rows, *columns_of(by), "day", "is_over").items():
        found[where[0] if where else None][slot_of(starts, day)].update(count(marks, bool(is_over)))
    return found
