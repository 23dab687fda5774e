"""How many of those who complained in their own words were contacted in time, by team and channel and by slot (M25)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

from analytics.complaining.loop import COLUMNS, MOST, in_time, texts_of
from analytics.over_time import (
    Point,
    columns_of,
    empty_parts,
    empty_slots,
    points_of,
    preliminary,
    segments_of,
    slot_of,
)
from analytics.periods import Period, local_day
from analytics.reports import BEFORE, NOW, Filters, Segment
from analytics.scores import Share, share
from feedback import complaining

# Whether somebody contacted them in time; of those that wait and are young, nothing is known yet.
MET, MISSED, WAITS = True, False, None
Tally = Counter[bool | None]


def by_part(filters: Filters, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """The share by "team" or "channel", those with most complaints first; with "" the whole."""
    found = empty_parts(column)
    for when, period in ((NOW, filters.period), (BEFORE, filters.before)):
        for key, _said, outcome in _told(filters, period, column, as_of=as_of) if period else ():
            found[key][when][outcome] += 1
    return segments_of(found, _share, filters, column, as_of=as_of)


def by_slot(filters: Filters, step: str, *, by: str, as_of: dt.datetime) -> list[Point]:
    """The share by the slot in which it was said; one in which some may still be contacted in time is preliminary."""
    starts = [slot.start for slot in filters.period.cut(step)]
    found = empty_slots(starts, by)
    for key, said, outcome in _told(filters, filters.period, by, as_of=as_of):
        found[key][slot_of(starts, local_day(said, filters.zone))][outcome] += 1
    points = points_of(found, _share, as_of=as_of)
    return [preliminary(point, found[point.key][point.start][WAITS] > 0) for point in points]


def _told(
    filters: Filters, period: Period, column: str, *, as_of: dt.datetime
) -> Iterator[tuple[Any, dt.datetime, bool | None]]:
    rows = texts_of(filters, period, complaining.are_complaints()).order_by("-said_at", "-pk")
    for said, reacted, done, *key in rows.values_list(*COLUMNS, *columns_of(column))[:MOST]:
        yield key[0] if key else None, said, in_time(said, reacted, done, as_of=as_of)


def _share(tally: Tally) -> Share:
    return share(tally[MET], tally[MET] + tally[MISSED])
