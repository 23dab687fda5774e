"""What becomes of a planned mail when its contact changes before it leaves."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from surveys import deciding, interactions, sending
from surveys.models import Customer, Decision, Interaction, Invitation, SendingRule
from tests.factories import make_interaction

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def planned(rule: SendingRule, customer: Customer) -> Invitation:
    deciding.consider(make_interaction(customer=customer))
    return Invitation.objects.get()


def send(invitation: Invitation) -> Invitation:
    sending.send([invitation.pk])
    return Invitation.objects.get(pk=invitation.pk)


def close_again(contact: Interaction, **fields: Any) -> Decision | None:
    Interaction.objects.filter(pk=contact.pk).update(closed_at=timezone.now(), closings=2, **fields)
    return deciding.consider(Interaction.objects.get(pk=contact.pk))


@pytest.mark.parametrize("repeat", ["closing", "interaction"])
def test_a_contact_that_is_open_again_is_asked_about_when_it_is_closed_anew(
    smtp: Any, planned: Invitation, repeat: str
) -> None:
    SendingRule.objects.update(repeat=repeat)
    Interaction.objects.update(reopened_at=timezone.now() - MINUTE)
    held = send(planned)
    assert (held.state, held.error, smtp.mails) == ("refused", "not_finished", [])
    assert Decision.objects.get(ordinal=2).reason == "not_finished"
    again = close_again(planned.interaction)
    assert again and (again.outcome, again.reason) == ("send", "")
    assert send(Invitation.objects.get(closing=2)).state == "sent"
    assert len(smtp.mails) == 1


def test_once_closed_anew_before_it_leaves_it_is_asked_about_as_planned(smtp: Any, planned: Invitation) -> None:
    Interaction.objects.update(reopened_at=timezone.now() - MINUTE)
    again = close_again(planned.interaction)
    assert again and again.reason == "survey_rest"
    assert send(planned).state == "sent"
    assert len(smtp.mails) == 1


def test_a_solution_that_was_taken_back_is_not_asked_about(rule: SendingRule, customer: Customer) -> None:
    SendingRule.objects.update(event="resolved")
    now = timezone.now()
    contact = make_interaction(
        closed=False, customer=customer, resolved_at=now - 60 * MINUTE, is_resolved=True, reopened_at=now - MINUTE
    )
    decision = deciding.consider(contact, event="resolved")
    assert decision and decision.reason == "not_finished"


def test_what_asks_on_the_way_does_not_wait_for_the_end(rule: SendingRule, customer: Customer) -> None:
    SendingRule.objects.update(event="first_response")
    now = timezone.now()
    contact = make_interaction(customer=customer, first_response_at=now - 30 * MINUTE, reopened_at=now - MINUTE)
    decision = deciding.consider(contact, event="first_response")
    assert decision and decision.outcome == "send"


def test_a_contact_that_turns_out_to_be_anothers_asks_that_one(smtp: Any, planned: Invitation) -> None:
    contact = planned.interaction
    report = interactions.Report(
        source=contact.source, external_id=contact.external_id, updated_at=timezone.now(),
        customer={"external_id": "c-petr", "email": "petr@example.org", "language": "en"},
    )  # fmt: skip
    deciding.receive(report)
    sent = send(planned)
    assert (sent.state, sent.customer.external_id) == ("sent", "c-petr")
    (mail,) = smtp.mails
    assert (mail["To"], mail["Subject"]) == ("petr@example.org", "How did we handle your request?")
