"""Invitations for the bench, made inside Django."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from surveys import deciding, interactions, links
from surveys.models import AskingPolicy, Invitation, SendingRule
from surveys.starters import NPS, start_survey


def make(count: int) -> list[str]:
    """The paths of that many sent NPS invitations, each of another customer."""
    plan(count)
    Invitation.objects.update(state=Invitation.State.SENT, sent_at=timezone.now() - dt.timedelta(hours=2))
    return [links.answer_path(invitation) for invitation in Invitation.objects.all()]


def plan(count: int) -> None:
    """That many NPS invitations which are due, each of another customer."""
    begin()
    report(count)


def begin() -> None:
    """A rule that asks everybody at once, at any hour."""
    survey = start_survey(NPS, code="bench", name="Bench")
    AskingPolicy.objects.create(days=[*range(7)], send_from=dt.time(), send_until=dt.time(), skips_holidays=False)
    SendingRule.objects.create(name="Bench", survey=survey, delay_minutes=0)


def report(count: int, *, first: int = 0, address: str = "c{number}@example.org") -> None:
    """That many contacts that ended two hours ago, numbered from `first` on."""
    at = timezone.now() - dt.timedelta(hours=2)
    with transaction.atomic():
        for number in range(first, first + count):
            deciding.receive(
                interactions.Report(
                    source="bench",
                    external_id=str(number),
                    updated_at=at,
                    customer={
                        "external_id": str(number),
                        "email": address.format(number=number),
                        "language": "ru",
                    },
                    fields={"channel": "email", "closed_at": at},
                )
            )
