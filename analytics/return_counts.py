"""What is counted of the contacts of one day: which are repeats of others, and which were followed (M23, M24, M25).

Both hang on the customer's other contacts, so the days of those are marked whenever a contact changes
(`surveys.returning`). Whether it is time to judge a contact is asked when counts are read, by the day it ended.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet

from analytics import segment_counts
from analytics.complaints import REPEAT_DAYS
from analytics.models import ReturnDay, ReturnSliceDay
from analytics.models.counted import Counted
from analytics.periods import local_day
from analytics.repeat_contacts import in_line
from surveys.models import Interaction
from surveys.returning import ENDED, LONGEST, reaching

COLUMNS = (
    "team_id", "agent_id", "channel", "reason", "created_at", "resolved_at", "closed_at", "reopened_at",
    "is_abandoned", "is_resolved", "is_complaint",
)  # fmt: skip
DAY_SECONDS = 86_400.0

Counts = Counter[tuple[Any, ...]]


class Variant(NamedTuple):
    """What counts as coming back: within so many days, with the same reason or any, to the same team or any.

    Whoever sees some teams only must not learn from their own numbers what the others did.
    """

    days: int
    same_reason: bool
    within_team: bool
    of_complaints: bool = False


DAYS = (7, 30)
# Their order is what the bits of `marks` mean: only ever add at the end, and have everything counted anew.
VARIANTS = (
    *(Variant(days, same, within) for days in DAYS for same in (True, False) for within in (False, True)),
    *(Variant(REPEAT_DAYS, False, within, of_complaints=True) for within in (False, True)),
)
SOLVED, COMPLAINT = 1, 2


class Parted(NamedTuple):
    """Which contacts of a customer stand in one line: what several variants share."""

    same_reason: bool
    within_team: bool
    of_complaints: bool


def _parted(variants: Iterable[Variant]) -> dict[Parted, list[Variant]]:
    found: dict[Parted, list[Variant]] = defaultdict(list)
    for variant in variants:
        found[Parted(*variant[1:])].append(variant)
    return found


# By what answers are told apart: who came back with the same reason within a week, to any team or to the same one.
AGAIN = tuple(Variant(DAYS[0], True, within) for within in (False, True))
PARTED, PARTED_AGAIN = _parted(VARIANTS), _parted(AGAIN)


class Came(NamedTuple):
    """A contact among the others of its customer; moments in seconds, `ended` None while it is open."""

    began: float
    pk: int
    team: int | None
    reason: str
    ended: float | None
    is_complaint: bool

    def until(self, days: int) -> float:
        return float("inf") if self.ended is None else max(self.began, self.ended) + days * DAY_SECONDS


def followed(variant: Variant) -> int:
    """The bit of a contact that was followed by another."""
    return 4 << 2 * VARIANTS.index(variant)


def repeats(variant: Variant) -> int:
    """The bit of a contact that is itself a repeat."""
    return 8 << 2 * VARIANTS.index(variant)


def counts_of(rows: QuerySet[Interaction], *, since: dt.datetime, zone: ZoneInfo) -> dict[type[Counted], Counts]:
    """Counts by table of the contacts of one reporting day, which begins at `since`."""
    day = list(rows.only(*COLUMNS))
    until = max((max(row.created_at, row.ended_at or row.created_at) for row in day), default=since) + LONGEST
    marks = _marks({row.pk for row in day}, _lines(rows, since=since, until=until), PARTED)
    segments = segment_counts.kept_of_contacts(rows)
    every: Counts = Counter()
    slices: Counts = Counter()
    for row in day:
        where, ended, bits = (row.team_id, row.channel), _last_day(row, zone), marks[row.pk] | _own(row)
        every[*where, row.agent_id, row.reason, ended, bits] += 1
        for told in segments.get(row.pk, ()):
            slices[*told, *where, ended, bits] += 1
    return {ReturnDay: every, ReturnSliceDay: slices}


def again(rows: QuerySet[Interaction]) -> dict[int, set[Variant]]:
    """For each of these contacts, of whatever day, in which variants of `AGAIN` it is a repeat of an earlier one.

    Told of contacts of the same customers nearby as well; what is no contact is not in it.
    """
    told = rows.aggregate(first=Min("created_at"), last=Max("created_at"))
    if told["first"] is None:
        return {}
    lines = list(_lines(rows, since=told["first"], until=told["last"]))
    known = [row.pk for line in lines for row in line]
    marks = _marks(set(known), lines, PARTED_AGAIN)
    return {pk: {variant for variant in AGAIN if marks[pk] & repeats(variant)} for pk in known}


def _own(row: Interaction) -> int:
    return (SOLVED if row.solved_at else 0) | (COMPLAINT if row.is_complaint else 0)


def _lines(rows: QuerySet[Interaction], *, since: dt.datetime, until: dt.datetime) -> Iterable[list[Came]]:
    """The contacts of each of these rows' customers that one of the rows may follow or be followed by."""
    near = reaching(since).filter(customer__in=rows.values("customer"), created_at__lte=until)
    columns = ("customer_id", "created_at", "pk", "team_id", "reason", "over", "is_complaint")
    lines: dict[int, list[Came]] = defaultdict(list)
    for customer, began, pk, team, reason, ended, is_complaint in near.annotate(over=ENDED).values_list(*columns):
        last = ended.timestamp() if ended else None
        lines[customer].append(Came(began.timestamp(), pk, team, reason, last, is_complaint))
    return (sorted(line, key=lambda row: (row.began, str(row.pk))) for line in lines.values())


def _marks(
    day: Collection[int], lines: Iterable[list[Came]], parted: Mapping[Parted, list[Variant]]
) -> Mapping[int, int]:
    """The bits of the variants by the keys of the day's contacts, and of some others."""
    marks: dict[int, int] = defaultdict(int)
    for line in lines:
        for by, variants in parted.items() if len(line) > 1 else ():
            for part in _parts(line, by):
                if len(part) == 1 or not any(row.pk in day for row in part):
                    continue
                for variant in variants:
                    if_followed, if_repeat = followed(variant), repeats(variant)
                    told = in_line([(row.began, row.until(variant.days)) for row in part])
                    for row, (is_followed, is_repeat) in zip(part, told, strict=True):
                        marks[row.pk] |= is_followed * if_followed | is_repeat * if_repeat
    return marks


def _parts(line: Sequence[Came], by: Parted) -> Iterable[list[Came]]:
    parts: dict[tuple[Any, ...], list[Came]] = defaultdict(list)
    for row in line:
        if row.is_complaint or not by.of_complaints:
            parts[by.same_reason and row.reason, by.within_team and row.team].append(row)
    return parts.values()


def _last_day(row: Interaction, zone: ZoneInfo) -> dt.date | None:
    return local_day(max(row.created_at, row.ended_at), zone) if row.ended_at else None
