"""Who was served both in time and well, by team and channel, and slot by slot (M14)."""

import datetime as dt
from collections import Counter

from analytics.contact_counts import MET
from analytics.models import ServedDay
from analytics.over_time import Point, columns_of, empty_parts, empty_slots, points_of, segments_of, slot_of
from analytics.reports import PARTS, Filters, Segment, within
from analytics.scores import Share
from analytics.served_counts import WITHIN, histograms, of_aspect
from analytics.waiting import speed_and_quality

Cells = Counter[tuple[bool, bool]]
OF_LEVEL = of_aspect(WITHIN)


def by_part(filters: Filters, scale: str, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """The share of both by "team" or "channel", those with most answers first; with "" the whole."""
    found = empty_parts(column)
    rows = filters.over_both(ServedDay, *columns_of(column)).filter(filters.of_evidence(), OF_LEVEL, scale=scale)
    for (when, *key, aspect, step), hist in histograms(rows, "when", *columns_of(column)).items():
        if aspect == WITHIN:
            found[key[0] if key else None][when].update(cells_of(scale, step, hist))
    return segments_of(found, _share, filters, column, as_of=as_of)


def by_slot(filters: Filters, scale: str, step: str, *, by: str, as_of: dt.datetime) -> list[Point]:
    """The same by slot of the day of the answer."""
    starts = [slot.start for slot in filters.period.cut(step)]
    found = empty_slots(starts, by)
    rows = filters.counts(ServedDay, *columns_of(by)).filter(filters.of_evidence(), OF_LEVEL, scale=scale)
    told = histograms(rows.filter(within(filters.period)), *columns_of(by), "day")
    for (*key, day, aspect, rung), hist in told.items():
        if aspect == WITHIN:
            found[key[0] if key else None][slot_of(starts, day)].update(cells_of(scale, rung, hist))
    return points_of(found, _share, as_of=as_of)


def cells_of(scale: str, step: str, hist: Counter[int]) -> Cells:
    """Answers by whether the response was in time and the score good."""
    low, high = PARTS[scale][0]
    cells: Cells = Counter()
    for score, count in hist.items():
        cells[step == MET, low <= score <= high] += count
    return cells


def _share(cells: Cells) -> Share:
    return speed_and_quality(cells).fast_and_good
