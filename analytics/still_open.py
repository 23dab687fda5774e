"""Days whose numbers can still change, because links that were sent on them, or about them, take answers."""

import datetime as dt

from analytics.filters import Filters
from analytics.periods import local_day


def open_from(filters: Filters, *, as_of: dt.datetime) -> dt.date | None:
    """The first day of the period whose links may still live; None when those of none do."""
    first = local_day(as_of, filters.zone) - dt.timedelta(days=filters.link_days)
    return max(first, filters.period.start) if filters.period.end >= first else None


def is_preliminary(filters: Filters, *, as_of: dt.datetime) -> bool:
    """Whether scores of these days may still change: those by the end of contacts, while links live."""
    return bool(filters.dated and open_from(filters, as_of=as_of))
