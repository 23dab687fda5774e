"""One try to hand a mail over: what is ready to leave, and how long to wait after a refusal that may pass."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ground import quick
from ground.models import Organisation
from ground.smtp import NotSent
from surveys.models import Invitation, Message
from surveys.suppression import fold

RETRY_FOR = dt.timedelta(hours=72)
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(hours=6)
JITTER = 0.2
OPTED_OUT = "SELECT reason FROM surveys_suppression WHERE address = %s AND (survey_id IS NULL OR survey_id = %s)"
# What gives a row back to its queue.
FREE: dict[str, Any] = {"lease": "", "leased_until": None}


@dataclass(frozen=True)
class Ready:
    """A mail that every check lets pass: of which kind, through which channel, where to, and from whom if known."""

    invitation: Invitation
    kind: str
    channel: str
    address: str
    organisation: Organisation | None = None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def next_try(invitation: Invitation, kind: str) -> dt.datetime | None:
    """When a mail that was refused for now is tried again: 30 s later, doubling up to 6 hours; None after 72 hours.

    Each pause is up to a fifth shorter or longer, so that a busy server does not get all of them back at once.
    """
    tries = list(invitation.messages.filter(kind=kind).order_by("pk").values_list("created_at", flat=True))
    now = timezone.now()
    if tries and now - tries[0] > RETRY_FOR:
        return None
    doubled = min(max(len(tries) - 1, 0), 12)
    pause = min(SHORTEST_PAUSE * 2**doubled, LONGEST_PAUSE)
    return now + pause * random.uniform(1 - JITTER, 1 + JITTER)


def uncertain_tries(invitation: Invitation, kind: str) -> int:
    """How many mails of this kind left for an end that nobody knows."""
    return invitation.messages.filter(kind=kind, state=Message.State.UNCERTAIN).count()


class Withdrawn(NotSent):
    """The customer opted out while the mail was on its way to the server; the text is the reason's code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, passing=False)


def last_look(message: Message) -> None:
    """To be called when the very next thing is to let the text go; raises Withdrawn after an opt-out."""
    reason = quick.first(OPTED_OUT, [fold(message.address), message.invitation.survey_id])
    if reason:
        raise Withdrawn(reason)
