"""Answers through a help desk's links find their interaction once it is reported: customer, team and agent follow."""

from collections.abc import Iterable

from django.db import transaction

from feedback import contents, intake
from feedback.models import Comment
from ground import aside
from ground.models import Change
from surveys import first_use
from surveys.models import Invitation

WHAT = "matching"


def due(*, limit: int) -> list[int]:
    """Invitations whose interaction has been reported since their answer came, by primary key."""
    waiting = first_use.reported().exclude(pk__in=aside.resting_keys(WHAT))
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def match(ids: Iterable[int]) -> int:
    """Match those of the invitations that wait for it; returns how many. Safe to run twice."""
    return sum(bool(aside.tried(WHAT, pk, _match, pk)) for pk in ids)


@transaction.atomic
def _match(pk: int) -> bool:
    before = Invitation.objects.filter(pk=pk).values_list("customer_id", flat=True).first()
    invitation = first_use.take_over(pk)
    if invitation is None or before is None:
        return False
    intake.follow(invitation)
    _bring_messages(invitation)
    if invitation.customer_id != before:
        first_use.forget_nobody(before)
    return True


def _bring_messages(invitation: Invitation) -> None:
    """What was written where the link took no score any more is no part of the answer, and its customer's as well."""
    written = Comment.objects.filter(interaction=invitation.interaction_id, survey=invitation.survey_id, response=None)
    Change.mark("comment", *written.values_list("said_at", flat=True))
    written.update(**contents.snapshot(invitation))
