"""The thank-you mail: after a confirmed answer, once, where the survey wants it and the customer may be written to."""

import pytest
from django.utils import timezone

from feedback import counting, intake
from feedback.intake import Given
from surveys import sending, suppression, thanks
from surveys.models import Invitation, Message
from tests.factories import without_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(survey, make_invitation, customer) -> Invitation:
    survey.sends_thanks = True
    survey.save()
    return make_invitation(customer=customer)


def thank(invitation: Invitation) -> Invitation:
    sending.thank([invitation.pk])
    return Invitation.objects.get(pk=invitation.pk)


def test_a_confirmed_answer_is_thanked_for_once(smtp, asked) -> None:
    intake.record(asked, Given(score=5))
    assert Invitation.objects.get().thanks_due_at is not None
    assert thank(asked).thanks_due_at is None
    intake.record(asked, Given(score=4, is_deliberate=True, replace=True))
    thank(asked)
    assert len(smtp.mails) == 1
    assert Message.objects.get().kind == "thanks"


def test_one_that_is_held_and_counts_again_is_thanked_for_once(smtp, asked) -> None:
    response = intake.record(asked, Given(score=5)).response
    thank(asked)
    counting.bring(response, evidence="held", held_for="trap")
    counting.bring(response, evidence="confirmed")
    assert thanks.waiting().exists()
    assert thank(asked).thanks_due_at is None
    assert len(smtp.mails) == 1


def test_presumed_first_and_confirmed_later_is_thanked_for_then(smtp, asked) -> None:
    intake.record(asked, Given(score=5, evidence="presumed"))
    assert Invitation.objects.get().thanks_due_at is None
    intake.record(asked, Given(score=5))
    thank(asked)
    assert len(smtp.mails) == 1


def test_a_held_answer_is_not_thanked_for(asked) -> None:
    intake.record(asked, Given(score=5, evidence="held"))
    assert not thanks.waiting().exists()


def test_a_survey_that_sends_none(make_invitation) -> None:
    intake.record(make_invitation(), Given(score=5))
    assert not thanks.waiting().exists()


def test_who_unsubscribed_is_not_written_to(smtp, asked) -> None:
    intake.record(asked, Given(score=5))
    suppression.unsubscribe(asked, everything=True)
    assert thank(asked).thanks_due_at is None
    assert not smtp.mails


def test_a_survey_that_closed_meanwhile_still_says_thanks(smtp, asked) -> None:
    intake.record(asked, Given(score=5))
    type(asked.survey).objects.update(closes_at=timezone.now())
    thank(asked)
    assert len(smtp.mails) == 1


def test_a_busy_server_gets_it_later(smtp, asked) -> None:
    intake.record(asked, Given(score=5))
    smtp.behaviour = "busy"
    assert thank(asked).thanks_due_at > timezone.now()


def test_one_lost_on_the_way_is_never_repeated(smtp, asked) -> None:
    intake.record(asked, Given(score=5))
    smtp.behaviour = "hang up"
    assert thank(asked).thanks_due_at is None
    assert Message.objects.get().state == "uncertain"


def test_a_wording_from_before_it_was_switched_on_has_no_words_for_it(smtp, asked) -> None:
    without_words(asked.version, "thanks_")
    intake.record(asked, Given(score=5))
    assert thank(asked).thanks_due_at is None
    assert not smtp.mails
