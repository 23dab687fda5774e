"""What may be there once is refused the second time by the database itself, whatever the code in front of it does.

Two workers at one moment both find nothing there; what decides then is the constraint.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from feedback.models import Comment, Exclusion
from ground.models import IdempotencyRecord, InboundMail, Notice, User
from surveys.models import Decision, Suppression, Survey
from tests import factories
from tests.config.reading import make_response

pytestmark = pytest.mark.django_db


def invitation(survey: Survey, person: User) -> Callable[[], models.Model]:
    interaction = factories.make_interaction()
    return lambda: factories.make_invitation(survey, interaction=interaction)


def decision(survey: Survey, person: User) -> Callable[[], models.Model]:
    asked = {"interaction": factories.make_interaction(), "closing": 1, "ordinal": 0, "decided_at": timezone.now()}
    return lambda: Decision.objects.create(outcome="refuse", reason="no_rule", trace=[], **asked)


def interaction(survey: Survey, person: User) -> Callable[[], models.Model]:
    return lambda: factories.make_interaction(source="crm", external_id="T-1")


def comment(survey: Survey, person: User) -> Callable[[], models.Model]:
    return lambda: Comment.objects.create(source="review", origin="maps.example", external_key="k-1", text="Long")


def exclusion(survey: Survey, person: User) -> Callable[[], models.Model]:
    response = make_response(survey)
    return lambda: Exclusion.objects.create(response=response, reason="spam", author=person)


def notice(survey: Survey, person: User) -> Callable[[], models.Model]:
    return lambda: Notice.objects.create(user=person, kind="mention", key="1", due_at=timezone.now())


def kept_reply(survey: Survey, person: User) -> Callable[[], models.Model]:
    asked = {"caller": "key:1", "key": "k-1", "fingerprint": "f", "status": 202, "body": {}}
    return lambda: IdempotencyRecord.objects.create(**asked)


def mail(survey: Survey, person: User) -> Callable[[], models.Model]:
    return lambda: InboundMail.objects.create(mailbox="INBOX 1", uid=7, raw=b"x")


def suppression(survey: Survey, person: User) -> Callable[[], models.Model]:
    return lambda: Suppression.objects.create(address="x@example.org", survey=None, reason="manual")


ONCE: dict[str, Any] = {
    "surveys_invitation_once": invitation,
    "surveys_interaction_once": interaction,
    "surveys_decision_once": decision,
    "surveys_suppression_all_once": suppression,
    "ground_idempotency_once": kept_reply,
    "ground_inbound_once": mail,
    "ground_notice_once": notice,
    "feedback_comment_once": comment,
    "feedback_exclusion_response_once": exclusion,
}


@pytest.mark.parametrize("name", ONCE)
def test_the_database_refuses_the_second(survey: Survey, manager: User, name: str) -> None:
    make = ONCE[name](survey, manager)
    first = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        make()
    assert type(first)._default_manager.filter(pk=first.pk).exists()
