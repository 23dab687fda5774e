"""The thank-you mail after a confirmed answer, where the survey sends one: once for each invitation.

`Invitation.mark_answered` sets `thanks_due_at` in the answer's own transaction.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from surveys import channels, eligibility, facts, letters
from surveys.attempts import FREE, Ready, next_try
from surveys.facts import Case
from surveys.models import Invitation, Message

STILL = "thanks_due_at IS NOT NULL"


def waiting() -> QuerySet[Invitation]:
    """The queue: answered invitations whose thanks are due."""
    return Invitation.objects.filter(thanks_due_at__lte=timezone.now())


def look(rows: Iterable[Invitation]) -> list[Ready]:
    """Those that may leave; nothing is due any more where nobody may be written to, or there are no words for it."""
    rows, now, ready = list(rows), timezone.now(), []
    thanked = _thanked(rows)
    cases = [Case(one.interaction, one.customer, one.survey, one.closing, now, rule=one.rule, own=one) for one in rows]
    for invitation, known in zip(rows, facts.gather_many(cases), strict=True):
        address = channels.get("email").address_of(invitation.customer)
        says = letters.has_words(invitation.version, kind=Message.Kind.THANKS, language=invitation.language)
        may_leave = invitation.survey.sends_thanks and says and address and not eligibility.suppressed(known)
        if invitation.pk in thanked or not may_leave:
            Invitation.objects.filter(pk=invitation.pk).update(thanks_due_at=None, **FREE)
        else:
            ready.append(Ready(invitation=invitation, kind=Message.Kind.THANKS, channel="email", address=address))
    return ready


def _thanked(rows: Iterable[Invitation]) -> set[int]:
    """Those to whom one has left: an answer that ceased to count and counts again is thanked for once."""
    mails = Message.objects.filter(invitation__in=[row.pk for row in rows], kind=Message.Kind.THANKS)
    return set(mails.exclude(state=Message.State.FAILED).values_list("invitation", flat=True))


def put_off(until: dt.datetime) -> dict[str, Any]:
    return {"thanks_due_at": until}


def begun(mail: Ready) -> dict[str, Any]:
    return {"thanks_due_at": None}


def accepted(invitation: Invitation, at: dt.datetime) -> dict[str, Any]:
    return {}


def refused(mail: Ready, why: str, *, passing: bool) -> dict[str, Any]:
    return {"thanks_due_at": next_try(mail.invitation, mail.kind) if passing else None, "attempts": 0}


def withdrawn(mail: Ready, why: str) -> dict[str, Any]:
    return {"thanks_due_at": None}


def unknown(invitation: Invitation, message: Message, why: str) -> dict[str, Any]:
    """Thanks whose fate is unknown are not repeated."""
    return {}
