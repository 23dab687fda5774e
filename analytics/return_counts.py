"""What is counted of the contacts of one day: which are repeats of others, and which were followed (M23, M24, M25).

Both hang on the customer's other contacts, so the days of those are marked whenever a contact changes
(`surveys.returning`). Whether it is time to judge a contact is asked when counts are read, by the day it ended.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet

from analytics.complaints import REPEAT_DAYS
from analytics.periods import local_day
from analytics.repeat_contacts import Contact, RepeatContacts, repeat_contacts
from surveys.models import Interaction
from surveys.returning import LONGEST, reaching

COLUMNS = (
    "customer_id", "team_id", "agent_id", "channel", "reason", "created_at", "resolved_at", "closed_at", "reopened_at",
    "is_abandoned", "is_resolved", "is_complaint",
)  # fmt: skip
DAY_SECONDS = 86_400.0
FOREVER = float("inf")

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
# By what answers are told apart: who came back with the same reason within a week, to any team or to the same one.
AGAIN = tuple(Variant(DAYS[0], True, within) for within in (False, True))


def followed(variant: Variant) -> int:
    """The bit of a contact that was followed by another."""
    return 4 << 2 * VARIANTS.index(variant)


def repeats(variant: Variant) -> int:
    """The bit of a contact that is itself a repeat."""
    return 8 << 2 * VARIANTS.index(variant)


def counts_of(rows: QuerySet[Interaction], *, since: dt.datetime, zone: ZoneInfo) -> Counts:
    """Counts of the contacts of one reporting day, which begins at `since`."""
    day = list(rows.only(*COLUMNS))
    marks = _marks(day, _others(rows, day, since=since))
    return Counter(
        (row.team_id, row.channel, row.agent_id, row.reason, _last_day(row, zone), marks[row.pk]) for row in day
    )


def again(rows: QuerySet[Interaction]) -> dict[int, set[Variant]]:
    """For each of these contacts, of whatever day, in which variants of `AGAIN` it is a repeat of an earlier one.

    Told of contacts of the same customers nearby as well; what is no contact is not in it.
    """
    told = rows.aggregate(first=Min("created_at"), last=Max("created_at"))
    if told["first"] is None:
        return {}
    near = reaching(told["first"]).filter(customer__in=rows.values("customer"), created_at__lte=told["last"])
    known = list(near.only(*COLUMNS))
    found: dict[int, set[Variant]] = {row.pk: set() for row in known}
    several = _several(known)
    for variant in AGAIN:
        for pk in _returned(several, variant).repeats:
            found[int(pk)].add(variant)
    return found


def _others(rows: QuerySet[Interaction], day: Sequence[Interaction], *, since: dt.datetime) -> QuerySet[Interaction]:
    """The other contacts of the day's customers that may be followed by one of the day, or follow it."""
    until = max((max(row.created_at, row.ended_at or row.created_at) for row in day), default=since) + LONGEST
    near = reaching(since).filter(customer__in=rows.values("customer"), created_at__lte=until)
    return near.exclude(pk__in=rows.values("pk")).only(*COLUMNS)


def _marks(day: Sequence[Interaction], others: QuerySet[Interaction]) -> dict[int, int]:
    marks = {row.pk: (SOLVED if row.solved_at else 0) | (COMPLAINT if row.is_complaint else 0) for row in day}
    several = _several(chain(day, others.iterator()))
    for variant in VARIANTS:
        found = _returned(several, variant)
        for ids, bit in ((found.followed, followed(variant)), (found.repeats, repeats(variant))):
            for pk in map(int, ids):
                if pk in marks:
                    marks[pk] |= bit
    return marks


def _several(rows: Iterable[Interaction]) -> list[Interaction]:
    """The contacts of customers who have more than one."""
    lines: dict[int, list[Interaction]] = defaultdict(list)
    for row in rows:
        lines[row.customer_id].append(row)
    return [row for line in lines.values() if len(line) > 1 for row in line]


def _returned(rows: Sequence[Interaction], variant: Variant) -> RepeatContacts:
    chosen = [_contact(row, variant) for row in rows if row.is_complaint or not variant.of_complaints]
    return repeat_contacts(chosen, window=variant.days * DAY_SECONDS, as_of=FOREVER, same_topic=variant.same_reason)


def _contact(row: Interaction, variant: Variant) -> Contact:
    ended = row.ended_at
    return Contact(
        id=str(row.pk),
        customer=f"{row.customer_id} {row.team_id}" if variant.within_team else str(row.customer_id),
        topic=row.reason,
        start=row.created_at.timestamp(),
        end=ended.timestamp() if ended else None,
    )


def _last_day(row: Interaction, zone: ZoneInfo) -> dt.date | None:
    return local_day(max(row.created_at, row.ended_at), zone) if row.ended_at else None
