"""How many people the hours of the week need, from the last eight weeks (M21)."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from analytics import stored
from analytics.display import SHOWN_FROM
from analytics.intervals import count_interval
from analytics.models import ContactHour, DurationDay
from analytics.periods import WEEK, Period, local_day
from analytics.quantiles import bucket_value
from analytics.reports import Filters, within
from analytics.staffing import OCCUPANCY, SERVICE_LEVEL, SHRINKAGE, mail_agents, on_roster, staffing
from analytics.unanswered import contacts
from analytics.volume import SAME_WEEKDAYS, Slot

# Somebody waits for an answer at once in these; in the others work may lie for a while.
LIVE, WRITTEN = ("phone", "chat"), ("email", "web", "messenger")
HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is aimed at. `minutes` is how long a contact takes by channel, where it is not to be taken from the data.

    With `upper` the hours are planned for the upper limit of what comes, not for the mean. `chats` are served by one
    person at once.
    """

    target: float = 20
    level: float = SERVICE_LEVEL
    occupancy: float = OCCUPANCY
    shrinkage: float = SHRINKAGE
    chats: int = 2
    shift: float = 8
    upper: bool = False
    minutes: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Hour:
    """An hour of the week: contacts to expect with their limits, people at work and on the roster, what they reach."""

    slot: Slot
    rate: float
    lo: float
    hi: float
    agents: int
    scheduled: int
    level: float
    occupancy: float


@dataclass(frozen=True, kw_only=True)
class Day:
    """A weekday of written contacts: how many to expect, hours of work in them, people at work and on the roster."""

    weekday: int
    contacts: float
    work: float
    agents: int
    scheduled: int


@dataclass(frozen=True, kw_only=True)
class Handling:
    """How long a contact of a channel takes, in seconds: as planned, else the mean of `n`; None when nobody knows."""

    seconds: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Staff:
    """People needed by channel and hour of the week, and by weekday for what is written; from so many `weeks`."""

    weeks: int
    live: Mapping[str, tuple[Hour, ...]]
    written: tuple[Day, ...]
    handling: Mapping[str, Handling]


def staff(filters: Filters, plan: Plan, *, as_of: dt.datetime) -> Staff:
    """Who is needed, by the whole weeks that end yesterday, eight at most."""
    today = local_day(as_of, filters.zone)
    span = Period(today - SAME_WEEKDAYS * WEEK, today - dt.timedelta(days=1))
    counts, first = _arrivals(filters, span)
    weeks = min(SAME_WEEKDAYS, (today - first) // WEEK) if first else 0
    handling = _handling(filters, span, plan)
    if not weeks:
        return Staff(weeks=0, live={}, written=(), handling=handling)
    live = {
        channel: tuple(
            _hour(slot, count, weeks, seconds, plan, channel) for slot, count in sorted(counts[channel].items())
        )
        for channel in LIVE
        if counts[channel] and (seconds := handling[channel].seconds)
    }
    return Staff(weeks=weeks, live=live, written=_written(counts, weeks, handling, plan), handling=handling)


def _arrivals(filters: Filters, span: Period) -> tuple[dict[str, Counter[Slot]], dt.date | None]:
    """Contacts by channel and hour of the week, and the first day that has any."""
    rows = contacts(ContactHour, filters, "channel").filter(within(span), channel__in=LIVE + WRITTEN)
    first = rows.order_by("day").values_list("day", flat=True).first()
    counts: dict[str, Counter[Slot]] = defaultdict(Counter)
    if first:
        # Whole weeks alone: each weekday as often as any other.
        weeks = (span.end + dt.timedelta(days=1) - first) // WEEK
        rows = rows.filter(day__gt=span.end - weeks * WEEK)
        sums = rows.values_list("channel", stored.weekday(), "hour").annotate(rows=stored.Total("count"))
        for channel, weekday, hour, count in sums.order_by():
            counts[channel][Slot(weekday, hour)] += count
    return counts, first


def _handling(filters: Filters, span: Period, plan: Plan) -> dict[str, Handling]:
    rows = contacts(DurationDay, filters, "channel").filter(within(span), span="handle")
    found = defaultdict(Counter, {key: hist for (key,), hist in stored.histograms(rows, "channel").items()})
    told = {}
    for channel in LIVE + WRITTEN:
        n = found[channel].total()
        known = sum(bucket_value(key) * count for key, count in found[channel].items()) / n if n >= SHOWN_FROM else None
        planned = plan.minutes.get(channel)
        told[channel] = Handling(seconds=60 * planned if planned else known, n=n)
    return told


def _hour(slot: Slot, count: int, weeks: int, handle: float, plan: Plan, channel: str) -> Hour:
    lo, hi = count_interval(count, float(weeks))
    rate = hi if plan.upper else count / weeks
    need = staffing(
        arrivals=rate / HOUR,
        handle_time=handle,
        target=plan.target,
        service_level=plan.level,
        occupancy=plan.occupancy,
        shrinkage=plan.shrinkage,
    )
    agents = math.ceil(need.agents / plan.chats) if channel == "chat" else need.agents
    return Hour(
        slot=slot,
        rate=count / weeks,
        lo=lo,
        hi=hi,
        agents=agents,
        scheduled=on_roster(agents, plan.shrinkage),
        level=need.service_level,
        occupancy=need.occupancy,
    )


def _written(
    counts: Mapping[str, Counter[Slot]], weeks: int, handling: Mapping[str, Handling], plan: Plan
) -> tuple[Day, ...]:
    days = []
    for weekday in range(7):
        contacts = work = 0.0
        for channel in WRITTEN:
            came = sum(count for slot, count in counts.get(channel, {}).items() if slot.weekday == weekday) / weeks
            seconds = handling[channel].seconds
            contacts += came if seconds else 0
            work += came * (seconds or 0) / HOUR
        agents = mail_agents(workload_hours=work, shift_hours=plan.shift, occupancy=plan.occupancy)
        days.append(
            Day(
                weekday=weekday,
                contacts=contacts,
                work=work,
                agents=agents,
                scheduled=on_roster(agents, plan.shrinkage),
            )
        )
    return tuple(days) if any(day.work for day in days) else ()
