"""What came back in the demo's history: dead addresses, full mailboxes, spam reports and people who had enough."""

import datetime as dt
import random
from dataclasses import replace

from surveys import bounces, consents, suppression
from surveys.models import Invitation, Message, Suppression

DEAD, FULL, SPAM, GONE = 9, 14, 2, 22


def hear_back(dice: random.Random, *, now: dt.datetime) -> None:
    """Among mails without an answer, none of the last two days: those are for trying out."""
    quiet = Message.objects.filter(
        state=Message.State.ACCEPTED,
        handed_over_at__lt=now - dt.timedelta(days=2),
        invitation__answer_state=Invitation.AnswerState.NONE,
    ).select_related("invitation__survey", "invitation__customer")
    found = list(quiet.order_by("pk"))
    chosen = dice.sample(found, min(len(found), DEAD + FULL + SPAM + GONE))
    for place, message in enumerate(chosen):
        if place < DEAD:
            bounces.bounced(message, status="5.1.1", is_hard=True, source=bounces.BOUNCE_MAIL)
        elif place < DEAD + FULL:
            bounces.bounced(message, status="5.2.2", is_hard=False, source=bounces.BOUNCE_MAIL)
        elif place < DEAD + FULL + SPAM:
            bounces.complained(message, source=bounces.REPORT_MAIL)
        else:
            _leave(message, everything=dice.random() < 0.7)
        _date_back(message)


def _leave(message: Message, *, everything: bool) -> None:
    invitation = message.invitation
    said = consents.on_page(language=invitation.language, everything=everything)
    suppression.unsubscribe(invitation, everything=everything, said=replace(said, at=_moment(message)))


def _date_back(message: Message) -> None:
    addresses = {suppression.fold(text) for text in (message.address, message.invitation.customer.phone) if text}
    Suppression.objects.filter(address__in=addresses).update(created_at=_moment(message))
    Message.objects.filter(pk=message.pk, reported_at__isnull=False).update(reported_at=_moment(message))


def _moment(message: Message) -> dt.datetime:
    assert message.handed_over_at is not None
    return message.handed_over_at + dt.timedelta(minutes=7)
