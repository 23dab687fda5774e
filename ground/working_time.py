"""Working time: how much of it lies between two moments, and when so much of it is over. Pure.

A moment is open when the clock on the wall shows a time within an interval of its day. So an hour that a change of
clocks leaves out is never open, one that comes twice is open twice, and "00:00" to "24:00" is the whole day however
long it is. Everything is counted in UTC (M19 of the metrics).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

DAY = dt.timedelta(days=1)
WHOLE_DAY = 24 * 60
# No offset from UTC is larger than this, so that the moments of a local day lie within it on either side.
LARGEST_OFFSET = dt.timedelta(hours=16)
STEP = dt.timedelta(hours=8)
# Who waits for an opening waits no longer than this, whatever the calendar says.
# So many times as far ahead as one look goes; whoever needs longer has as good as no hours.
LOOKS = 10
FURTHEST = 400

Interval = tuple[int, int]  # minutes after local midnight, the second excluded
Intervals = tuple[Interval, ...]


def minutes(clock: str) -> int:
    """Minutes after midnight of "09:30"; "24:00" is the end of the day. Raises ValueError for anything else."""
    hours, _colon, rest = clock.partition(":")
    if not (hours.isascii() and hours.isdigit() and rest.isascii() and rest.isdigit() and len(rest) == 2):
        raise ValueError(f"not a time of day: {clock!r}")
    found = int(hours) * 60 + int(rest)
    if int(rest) > 59 or found > WHOLE_DAY:
        raise ValueError(f"not a time of day: {clock!r}")
    return found


def intervals(pairs: Iterable[Sequence[str]]) -> Intervals:
    """Intervals in order, those that touch made one; raises ValueError for one that ends before it begins."""
    merged: list[Interval] = []
    for begins, ends in sorted((minutes(begin), minutes(end)) for begin, end in pairs):
        if ends <= begins:
            raise ValueError(f"it ends before it begins: {begins}-{ends}")
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return tuple(merged)


def nothing_special(day: dt.date) -> Intervals | None:
    return None


@dataclass(frozen=True)
class Hours:
    """A week of intervals in a zone, Monday 0; `special` gives those of a day that differs, None of a usual one."""

    zone: dt.tzinfo
    week: Mapping[int, Intervals]
    special: Callable[[dt.date], Intervals | None] = nothing_special

    def of(self, day: dt.date) -> Intervals:
        """The intervals of a local day."""
        special = self.special(day)
        return self.week.get(day.weekday(), ()) if special is None else special

    def is_working_day(self, day: dt.date) -> bool:
        return bool(self.of(day))

    def opens(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """When it is open on a local day, in UTC and in order."""
        found: list[tuple[dt.datetime, dt.datetime]] = []
        for begins, ends in self.of(day):
            for midnight, first, last in _pieces(self.zone, day):
                start = max(midnight + dt.timedelta(minutes=begins), first)
                end = min(midnight + dt.timedelta(minutes=ends), last)
                if start < end:
                    found.append((start, end))
        return sorted(found)

    def opens_after(self, moment: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """What is open from the moment on, in order, for about a year."""
        moment = moment.astimezone(dt.UTC)
        today = moment.astimezone(self.zone).date()
        for days in range(-1, FURTHEST):
            for start, end in self.opens(today + days * DAY):
                if end > moment:
                    yield max(start, moment), end


def working_seconds(hours: Hours, start: dt.datetime, end: dt.datetime) -> float:
    """Seconds of working time between two moments; 0 when the end is not after the start."""
    if end <= start:
        return 0.0
    start, end = start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    day, last = (start.astimezone(hours.zone).date() - DAY, end.astimezone(hours.zone).date() + DAY)
    total = 0.0
    while day <= last:
        for opens, closes in hours.opens(day):
            total += max((min(closes, end) - max(opens, start)).total_seconds(), 0.0)
        day += DAY
    return total


def add_working_time(hours: Hours, moment: dt.datetime, seconds: float) -> dt.datetime:
    """The first moment, in UTC, at which so much working time has passed; with none to pass, the next opening.

    Hours that never open are as good as none: then the clock on the wall counts.
    """
    rest, at = dt.timedelta(seconds=seconds), moment
    for _look in range(LOOKS):
        for start, end in hours.opens_after(at):
            if rest <= end - start:
                return start + rest
            rest -= end - start
            at = end
    return moment.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)


def working_time_ago(hours: Hours, moment: dt.datetime, seconds: float) -> dt.datetime | None:
    """The earliest moment, in UTC, since which no more than so much working time has passed; None without any."""
    rest, moment = dt.timedelta(seconds=seconds), moment.astimezone(dt.UTC)
    today = moment.astimezone(hours.zone).date()
    for back in range(-1, LOOKS * FURTHEST):
        for start, end in reversed(hours.opens(today - back * DAY)):
            length = min(end, moment) - start
            if rest < length:
                return min(end, moment) - rest
            rest -= max(length, dt.timedelta())
    return None


def end_of_working_day(hours: Hours, moment: dt.datetime, days: int) -> dt.datetime:
    """When the last of so many working days after the moment's own day closes, in UTC.

    Hours that never open are as good as none: then the days of the calendar count.
    """
    today = moment.astimezone(hours.zone).date()
    for ahead in range(1, FURTHEST):
        opens = hours.opens(today + ahead * DAY)
        days -= bool(opens)
        if not days:
            return opens[-1][1]
    return moment.astimezone(dt.UTC) + days * DAY


def next_opening(hours: Hours, moment: dt.datetime) -> dt.datetime | None:
    """The moment itself when it is open, else the next one that is, in UTC; None when none is within a year."""
    return next((start for start, _end in hours.opens_after(moment)), None)


@lru_cache(maxsize=20_000)
def _pieces(zone: dt.tzinfo, day: dt.date) -> tuple[tuple[dt.datetime, dt.datetime, dt.datetime], ...]:
    """The stretches of one offset around a local day: its midnight as that offset has it, and where it holds, in UTC.

    The day's own moments all lie within them; what lies beside the day is cut off by the midnights.
    """
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    first, last = midnight - LARGEST_OFFSET, midnight + DAY + LARGEST_OFFSET
    edges = [first]
    at = first
    while at < last:
        after = min(at + STEP, last)
        if _offset(zone, at) != _offset(zone, after):
            edges.append(_change(zone, at, after))
        at = after
    edges.append(last)
    return tuple((midnight - _offset(zone, start), start, end) for start, end in pairwise(edges))


def _offset(zone: dt.tzinfo, moment: dt.datetime) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or dt.timedelta()


def _change(zone: dt.tzinfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The second at which the offset becomes another one."""
    old = _offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, dt.datetime.fromtimestamp(middle, dt.UTC)) == old:
            low = middle
        else:
            high = middle
    return dt.datetime.fromtimestamp(high, dt.UTC)
