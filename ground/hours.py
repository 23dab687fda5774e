"""People's own hours: when their quiet time is over, and when their clock shows an hour next. Pure.

A local time that a change of clocks leaves out is read with the offset before the change, as iCalendar does; of one
that comes twice the first counts. Quiet time is never cut short by either: it lasts from the earliest to the latest
moment that its two ends can mean.
"""

import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Quiet:
    """The hours of each day in which nothing is sent; `until` may lie after midnight. Equal ends are none at all."""

    begins: dt.time
    until: dt.time

    @property
    def is_over_midnight(self) -> bool:
        return self.until < self.begins


def readings(day: dt.date, at: dt.time, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """The moments, in UTC, that a local time means before and after a change of clocks; equal on any other day."""
    local = dt.datetime.combine(day, at, zone)
    before, after = (local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    return before, after


def next_at(now: dt.datetime, at: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """The first moment after `now`, in UTC, at which a clock in the zone shows `at`."""
    today = now.astimezone(zone).date()
    moments = (readings(today + days * DAY, at, zone)[0] for days in range(-1, 4))
    return min(moment for moment in moments if moment > now)


def after_quiet(moment: dt.datetime, quiet: Quiet | None, zone: dt.tzinfo) -> dt.datetime:
    """The moment itself, or the end of the quiet time that it falls into."""
    if quiet is None or quiet.begins == quiet.until:
        return moment
    today = moment.astimezone(zone).date()
    for days in range(-2, 3):
        begins = min(readings(today + days * DAY, quiet.begins, zone))
        last_day = today + (days + quiet.is_over_midnight) * DAY
        until = max(readings(last_day, quiet.until, zone))
        if begins <= moment < until:
            moment = until
    return moment
