"""Reminders really leave by SMTP, at most once each, and stop at whatever makes them unwanted."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from feedback import intake, settlement
from feedback.intake import Given
from feedback.models import Touch
from surveys import reminders, sending, suppression
from surveys.models import AskingPolicy, Invitation, Message, Pause
from tests.factories import without_words

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def asked(survey, make_invitation, customer) -> Invitation:
    """Sent four days ago, with a reminder due since an hour."""
    survey.first_reminder_days, survey.second_reminder_days = 3, 4
    survey.save()
    now = timezone.now()
    invitation = make_invitation(customer=customer, sent_at=now - 4 * DAY, next_reminder_at=now - dt.timedelta(hours=1))
    Message.objects.create(invitation=invitation, address=customer.email, state="accepted", created_at=now - 4 * DAY)
    return invitation


def remind(invitation: Invitation) -> Invitation:
    sending.remind([invitation.pk])
    return Invitation.objects.get(pk=invitation.pk)


def test_the_mail_sets_the_date_of_the_first_reminder(smtp, survey, make_invitation) -> None:
    survey.first_reminder_days = 3
    survey.save()
    invitation = make_invitation(state="planned", sent_at=None)
    sending.send([invitation.pk])
    sent = Invitation.objects.get()
    assert sent.next_reminder_at == sent.sent_at + 3 * DAY


def test_a_survey_without_reminders_sets_none(smtp, make_invitation) -> None:
    sending.send([make_invitation(state="planned", sent_at=None).pk])
    assert Invitation.objects.get().next_reminder_at is None


def test_two_reminders_with_the_same_link_and_no_third(smtp, asked) -> None:
    sent = remind(asked)
    assert (sent.state, sent.reminders_sent) == ("sent", 1)
    assert dt.timedelta(days=3, hours=23) < sent.next_reminder_at - timezone.now() <= 4 * DAY
    Invitation.objects.update(next_reminder_at=timezone.now())
    sent = remind(asked)
    assert (sent.reminders_sent, sent.next_reminder_at) == (2, None)
    first, second = smtp.mails
    token = Invitation.objects.get().token_hash
    assert token == asked.token_hash
    assert first["Message-ID"] != second["Message-ID"]
    kinds = Message.objects.order_by("pk").values_list("kind", "state")
    assert list(kinds) == [("invitation", "accepted"), ("reminder1", "accepted"), ("reminder2", "accepted")]


def test_not_due_is_not_sent(smtp, asked) -> None:
    Invitation.objects.update(next_reminder_at=timezone.now() + dt.timedelta(hours=1))
    assert remind(asked).reminders_sent == 0
    assert not smtp.mails


@pytest.mark.parametrize("evidence", ["confirmed", "presumed"])
def test_a_counted_answer_ends_them_at_once(smtp, asked, evidence: str) -> None:
    intake.record(asked, Given(score=5, evidence=evidence))
    assert Invitation.objects.get().next_reminder_at is None
    remind(asked)
    assert not smtp.mails


@pytest.mark.parametrize("evidence", ["held", "unverified"])
def test_what_does_not_count_does_not_end_them(smtp, asked, evidence: str) -> None:
    intake.record(asked, Given(score=5, evidence=evidence))
    assert remind(asked).reminders_sent == 1
    assert len(smtp.mails) == 1


def unsubscribed(invitation: Invitation) -> None:
    suppression.unsubscribe(invitation, everything=False)


def reported_as_spam(invitation: Invitation) -> None:
    suppression.suppress(invitation.customer.email, reason="spam_report")


def bounced(invitation: Invitation) -> None:
    invitation.messages.update(state="bounced")


def paused(invitation: Invitation) -> None:
    Pause.objects.create(customer=invitation.customer, reason="case")


def survey_closed(invitation: Invitation) -> None:
    type(invitation.survey).objects.update(is_archived=True)


def link_expired(invitation: Invitation) -> None:
    Invitation.objects.update(expires_at=timezone.now())


def called_off(invitation: Invitation) -> None:
    Invitation.objects.update(state="cancelled")


@pytest.mark.parametrize(
    "event", [unsubscribed, reported_as_spam, bounced, paused, survey_closed, link_expired, called_off]
)
def test_what_ends_them(smtp, asked, event) -> None:
    event(asked)
    sent = remind(asked)
    assert (sent.next_reminder_at, sent.reminders_sent) == (None, 0)
    assert not smtp.mails


def test_one_waits_for_the_hours_in_which_mail_may_leave(smtp, asked, time_machine) -> None:
    AskingPolicy.objects.update(send_from=dt.time(9), send_until=dt.time(18), days=[0, 1, 2, 3, 4])
    customer = asked.customer
    customer.timezone = "Europe/Moscow"
    customer.save()
    Invitation.objects.update(
        next_reminder_at=dt.datetime(2026, 11, 7, 3, tzinfo=dt.UTC),
        expires_at=dt.datetime(2026, 12, 7, tzinfo=dt.UTC),
        sent_at=dt.datetime(2026, 11, 3, tzinfo=dt.UTC),
    )
    time_machine.move_to(dt.datetime(2026, 11, 7, 4, tzinfo=dt.UTC), tick=False)  # a Saturday
    sent = remind(asked)
    assert (sent.reminders_sent, smtp.mails) == (0, [])
    assert sent.next_reminder_at == dt.datetime(2026, 11, 9, 6, tzinfo=dt.UTC)
    time_machine.move_to(sent.next_reminder_at, tick=False)
    assert remind(asked).reminders_sent == 1


def test_it_is_not_held_back_by_the_survey_it_belongs_to(smtp, asked, survey) -> None:
    survey.rest_after_silence_days = survey.gap_days = 30
    survey.save()
    AskingPolicy.objects.update(rolling_maximum=1)
    assert remind(asked).reminders_sent == 1


def test_an_ended_pause_ends_nothing(smtp, asked) -> None:
    Pause.objects.create(customer=asked.customer, reason="case", until=timezone.now())
    assert remind(asked).reminders_sent == 1


def test_an_opened_link_is_judged_first(smtp, asked, settings) -> None:
    now = timezone.now()
    touch = Touch(invitation=asked, score=5, at=now, method="GET", header_class="plain")
    touch.prefix_hash = touch.agent_hash = "x"
    touch.save()
    sent = remind(asked)
    assert sent.reminders_sent == 0
    assert sent.next_reminder_at > now
    assert not smtp.mails
    settlement.settle([asked.pk], now=now + dt.timedelta(hours=1))
    assert Invitation.objects.get().answer_state == "presumed"
    assert Invitation.objects.get().next_reminder_at is None


def test_a_busy_server_gets_it_later(smtp, asked) -> None:
    smtp.behaviour, began = "busy", timezone.now()
    sent = remind(asked)
    assert sent.reminders_sent == 0
    assert sent.next_reminder_at - began > dt.timedelta(seconds=20)
    assert sent.next_reminder_at - timezone.now() < dt.timedelta(seconds=40)
    smtp.behaviour = "accept"
    Invitation.objects.update(next_reminder_at=timezone.now())
    assert remind(asked).reminders_sent == 1
    assert len({message.message_id for message in Message.objects.filter(kind="reminder1")}) == 1


def test_an_unknown_recipient_ends_them(smtp, asked) -> None:
    smtp.behaviour = "unknown user"
    assert remind(asked).next_reminder_at is None


def test_one_lost_on_the_way_is_uncertain_and_never_repeated(smtp, asked) -> None:
    smtp.behaviour = "hang up"
    sent = remind(asked)
    assert (sent.state, sent.reminders_sent) == ("sent", 1)
    assert Message.objects.get(kind="reminder1").state == "uncertain"
    smtp.behaviour = "accept"
    remind(asked)
    assert len(smtp.mails) == 1


def test_a_worker_that_died_leaves_one_uncertain(asked) -> None:
    Invitation.objects.update(
        reminders_sent=1, next_reminder_at=None, lease="x", leased_until=timezone.now() - dt.timedelta(seconds=1)
    )
    Message.objects.create(invitation=asked, kind="reminder1", address="a@example.org", state="sending")
    assert sending.sweep() == 1
    assert Message.objects.get(kind="reminder1").state == "uncertain"
    assert Invitation.objects.get().state == "sent"
    assert sending.sweep() == 0


def test_a_wording_from_before_they_were_switched_on_has_no_words_for_them(smtp, asked) -> None:
    without_words(asked.version, "reminder1_")
    sent = remind(asked)
    assert (sent.next_reminder_at, sent.reminders_sent) == (None, 0)
    assert not smtp.mails


def test_the_queue_and_the_sweep_search_indexes(asked) -> None:
    if connection.vendor == "sqlite":
        assert "surveys_invitation_reminder" in reminders.waiting().explain()
        assert "surveys_message_sending" in sending._lost().explain()
