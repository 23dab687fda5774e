"""Up to two reminders to those who did not answer: the same link, words of their own.

A reminder is due at `next_reminder_at`; beginning to send it sets the date of the one after it. Checks about asking
too often do not hold for them. What an answer that does not count leaves open, a reminder may still ask for.
"""

import datetime as dt
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from surveys import channels, letters, rechecking, suppression
from surveys.attempts import FREE, Ready, next_try
from surveys.models import Invitation, Message, Survey

COUNTED = [Invitation.AnswerState.PRESUMED, Invitation.AnswerState.CONFIRMED]
KINDS = (Message.Kind.REMINDER1, Message.Kind.REMINDER2)
# While a link has just been opened nobody knows yet whether that is an answer.
UNSETTLED_PAUSE = dt.timedelta(minutes=1)
STILL = "next_reminder_at IS NOT NULL AND state = 'sent' AND answer_state NOT IN ('presumed', 'confirmed')"


def first_due(survey: Survey, sent_at: dt.datetime) -> dt.datetime | None:
    """When the first reminder leaves; None where the survey sends none."""
    return sent_at + dt.timedelta(days=survey.first_reminder_days) if survey.first_reminder_days else None


def due_again(invitation: Invitation) -> dt.datetime | None:
    """When the next reminder leaves after an answer turned out to be none; None when no more are due."""
    survey, sent = invitation.survey, invitation.reminders_sent
    if invitation.sent_at is None or sent >= len(KINDS):
        return None
    if not sent:
        return first_due(survey, invitation.sent_at)
    last = invitation.messages.filter(kind=KINDS[sent - 1]).order_by("-pk").first()
    days = survey.second_reminder_days
    return last.created_at + dt.timedelta(days=days) if last and days else None


def waiting() -> QuerySet[Invitation]:
    """The queue: invitations whose next reminder is due."""
    return Invitation.objects.filter(next_reminder_at__lte=timezone.now())


def look(rows: Iterable[Invitation]) -> list[Ready]:
    """Those that may leave; the others are stopped for good, or wait until a touch has settled."""
    rows = list(rows)
    keys = [invitation.pk for invitation in rows]
    bounces = Message.objects.filter(invitation__in=keys, state=Message.State.BOUNCED)
    bounced, touched = set(bounces.values_list("invitation", flat=True)), unsettled(keys)
    ready, dead = [], suppression.dead(invitation.customer for invitation in rows)
    verdicts = rechecking.look_again(rows, now=timezone.now(), for_reminder=True)
    for invitation, verdict in zip(rows, verdicts, strict=True):
        way = channels.address_for(invitation.rule, invitation.customer, dead=dead)
        is_over = invitation.pk in bounced or verdict.reason or _is_over(invitation)
        if is_over or way is None or (way[0] == "email" and not _has_words(invitation)):
            _settle(invitation, next_at=None)
        elif invitation.pk in touched:
            _settle(invitation, next_at=timezone.now() + UNSETTLED_PAUSE)
        elif verdict.postponed:
            _settle(invitation, next_at=verdict.due_at)
        else:
            kind = KINDS[invitation.reminders_sent]
            ready.append(Ready(invitation=invitation, kind=kind, channel=way[0], address=way[1]))
    return ready


def _is_over(invitation: Invitation) -> bool:
    """Answered, called off or expired, or reminded often enough."""
    asks = invitation.state == Invitation.State.SENT and invitation.answer_state not in COUNTED
    return not (asks and invitation.is_open() and invitation.reminders_sent < len(KINDS))


def _has_words(invitation: Invitation) -> bool:
    """Whether the version that it goes by says what stands in its next reminder."""
    kind = KINDS[invitation.reminders_sent]
    return letters.has_words(invitation.version, kind=kind, language=invitation.language)


def _settle(invitation: Invitation, *, next_at: dt.datetime | None) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(next_reminder_at=next_at, **FREE)


def unsettled(keys: list[int]) -> set[int]:
    """Those of the invitations whose link was opened and not yet judged; the rooms above say which."""
    return set().union(*(import_module(name).unsettled(keys) for name in settings.UNSETTLED_MODULES))


def put_off(until: dt.datetime) -> dict[str, Any]:
    return {"next_reminder_at": until}


def begun(mail: Ready) -> dict[str, Any]:
    """Counted before it leaves, so that none is sent twice."""
    survey, sent = mail.invitation.survey, mail.invitation.reminders_sent + 1
    days = survey.second_reminder_days if sent == 1 else None
    return {
        "reminders_sent": sent,
        "next_reminder_at": timezone.now() + dt.timedelta(days=days) if days else None,
    }


def accepted(invitation: Invitation, at: dt.datetime) -> dict[str, Any]:
    return {}


def refused(mail: Ready, why: str, *, passing: bool) -> dict[str, Any]:
    """Not taken: this one again, later; or no more of them, since the server does not want mail for this address."""
    again = next_try(mail.invitation, mail.kind) if passing else None
    sent = mail.invitation.reminders_sent
    return {"next_reminder_at": again, "attempts": 0} | ({"reminders_sent": sent} if again else {})


def withdrawn(mail: Ready, why: str) -> dict[str, Any]:
    return {"next_reminder_at": None, "reminders_sent": mail.invitation.reminders_sent}


def unknown(invitation: Invitation, message: Message, why: str) -> dict[str, Any]:
    """A reminder whose fate is unknown is not repeated: the next one is its repetition."""
    return {}
