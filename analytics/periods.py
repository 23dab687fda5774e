"""Periods of whole reporting days, and the ones they are compared with."""

import datetime as dt
from dataclasses import dataclass

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

    def weeks(self) -> list["Period"]:
        """Runs of seven days that end with the period's last day, oldest first: at least twelve, at most a year's."""
        count = min(max(FEWEST_WEEKS, -(-self.days // 7)), MOST_WEEKS)
        ends = [self.end - back * WEEK for back in reversed(range(count))]
        return [Period(end - dt.timedelta(days=6), end) for end in ends]

    def _moved(self, by: dt.timedelta) -> "Period":
        return Period(self.start - by, self.end - by)
