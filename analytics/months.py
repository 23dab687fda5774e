"""Months that are over are kept summed, so that a long range is read as whole months and the days at its edges.

Their sums lie among the counts by day under cuts of their own, each on a day a thousand years before its month: what
asks for the days of a period never meets them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from analytics.models import (
    AgentAskedDay,
    AgentContactDay,
    AgentDurationDay,
    AskedDay,
    CommentDay,
    ContactDay,
    DurationDay,
    MonthSum,
    ScoreDay,
    ServedDay,
    TopicDay,
)
from analytics.models.counted import Counted
from analytics.periods import Period, last_of

# By the scope whose changes count their days anew. Counts that hardly any two rows share would be as many by month.
SUMMED: Mapping[str, tuple[type[Counted], ...]] = {
    "response": (ScoreDay, ServedDay),
    "comment": (CommentDay, TopicDay),
    "interaction": (ContactDay, DurationDay, AgentContactDay, AgentDurationDay),
    "invitation": (AskedDay, AgentAskedDay),
}
SCOPES = {table: scope for scope, tables in SUMMED.items() for table in tables}
YEARS = 1000
# Months before and after these years, of one odd import or address, are never summed.
YEARS_SUMMED = range(1900, 9000)
# A range of more days is no range of ours, and one in more pieces is read as days.
MOST_DAYS, MOST_PIECES = 4000, 200

Held = Mapping[str, frozenset[dt.date]]


def first_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def key_of(month: dt.date) -> dt.date:
    """The day that a month's sums lie on."""
    return month.replace(year=month.year - YEARS)


def cut_of(name: str) -> str:
    """Where the months of a cut lie."""
    return name.upper() or "MONTHS"


def held(*periods: Period | None) -> Held:
    """The months within these periods whose sums hold, by scope; nothing is asked where no month is whole."""
    within = {part.start for period in periods if period for part in _parts(period) if _is_whole(part)}
    found: dict[str, set[dt.date]] = defaultdict(set)
    if within:
        rows = MonthSum.objects.filter(holds=True, month__gte=min(within), month__lte=max(within))
        for scope, month in rows.values_list("scope", "month"):
            found[scope].add(month)
    return {scope: frozenset(months & within) for scope, months in found.items()}


def pieces(period: Period, table: type[Counted], known: Held) -> list[dt.date]:
    """The days of a table that tell of a period, those of months summed among them; [] where none is summed."""
    months = known.get(SCOPES.get(table, ""), frozenset())
    found: list[dt.date] = []
    is_summed = False
    for part in _parts(period):
        if _is_whole(part) and part.start in months:
            found.append(key_of(part.start))
            is_summed = True
        else:
            found += part.each()
    return found if is_summed and len(found) <= MOST_PIECES else []


def _parts(period: Period) -> list[Period]:
    is_odd = period.days > MOST_DAYS or period.start.year not in YEARS_SUMMED or period.end.year not in YEARS_SUMMED
    return [] if is_odd else period.cut("month")


def _is_whole(part: Period) -> bool:
    return part.start.day == 1 and part.end == last_of(part.end, "month")
