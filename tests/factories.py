"""Rows for tests, from keyword functions with believable defaults."""

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from ground.models import Team
from surveys import links
from surveys.models import Customer, Interaction, Invitation, Survey, SurveyVersion

_numbers = itertools.count(1)


def make_customer(**fields: Any) -> Customer:
    number = next(_numbers)
    defaults = {"external_id": f"c{number}", "email": f"customer{number}@example.org", "language": "ru"}
    return Customer.objects.create(**(defaults | fields))


def make_interaction(*, closed: bool = True, **fields: Any) -> Interaction:
    now = timezone.now()
    number = next(_numbers)
    defaults = {
        "source": "crm",
        "external_id": f"T-{number}",
        "updated_at": now,
        "created_at": now - dt.timedelta(hours=3),
        "closed_at": now - dt.timedelta(hours=2) if closed else None,
        "closings": 1 if closed else 0,
        "channel": "phone",
    }
    if "customer" not in fields:
        fields["customer"] = make_customer()
    return Interaction.objects.create(**(defaults | fields))


def make_invitation(survey: Survey, **fields: Any) -> Invitation:
    """A sent invitation, an hour old."""
    now = timezone.now()
    interaction = fields.pop("interaction", None) or make_interaction(
        **{name: fields[name] for name in ("team", "agent", "channel", "customer") if name in fields}
    )
    version = survey.published
    assert version is not None
    defaults = {
        "survey": survey,
        "version": version,
        "interaction": interaction,
        "closing": interaction.closings,
        "customer": interaction.customer,
        "team": interaction.team,
        "agent": interaction.agent,
        "channel": interaction.channel,
        "language": "ru",
        "state": Invitation.State.SENT,
        "due_at": now - dt.timedelta(hours=1),
        "sent_at": now - dt.timedelta(hours=1),
        "expires_at": now + dt.timedelta(days=30),
    }
    invitation = Invitation(**(defaults | fields))
    links.stamp(invitation)
    invitation.save()
    return invitation


def make_team(code: str) -> Team:
    return Team.objects.create(code=code, name=code.title())


def without_words(version: SurveyVersion, beginning: str) -> None:
    """Take the texts that begin so from a version."""
    version.texts = {
        code: {part: text for part, text in parts.items() if not part.startswith(beginning)}
        for code, parts in version.texts.items()
    }
    version.save(update_fields=["texts"])
