"""What waits for a person: the rows of every queue that no worker could finish, and mails nobody knows the end of."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery

from feedback import reviewing
from feedback.models import Comment
from ground import jobs, outgoing
from ground.access import Scope
from ground.models import Organisation, Role, User
from surveys import bounces, own_data, unsettled
from surveys.models import ErasureRequest, Invitation

MOST = 1000


def quarantined() -> list[QuerySet[Any]]:
    """The quarantined rows of each queue, found by the index of its waiting rows."""
    planned = Invitation.objects.filter(state__in=[Invitation.State.PLANNED, Invitation.State.POSTPONED])
    more = Invitation.objects.filter(Q(next_reminder_at__isnull=False) | Q(thanks_due_at__isnull=False))
    mails = [planned, more, outgoing.waiting(), own_data.waiting()]
    waiting = [Comment.objects.waiting(), *mails, jobs.waiting(), bounces.waiting()]
    return [rows.exclude(quarantined_at=None) for rows in waiting]


@dataclass(frozen=True)
class ToSettle:
    """How many rows wait for a person, by address name of the page that shows them; and since when nothing leaves."""

    counts: dict[str, int] = field(default_factory=dict)
    halted_at: dt.datetime | None = None


def to_settle(scope: Scope, *, by_administrator: bool) -> ToSettle:
    """What waits for this person, in one query."""
    counts = {
        "admin:surveys_invitation_unsettled": number(unsettled.uncertain(scope)),
        "admin:feedback_response_review": number(reviewing.waiting(scope, least=Role.MANAGER)),
    }
    if by_administrator:
        first, *others = [number(rows) for rows in quarantined()]
        counts["desk:quarantine"] = sum(others, start=first)
        counts["admin:surveys_erasurerequest_changelist"] = number(ErasureRequest.objects.filter(closed_at=None))
    names = {f"count{place}": count for place, count in enumerate(counts.values())}
    halted = Organisation.objects.order_by("pk").values("sending_halted_at")[:1]
    # A row that is there whoever asks; that of the organisation may not be before anybody has set it up.
    rows = User.objects.order_by("pk").annotate(halted=Subquery(halted), **names)
    found = rows.values_list("halted", *names).first()
    return ToSettle(dict(zip(counts, found[1:], strict=True)), found[0]) if found else ToSettle()


class Number(Subquery):
    """How many rows a query finds, as a part of a larger one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) found)"
    output_field = IntegerField()


def number(rows: QuerySet[Any]) -> Number:
    """The count stops at MOST: every page of the desk shows it, and a queue may hold what a million answers left."""
    return Number(rows.order_by().values("pk")[:MOST])


def counted(rows: QuerySet[Any]) -> int:
    """How many rows there are, up to MOST."""
    return rows.order_by().values("pk")[:MOST].count()
