"""How complaints are met by team and channel, and slot by slot: as soon as the whole is told, and no sooner (M25)."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from analytics import stored
from analytics.complaining.report import Complaints
from analytics.complaining.unsolved import Unsolved, unsolved
from analytics.contact_counts import OF_COMPLAINTS, UNANSWERED_COMPLAINT
from analytics.metrics import Metric
from analytics.models import ContactDay, DurationDay
from analytics.over_time import (
    Point,
    columns_of,
    empty_parts,
    empty_slots,
    kept_points,
    segments_of,
    slot_of,
    slotted,
)
from analytics.periods import Period, local_day
from analytics.reports import BEFORE, NOW, Filters, Segment, within
from analytics.scores import Share, share
from analytics.serving.spans import Spread, at_least, spread
from analytics.unanswered import contacts, contacts_over, contacts_over_both

RESPONSE, SOLUTION = OF_COMPLAINTS["response"], OF_COMPLAINTS["resolution"]
MET, LATE = OF_COMPLAINTS["met"], OF_COMPLAINTS["late"]
# What of a contact a breakdown goes by.
OF_CONTACT = {"team": "team_id", "channel": "channel"}
Where = tuple[Any, dt.date]


@dataclass(frozen=True, kw_only=True)
class Part:
    """The complaints of one team or channel; `within` is None without a service level."""

    key: Any
    response: Spread
    solving: Spread
    within: Metric | None
    again: Metric | None

    @property
    def n(self) -> int:
        """Of how many something is known."""
        return max(self.response.n + self.response.open, self.solving.n + self.solving.open)


def parts(found: Complaints, filters: Filters, column: str, *, as_of: dt.datetime) -> tuple[Part, ...]:
    """By "team" or "channel", those with most complaints first; one alone says no more than the whole."""
    waiting = found.unsolved
    took = _times(filters, (RESPONSE, SOLUTION), step="", by=column, waiting=waiting, as_of=as_of)
    response, solving = ({key: one for key, _start, one in took[span]} for span in (RESPONSE, SOLUTION))
    kept = {one.key: one.metric for one in within_level(filters, column, waiting=waiting, as_of=as_of)}
    again, none = found.again_by[column], spread({})
    every = [
        Part(key=key, response=response.get(key, none), solving=solving.get(key, none), within=kept.get(key),
             again=again.get(key))
        for key in {*response, *solving, *kept, *again}
    ]  # fmt: skip
    return tuple(sorted(every, key=lambda one: (-one.n, str(one.key)))) if len(every) > 1 else ()


# --- times -------------------------------------------------------------------------------------------------------


def times(
    filters: Filters, span: str, *, step: str = "", by: str = "", as_of: dt.datetime
) -> list[tuple[Any, dt.date, Spread]]:
    """How long `RESPONSE` or `SOLUTION` took by the column's value and slot, of those that wait at least so long.

    Without a step the whole period is the slot.
    """
    waiting = unsolved(filters, levels=filters.levels, as_of=as_of)
    return _times(filters, (span,), step=step, by=by, waiting=waiting, as_of=as_of)[span]


def _times(
    filters: Filters, spans: Sequence[str], *, step: str, by: str, waiting: Sequence[Unsolved], as_of: dt.datetime
) -> dict[str, list[tuple[Any, dt.date, Spread]]]:
    starts = _starts(filters, step)
    over, open_yet = ({span: empty_slots(starts, by) for span in spans} for _each in range(2))
    rows = (contacts if step else contacts_over)(DurationDay, filters, *columns_of(by))
    rows = rows.filter(within(filters.period) if step else Q(), span__in=[*spans, UNANSWERED_COMPLAINT])
    told = stored.histograms(rows, "span", *columns_of(by), *(["day"] if step else []))
    for (kind, *where), hist in told.items():
        key, start = _place(where, starts, by, step)
        if kind in over:
            over[kind][key][start].update(hist)
        elif RESPONSE in open_yet:
            open_yet[RESPONSE][key][start].update(at_least(hist))
    for key, day, one in _began(filters, by, waiting):
        for span in spans:
            if one.waits or span != RESPONSE:
                open_yet[span][key][slot_of(starts, day)][(as_of - one.contact.created_at).total_seconds()] += 1
    return {
        span: [
            (key, start, spread(over[span][key][start], open_yet[span][key][start]))
            for key in sorted(over[span].keys() | open_yet[span].keys(), key=str)
            for start in starts
        ]
        for span in spans
    }


def _starts(filters: Filters, step: str) -> list[dt.date]:
    return [slot.start for slot in filters.period.cut(step)] if step else [filters.period.start]


def _place(where: Sequence[Any], starts: Sequence[dt.date], by: str, step: str) -> Where:
    """The key and the slot of a row that tells its column and its day, where it has them."""
    return where[0] if by else None, slot_of(starts, where[-1]) if step else starts[0]


def _began(
    filters: Filters, by: str, waiting: Sequence[Unsolved], *, period: Period | None = None
) -> Iterator[tuple[Any, dt.date, Unsolved]]:
    """Open complaints that began in the period, with the column's value and the day."""
    period = period or filters.period
    for one in waiting:
        day = local_day(one.contact.created_at, filters.zone)
        if period.start <= day <= period.end:
            yield getattr(one.contact, OF_CONTACT[by]) if by else None, day, one


# --- shares ------------------------------------------------------------------------------------------------------


def within_level(
    filters: Filters, column: str, *, waiting: Sequence[Unsolved] | None = None, as_of: dt.datetime
) -> tuple[Segment, ...]:
    """The share responded to within the service level; with "" as a whole, and nothing without a level."""
    if not filters.levels:
        return ()
    found = empty_parts(column)
    rows = contacts_over_both(ContactDay, filters, *columns_of(column)).filter(fact__in=(MET, LATE))
    told = rows.values_list("when", *columns_of(column), "fact").annotate(rows=Sum("count")).order_by()
    for when, *key, fact, count in told:
        found[key[0] if key else None][when][fact] += count
    waiting = unsolved(filters, levels=filters.levels, as_of=as_of) if waiting is None else waiting
    for when, period in ((NOW, filters.period), (BEFORE, filters.before)):
        for key, _day, one in _began(filters, column, waiting, period=period) if period else ():
            found[key][when][LATE] += one.is_late
    return segments_of(found, _kept, filters, column, as_of=as_of)


def within_slots(filters: Filters, step: str, *, by: str = "", as_of: dt.datetime) -> list[Point]:
    """The same by the slot of the beginning; one in which some still have time is preliminary."""
    if not filters.levels:
        return []
    starts, pending = _starts(filters, step), set[Where]()
    rows = contacts(ContactDay, filters, *columns_of(by)).filter(fact__in=(MET, LATE))
    found = slotted(rows, filters.period, step, "fact", by)
    for key, day, one in _began(filters, by, unsolved(filters, levels=filters.levels, as_of=as_of)):
        if one.deadline and one.waits:
            found[key][slot_of(starts, day)][LATE] += one.is_late
            pending |= set() if one.is_overdue else {(key, slot_of(starts, day))}
    return kept_points(found, pending, met=MET, late=LATE, as_of=as_of)


def _kept(facts: Mapping[str, int]) -> Share:
    return share(facts[MET], facts[MET] + facts[LATE])
