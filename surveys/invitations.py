"""The first mail of an invitation: when it is due, whether it may still leave, and what each end makes of its row."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ground import rowqueue
from surveys import channels, deciding, rechecking, reminders, suppression
from surveys.attempts import FREE, Ready, next_try, uncertain_tries
from surveys.eligibility import Verdict
from surveys.models import Customer, Invitation, Message, Survey

State = Invitation.State
# What proves that a mail planned again had left before.
LEFT = [Message.State.ACCEPTED, Message.State.DELIVERED, Message.State.BOUNCED]
# A mail whose fate is unknown is sent again this often at most, where its survey wants that at all.
MOST_UNCERTAIN = 3
# Holds at the very moment of "sending"; what changed since the checks goes back to the queue.
STILL = "state IN ('planned', 'postponed') AND answer_state = 'none'"


def waiting() -> QuerySet[Invitation]:
    """The queue: invitations whose time has come."""
    return Invitation.objects.filter(state__in=Invitation.WAITING, due_at__lte=timezone.now())


def look(rows: Iterable[Invitation]) -> list[Ready]:
    """Decide again, inside the caller's transaction that holds the customers; returns what may leave."""
    rows = list(rows)
    left = Message.objects.filter(
        invitation__in=[invitation.pk for invitation in rows], kind=Message.Kind.INVITATION, state__in=LEFT
    )
    known = set(left.values_list("invitation", flat=True))
    asking = []
    for invitation in rows:
        if invitation.pk in known or invitation.answer_state != Invitation.AnswerState.NONE:
            # The uncertain mail before this one did arrive.
            _settle(invitation, state=State.SENT, sent_at=invitation.due_at, error="")
            Invitation.mark_days([invitation.pk])
        else:
            asking.append(invitation)
    verdicts = rechecking.look_again(asking, now=timezone.now())
    dead = suppression.dead(invitation.customer for invitation in asking)
    ready = [_weigh(invitation, verdict, dead) for invitation, verdict in zip(asking, verdicts, strict=True)]
    return [mail for mail in ready if mail]


def _weigh(invitation: Invitation, verdict: Verdict, dead: set[str]) -> Ready | None:
    way = channels.address_for(invitation.rule, invitation.customer, dead=dead)
    if verdict.reason or way is None:
        state = State.EXPIRED if verdict.reason == "expired" else State.REFUSED
        _settle(invitation, state=state, error=verdict.reason or "no_address")
        return None
    if verdict.postponed:
        _settle(invitation, state=State.POSTPONED, due_at=verdict.due_at)
        return None
    return Ready(invitation=invitation, kind=Message.Kind.INVITATION, channel=way[0], address=way[1])


def _settle(invitation: Invitation, **changes: Any) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**changes, **FREE)


def put_off(until: dt.datetime) -> dict[str, Any]:
    return {"due_at": until}


def begun(mail: Ready) -> dict[str, Any]:
    return {"state": State.SENDING, "sent_through": mail.channel}


def accepted(invitation: Invitation, at: dt.datetime) -> dict[str, Any]:
    """Sent: its link lives from here on, and the first reminder has a date."""
    return {
        "state": State.SENT,
        "sent_at": at,
        "expires_at": at + dt.timedelta(days=invitation.survey.link_days),
        "next_reminder_at": reminders.first_due(invitation.survey, at),
        "error": "",
    }


def refused(mail: Ready, why: str, *, passing: bool) -> dict[str, Any]:
    """The server certainly did not take it: try again later while that makes sense, else it failed."""
    again = next_try(mail.invitation, mail.kind) if passing else None
    if again is None:
        return {"state": State.FAILED, "error": why}
    return {"state": State.PLANNED, "due_at": again, "error": why, "attempts": 0}


def withdrawn(mail: Ready, why: str) -> dict[str, Any]:
    """The customer opted out between the checks and the mail's text."""
    verdict = Verdict(reason=why, trace=(("suppressed", False),))
    deciding.store(
        mail.invitation.interaction,
        rule=mail.invitation.rule,
        verdict=verdict,
        again=mail.invitation,
        now=timezone.now(),
    )
    return {"state": State.REFUSED, "error": why}


def unknown(invitation: Invitation, message: Message, why: str) -> dict[str, Any]:
    """Nobody knows whether it left: uncertain, or planned again where the survey takes a double for the lesser evil."""
    resends = invitation.survey.on_uncertain == Survey.OnUncertain.RESEND
    if resends and uncertain_tries(invitation, message.kind) < MOST_UNCERTAIN:
        again = next_try(invitation, message.kind)
        if again is not None:
            return {"state": State.PLANNED, "due_at": again, "error": why, "attempts": 0}
    return {"state": State.UNCERTAIN, "sent_at": message.handed_over_at or timezone.now(), "error": why}


def lost() -> QuerySet[Invitation]:
    """Those whose worker died between "sending" and the server's word."""
    return Invitation.objects.filter(rowqueue.run_out(), state=State.SENDING)


def lock_customers(rows: Iterable[Invitation]) -> None:
    """Lock order: customers by key, before anything of theirs is changed."""
    keys = sorted({invitation.customer_id for invitation in rows})
    customers = {one.pk: one for one in Customer.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    for invitation in rows:
        invitation.customer = customers[invitation.customer_id]
