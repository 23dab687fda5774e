"""How much comes in and when: the heat map by weekday and hour, its peaks, and the forecast by weekday (M20)."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.distributions import normal_quantile
from analytics.intervals import count_interval
from analytics.periods import DAY, day_seconds, utc_range
from ground.working_time import Hours

QUARTER = dt.timedelta(minutes=15)
SAME_WEEKDAYS = 8
ERRORS = 28
# Eight weeks before the first of the 28 days whose forecast is compared with what came.
DAYS_FOR_FORECAST = 7 * SAME_WEEKDAYS + ERRORS
FORECAST_CONFIDENCE = 0.8


class Slot(NamedTuple):
    """An hour of the week: weekday 0 is Monday, hour 0..23 by the local clock."""

    weekday: int
    hour: int


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A slot of the heat map: contacts counted, real hours of it in the period, and the rate per hour with limits.

    A slot without hours, or closed, has no rate.
    """

    contacts: int
    hours: float
    rate: float | None
    lo: float | None
    hi: float | None


@dataclass(frozen=True, kw_only=True)
class Peak:
    """A slot that is busier than the mean of the open ones beyond chance; `ratio` is how many times that mean."""

    slot: Slot
    ratio: float


class DayForecast(NamedTuple):
    """Contacts expected on a day, with the limits that hold it four times of five."""

    value: float
    lo: float
    hi: float


def slot_hours(first: dt.date, after: dt.date, zone: dt.tzinfo) -> dict[Slot, float]:
    """How many real hours of each slot lie between the local days: the night the clocks change has one more or less."""
    hours: dict[Slot, float] = defaultdict(float)
    day = first
    while day < after:
        if _is_plain(day, zone):
            for hour in range(24):
                hours[Slot(day.weekday(), hour)] += 1
        else:
            for slot in _quarters(day, zone):
                hours[slot] += 0.25
        day += DAY
    return dict(hours)


def closed_slots(first: dt.date, after: dt.date, zone: dt.tzinfo, opens: Iterable[Hours]) -> frozenset[Slot]:
    """The slots, by the clock of the zone, in which nobody of `opens` worked on any of these days."""
    worked: set[Slot] = set()
    for hours in opens:
        day = first - DAY
        while day <= after:
            for start, end in hours.opens(day):
                local = start.astimezone(zone)
                while local < end:
                    if first <= local.date() < after:
                        worked.add(Slot(local.weekday(), local.hour))
                    local = (local + QUARTER).astimezone(zone)
            day += DAY
    return frozenset(Slot(weekday, hour) for weekday in range(7) for hour in range(24)) - worked


def heat_map(contacts: Mapping[Slot, int], hours: Mapping[Slot, float], *, closed: frozenset[Slot]) -> dict[Slot, Cell]:
    """Rate per real hour of every slot, with exact Poisson limits; those closed or without hours keep their counts."""
    slots = sorted(hours.keys() | contacts.keys())
    return {slot: _cell(contacts.get(slot, 0), hours.get(slot, 0.0), is_closed=slot in closed) for slot in slots}


def peaks(cells: Mapping[Slot, Cell]) -> list[Peak]:
    """Slots whose lower limit lies above the mean rate of the open ones, the busiest first."""
    rates = {slot: cell.rate for slot, cell in cells.items() if cell.rate is not None}
    mean = math.fsum(rates.values()) / len(rates) if rates else 0.0
    found = [
        Peak(slot=slot, ratio=rate / mean) for slot, rate in rates.items() if mean and (cells[slot].lo or 0.0) > mean
    ]
    return sorted(found, key=lambda peak: (-peak.ratio, peak.slot))


def busiest(cells: Mapping[Slot, Cell]) -> Peak | None:
    """The slot that is busiest beyond chance."""
    return next(iter(peaks(cells)), None)


def forecast(history: Sequence[int], *, horizon: int) -> list[DayForecast] | None:
    """The next days of daily counts, oldest first: the mean of the last eight same weekdays each.

    The interval is that of a Poisson count whose level moves as the last 28 one-day-ahead errors say. None below
    84 days.
    """
    if len(history) < DAYS_FOR_FORECAST:
        return None
    spread = _level_spread(history)
    z = normal_quantile(0.5 + FORECAST_CONFIDENCE / 2)
    days = []
    for ahead in range(horizon):
        value = _mean_before(history, len(history) + ahead % 7)
        half = z * math.sqrt(value + value * value * spread)
        days.append(DayForecast(value, max(0.0, value - half), value + half))
    return days


def _is_plain(day: dt.date, zone: dt.tzinfo) -> bool:
    return day_seconds(day, zone) == DAY.total_seconds()


def _quarters(day: dt.date, zone: dt.tzinfo) -> Iterator[Slot]:
    # Quarters of an hour, because some zones change by half of one.
    moment, end = utc_range(day, day + DAY, zone)
    while moment < end:
        local = moment.astimezone(zone)
        yield Slot(local.weekday(), local.hour)
        moment += QUARTER


def _cell(contacts: int, hours: float, *, is_closed: bool) -> Cell:
    if is_closed or not hours:
        return Cell(contacts=contacts, hours=hours, rate=None, lo=None, hi=None)
    lo, hi = count_interval(contacts, hours)
    return Cell(contacts=contacts, hours=hours, rate=contacts / hours, lo=lo, hi=hi)


def _mean_before(history: Sequence[int], index: int) -> float:
    return sum(history[index - 7 * back] for back in range(1, SAME_WEEKDAYS + 1)) / SAME_WEEKDAYS


def _level_spread(history: Sequence[int]) -> float:
    """Squared coefficient of variation of the level itself: squared errors beyond what Poisson explains."""
    total = 0.0
    for index in range(len(history) - ERRORS, len(history)):
        expected = _mean_before(history, index)
        if expected:
            total += ((history[index] - expected) ** 2 - expected) / expected**2
    return max(0.0, total / ERRORS)
