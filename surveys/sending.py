"""Handing over: `send` decides again and hands to the channel, `sweep` names what is uncertain.

At most once: a row says "sending" before the mail server hears of it. When the worker dies after that, nobody knows
whether the mail left, so it is called uncertain, shown, and not sent again.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ground import rowqueue
from ground.rowqueue import Claim
from surveys import channels, rechecking
from surveys.models import Customer, Invitation, Message

State = Invitation.State
RETRY_FOR = dt.timedelta(hours=72)
LONGEST_PAUSE = dt.timedelta(hours=6)


def due() -> Any:
    """The queue: invitations whose time has come."""
    return Invitation.objects.filter(state__in=[State.PLANNED, State.POSTPONED], due_at__lte=timezone.now())


def send(ids: list[int]) -> int:
    """Send those of the invitations that are due and free; returns how many the mail server took."""
    return sum(_send_one(pk) for pk in ids)


def _send_one(pk: int) -> bool:
    claimed = rowqueue.claim(due(), ids=[pk], seconds=settings.EMAIL_TIMEOUT + settings.LEASE_SECONDS)
    if not claimed.ids:
        return False
    message = _begin(pk, claimed)
    if message is None:
        return False
    invitation = message.invitation
    try:
        channels.get(message.channel).send(invitation, message)
    except channels.NotSent as error:
        _not_sent(invitation, message, claimed, error)
        return False
    except channels.Unknown as error:
        _uncertain(invitation, message, claimed, str(error))
        return False
    record_accepted(message, at=timezone.now())
    return True


@transaction.atomic
def _begin(pk: int, claimed: Claim) -> Message | None:
    """Decide again under the lock and say "sending" for all to see; None when the answer is no."""
    invitation = Invitation.objects.select_related("survey", "version", "interaction", "rule").get(pk=pk)
    invitation.customer = customer = Customer.objects.select_for_update().get(pk=invitation.customer_id)
    ours = rowqueue.owned(Invitation, claimed)
    if invitation.answer_state != Invitation.AnswerState.NONE:  # the uncertain mail before this one did arrive
        ours.update(state=State.SENT, sent_at=invitation.due_at, error="", lease="", leased_until=None)
        return None
    verdict = rechecking.look_again([invitation], now=timezone.now())[0]
    if verdict.reason:
        state = State.EXPIRED if verdict.reason == "expired" else State.REFUSED
        ours.update(state=state, error=verdict.reason, lease="", leased_until=None)
        return None
    if verdict.postponed:
        ours.update(state=State.POSTPONED, due_at=verdict.due_at, lease="", leased_until=None)
        return None
    if not ours.update(state=State.SENDING):
        return None
    return Message.objects.create(
        invitation=invitation,
        channel="email",
        address=customer.email,
        message_id=channels.message_id(invitation),
        state=Message.State.SENDING,
        handed_over_at=timezone.now(),
    )


@transaction.atomic
def record_accepted(message: Message, *, at: dt.datetime) -> None:
    """The mail server took it at that moment. What a sweep called uncertain meanwhile becomes certain again."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.ACCEPTED)
    Invitation.objects.filter(pk=message.invitation_id).update(
        state=State.SENT,
        sent_at=at,
        expires_at=at + dt.timedelta(days=message.invitation.survey.link_days),
        error="",
        lease="",
        leased_until=None,
    )


@transaction.atomic
def _not_sent(invitation: Invitation, message: Message, claimed: Claim, error: channels.NotSent) -> None:
    """The server certainly did not take it: try again later while that makes sense, else it failed."""
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, error=str(error)[:300])
    row = rowqueue.owned(Invitation, claimed)
    first_try = invitation.messages.order_by("pk").values_list("created_at", flat=True).first()
    if not error.passing or (first_try and timezone.now() - first_try > RETRY_FOR):
        row.update(state=State.FAILED, error=str(error)[:300], lease="", leased_until=None)
        return
    pause = min(dt.timedelta(seconds=30) * 2 ** (invitation.messages.count() - 1), LONGEST_PAUSE)
    row.update(
        state=State.PLANNED,
        due_at=timezone.now() + pause,
        error=str(error)[:300],
        attempts=0,
        lease="",
        leased_until=None,
    )


@transaction.atomic
def _uncertain(invitation: Invitation, message: Message, claimed: Claim, why: str) -> None:
    Message.objects.filter(pk=message.pk).update(state=Message.State.UNCERTAIN, error=why[:300])
    rowqueue.owned(Invitation, claimed).update(
        state=State.UNCERTAIN, sent_at=message.handed_over_at, error=why[:300], lease="", leased_until=None
    )


@transaction.atomic
def sweep() -> int:
    """Call uncertain every mail whose worker died between "sending" and the server's word; returns how many."""
    rowqueue.sweep(due())
    lost = Invitation.objects.filter(state=State.SENDING, leased_until__lte=timezone.now())
    why = "the worker died while sending"
    for invitation in (found := list(lost.select_for_update())):
        message = invitation.messages.filter(state=Message.State.SENDING).order_by("-pk").first()
        if message:
            Message.objects.filter(pk=message.pk).update(state=Message.State.UNCERTAIN, error=why)
        Invitation.objects.filter(pk=invitation.pk).update(
            state=State.UNCERTAIN,
            sent_at=message.handed_over_at if message else timezone.now(),
            error=why,
            lease="",
            leased_until=None,
        )
    return len(found)
