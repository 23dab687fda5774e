"""The demo's links: a QR code at a desk that people have answered by, and one for a help desk's mails."""

import datetime as dt
import random

from django.conf import settings

from config.demo.traffic import Voices
from feedback import intake
from feedback.intake import Given
from ground.models import Team
from surveys import first_use, public_links
from surveys.models import Customer, Interaction, Invitation, Link, Survey
from surveys.public_links import Place

ANSWERS, DAYS = 24, 40


def make_links(*, now: dt.datetime) -> Link:
    """One link of each kind; returns the desk's."""
    survey, began = Survey.objects.get(code="support"), now - dt.timedelta(days=DAYS + 1)
    Link.objects.create(
        kind=Link.Kind.TEMPLATE,
        label="Письма Zendesk",
        survey=survey,
        team=Team.objects.get(code="support"),
        channel="email",
        source="zendesk",
        public_key=public_links.new_key(),
        created_at=began,
    )
    Link.objects.create(
        kind=Link.Kind.WIDGET,
        label="Интернет-магазин",
        survey=survey,
        team=Team.objects.get(code="delivery"),
        channel="web",
        public_key=public_links.new_key(),
        created_at=began,
        placement={"origins": [settings.BASE_URL], "trigger": "delay", "delay": 5},
    )
    return Link.objects.create(
        label="Пункт выдачи, стойка 4",
        survey=survey,
        team=Team.objects.get(code="delivery"),
        public_key=public_links.new_key(),
        created_at=began,
    )


def answer_at_the_desk(link: Link, voices: Voices, *, dice: random.Random, now: dt.datetime) -> None:
    """Some weeks of visitors who scanned the code."""
    place, version = Place(link=link, number="", score=None, is_signed=True), link.survey.published
    assert version is not None
    for number in range(ANSWERS):
        mood = min(max(dice.gauss(0.74, 0.25), 0), 1)
        at = now - dt.timedelta(days=dice.uniform(0.1, DAYS))
        invitation = first_use.invite(place, f"demo-{number}", version, language="ru")
        intake.record(
            invitation,
            Given(
                score=1 + min(4, int(mood**0.9 * 5.15)),
                text=voices.text(language="ru", mood=mood) if dice.random() < 0.5 else None,
                at=at,
            ),
        )
        _date_back(invitation, at=at)


def _date_back(invitation: Invitation, *, at: dt.datetime) -> None:
    """The door makes rows of this moment; the visitor came at another one."""
    expires_at = at + dt.timedelta(days=invitation.survey.link_days)
    Invitation.objects.filter(pk=invitation.pk).update(created_at=at, due_at=at, expires_at=expires_at)
    Interaction.objects.filter(pk=invitation.interaction_id).update(created_at=at, received_at=at)
    Customer.objects.filter(pk=invitation.customer_id).update(created_at=at)
