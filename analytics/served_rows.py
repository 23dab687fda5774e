"""Which answers the scores by service count in each step, for the list that those numbers lead to.

The list sees one contact at a time, where the counts by day are added up: both have to say the same (`served_counts`).
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import Case, DateTimeField, F, Q, QuerySet, When
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analytics import rows_behind
from analytics.contact_counts import LATE, MET
from analytics.return_counts import AGAIN, Variant
from analytics.rows_behind import JUDGED
from analytics.served_counts import LADDERS, QUEUE, REASON, REPEAT, REPEAT_TO_TEAM, REPLIES, RESOLUTION, WITHIN
from feedback import served_filter
from feedback.served_filter import Step
from surveys import nobody, returning
from surveys.models import Interaction

TOLD_REASON = "told_reason"
HOW_SOON = {
    step: rows_behind.OF_CONTACTS[number].label
    for step, number in ((MET, rows_behind.WITHIN), (LATE, rows_behind.LATE), (JUDGED, rows_behind.JUDGED))
}
ASPECTS = {
    QUEUE: _("in the queue"),
    RESOLUTION: _("until it was solved"),
    REPLIES: _("number of replies"),
}
Contacts = QuerySet[Interaction]


def _between(rows: Contacts, field: str, ends: tuple[Any, Any]) -> QuerySet[Any]:
    low, high = ends
    condition = Q(**{f"{field}__isnull": False}) & (Q() if low is None else Q(**{f"{field}__gt": low}))
    return rows.filter(condition if high is None else condition & Q(**{f"{field}__lte": high}))


def _queued(rows: Contacts, ends: tuple[Any, Any]) -> QuerySet[Any]:
    return _between(rows.annotate(took=rows_behind.took("answered_at", since="enqueued_at")), "took", _spans(ends))


def _solved(rows: Contacts, ends: tuple[Any, Any]) -> QuerySet[Any]:
    """By `Interaction.solved_at`, for the database."""
    known = When(resolved_at__isnull=False, then=F("resolved_at")), When(is_resolved=True, then=F("closed_at"))
    solved = Case(When(is_resolved=False, then=None), *known, default=None, output_field=DateTimeField())
    return _between(rows.annotate(solved=solved).annotate(took=rows_behind.took("solved")), "took", _spans(ends))


def _replied(rows: Contacts, ends: tuple[Any, Any]) -> QuerySet[Any]:
    return _between(rows.filter(replies__gt=0), "replies", ends)


def _spans(ends: tuple[Any, Any]) -> tuple[Any, Any]:
    low, high = (None if end is None else dt.timedelta(seconds=end) for end in ends)
    return low, high


def _ladder(name: str, aspect: str, rows: Callable[[Contacts, tuple[Any, Any]], QuerySet[Any]]) -> Step | None:
    ladder = LADDERS[aspect]
    if name not in ladder.ends:
        return None
    label = format_lazy("{}: {}", ASPECTS[aspect], ladder.names[name])
    return Step(label, lambda contacts: rows(contacts, ladder.limits(name)))


def _of_reason(name: str) -> Step:
    return Step(name, lambda rows: rows.filter(reason=name))


def _of_told_reason(name: str) -> Step:
    """What agents are told by: the reason as it was when the customer answered."""
    return Step(name, lambda rows: rows, responses=Q(reason=name))


def _within(name: str) -> Step | None:
    if name not in HOW_SOON:
        return None
    # Where the customer is nobody any more, it was late as it was when they were.
    told = Q(pk__in=[]) if name == MET else Q(source=nobody.SOURCE, **{f"attributes__{WITHIN}": LATE})
    return Step(HOW_SOON[name], partial(rows_behind.by_times, met=name != LATE, late=name != MET, told=told))


def _came(name: str, aspect: str, variant: Variant) -> Step | None:
    if name not in LADDERS[REPEAT].ends:
        return None

    def rows(contacts: Contacts) -> Contacts:
        """Where the customer is nobody any more, as it was when they were."""
        is_repeat = Q(
            returning.is_repeat(variant.days, same_reason=variant.same_reason, within_team=variant.within_team)
        )
        known = returning.CONTACTS & (~is_repeat if name == LADDERS[REPEAT].step(0) else is_repeat)
        return contacts.filter(known | Q(source=nobody.SOURCE, **{f"attributes__{aspect}": name}))

    return Step(LADDERS[REPEAT].names[name], rows, of_all_teams=not variant.within_team)


for _aspect, _rows in ((QUEUE, _queued), (RESOLUTION, _solved), (REPLIES, _replied)):
    served_filter.register(_aspect, partial(_ladder, aspect=_aspect, rows=_rows))
for _variant in AGAIN:
    _aspect = REPEAT_TO_TEAM if _variant.within_team else REPEAT
    served_filter.register(_aspect, partial(_came, aspect=_aspect, variant=_variant))
served_filter.register(WITHIN, _within)
served_filter.register(REASON, _of_reason)
served_filter.register(TOLD_REASON, _of_told_reason)
