"""How many were open as each day ended, from the days on which contacts began and ended (M22).

A contact that was opened again counts as open from its beginning to its last end: when else it was closed, no count
knows. What is open at this moment is the same as in `backlog`.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from analytics.models import ReturnDay
from analytics.periods import DAY, local_day
from analytics.reports import Filters
from analytics.unanswered import contacts


def left_open(filters: Filters, *, by: str = "", as_of: dt.datetime) -> dict[Any, Mapping[dt.date, int]]:
    """By the column's value, None without one: of each day of the period so far, how many were open as it ended.

    On the present day, which has not, how many are open now.
    """
    period, columns = filters.period, (by,) if by else ()
    today = local_day(as_of, filters.zone)
    last = min(period.end, today)
    rows = contacts(ReturnDay, filters, *columns).filter(day__lte=last)
    rows = rows.filter(Q(ended=None) | Q(ended__gte=period.start))
    began, ended = _by_day(rows, by, "day"), _by_day(rows.exclude(ended=None), by, "ended")
    found: dict[Any, Mapping[dt.date, int]] = {}
    for key in sorted(began, key=str) if by else [None]:
        left = sum(count for day, count in began[key].items() if day < period.start)
        days: dict[dt.date, int] = {}
        for number in range((last - period.start).days + 1):
            day = period.start + number * DAY
            # By a clock ahead of ours a contact may end tomorrow: now it is not open.
            over = sum(n for on, n in ended[key].items() if on >= day) if day == today else ended[key][day]
            left += began[key][day] - over
            days[day] = left
        found[key] = days
    return found


def _by_day(rows: QuerySet[Any], by: str, moment: str) -> dict[Any, Counter[dt.date]]:
    found: dict[Any, Counter[dt.date]] = defaultdict(Counter)
    columns = ("on", by) if by else ("on",)
    told = rows.annotate(on=F(moment)).values_list(*columns).annotate(rows=Sum("count")).order_by()
    for day, *key, count in told:
        found[key[0] if key else None][day] += count
    return found
