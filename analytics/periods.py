"""Periods of whole reporting days, the ones they are compared with, and what such days are in UTC.

A local day lasts from midnight to midnight of its zone: 23, 24 or 25 hours. Weeks are ISO ones, from Monday.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
YEAR = 52 * WEEK
FEWEST_WEEKS, MOST_WEEKS = 12, 53


@dataclass(frozen=True)
class Period:
    """The reporting days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def ending(self, day: dt.date) -> "Period":
        """As many days, the last of which is `day`."""
        return Period(day - dt.timedelta(days=self.days - 1), day)

    def previous(self) -> "Period":
        """As many days, just before."""
        return self._moved(dt.timedelta(days=self.days))

    def year_ago(self) -> "Period":
        """The same weekdays 52 weeks before; further back, by whole weeks, where the two would overlap."""
        return self._moved(max(YEAR, -(-self.days // 7) * WEEK))

    def compared(self, how: str) -> "Period | None":
        """What it is compared with: "none", "year", or what lies just before."""
        return {"none": None, "year": self.year_ago()}.get(how, self.previous())

    def moments(self, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
        """Its first moment and the first after it, in UTC."""
        return utc_range(self.start, self.end + DAY if self.end < dt.date.max else self.end, zone)

    def weeks(self) -> list["Period"]:
        """ISO weeks up to the period's last day, oldest first: at least twelve, at most a year's.

        The last one ends with the period; the first is whole, also where the period begins within it.
        """
        last = _monday(self.end)
        count = min(max(FEWEST_WEEKS, (last - _monday(self.start)).days // 7 + 1), MOST_WEEKS)
        starts = [last - back * WEEK for back in reversed(range(count))]
        return [Period(start, self.end if start == last else start + WEEK - DAY) for start in starts]

    def each(self) -> list[dt.date]:
        """Its days."""
        return [self.start + n * DAY for n in range(self.days)]

    def cut(self, step: str) -> list["Period"]:
        """Its days, ISO weeks or calendar months ("day", "week", "month"); the first and the last within it alone."""
        found, start = [], self.start
        while start <= self.end:
            end = min(last_of(start, step), self.end)
            found.append(Period(start, end))
            start = end + DAY
        return found

    def is_whole(self, step: str) -> bool:
        """Whether it is a whole day, ISO week or month, not a part that `cut` or `weeks` leaves of one."""
        first = {"week": _monday(self.start), "month": self.start.replace(day=1)}.get(step, self.start)
        return first == self.start and self.end == last_of(self.start, step)

    def _moved(self, by: dt.timedelta) -> "Period":
        return Period(self.start - by, self.end - by)


def last_of(day: dt.date, step: str) -> dt.date:
    """The last day of the week or month that a day is in."""
    if step == "week":
        return day + dt.timedelta(days=7 - day.isoweekday())
    if step == "month":
        after = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return after - DAY
    return day


def local_day(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The calendar day of an aware moment in a zone."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=1024)  # the links of a page ask for the same few
def utc_range(first: dt.date, after: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The moments in UTC at which `first` and `after` begin in a zone; `after` is no longer part of the range."""
    return _midnight(first, zone), _midnight(after, zone)


def day_seconds(day: dt.date, zone: dt.tzinfo) -> float:
    """How long a local day lasts, in seconds."""
    begins, ends = utc_range(day, day + DAY, zone)
    return (ends - begins).total_seconds()


def week_label(day: dt.date) -> str:
    """The ISO week of a day by its ISO year, as 2026-W53."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def _monday(day: dt.date) -> dt.date:
    return day - day.weekday() * DAY


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    midnight = dt.datetime.combine(day, dt.time(), zone)
    try:
        return midnight.astimezone(dt.UTC)
    except OverflowError:  # the calendar's first and last day: one odd import must not stop whoever counts
        return midnight.replace(tzinfo=dt.UTC)
