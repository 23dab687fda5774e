"""The mail really leaves by SMTP to a server that behaves as told, and its worker really dies."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from ground import smtp as handing_over
from surveys import deciding, invitations, letters, links, sending, suppression
from surveys.models import Customer, Decision, Interaction, Invitation, Message, Suppression
from tests.factories import make_interaction, make_invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def resends(survey) -> None:
    survey.on_uncertain = "resend"
    survey.save()


def test_a_survey_may_want_an_uncertain_mail_again(smtp, resends, planned) -> None:
    smtp.behaviour = "hang up"
    assert send(planned).state == "planned"
    smtp.behaviour = "accept"
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"
    first, second = smtp.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert [message.state for message in Message.objects.order_by("pk")] == ["uncertain", "accepted"]


@pytest.mark.parametrize("report", ["delivered", "bounced"])
def test_a_report_that_the_uncertain_mail_arrived_stops_the_second(smtp, resends, planned, report: str) -> None:
    smtp.behaviour = "hang up"
    send(planned)
    Message.objects.update(state=report)
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"
    assert len(smtp.mails) == 1


def test_a_report_faster_than_the_servers_word_stands(planned) -> None:
    message = Message.objects.create(invitation=planned, address="a@example.org", state="bounced")
    sending.record_accepted(message, at=timezone.now())
    assert Message.objects.get().state == "bounced"


def test_it_is_sent_again_twice_and_then_left_to_a_person(smtp, resends, planned) -> None:
    smtp.behaviour = "hang up"
    for state in ("planned", "planned", "uncertain", "uncertain"):
        assert send(planned).state == state
        Invitation.objects.update(due_at=timezone.now())
    assert len(smtp.mails) == 3


def test_a_dead_workers_mail_is_sent_again_where_the_survey_wants_it(resends, planned) -> None:
    Invitation.objects.update(state="sending", leased_until=timezone.now() - dt.timedelta(seconds=1))
    Message.objects.create(invitation=planned, address="olga@example.org", state="sending")
    assert sending.sweep() == 1
    assert Invitation.objects.get().state == "planned"
    assert Message.objects.get().state == "uncertain"


@pytest.fixture
def planned(rule, customer) -> Invitation:
    deciding.consider(make_interaction(customer=customer))
    return Invitation.objects.get()


def send(invitation: Invitation) -> Invitation:
    sending.send([invitation.pk])
    return Invitation.objects.get(pk=invitation.pk)


def test_the_mail_arrives_whole(smtp, planned, settings) -> None:
    settings.BASE_URL = "https://otklik.example.org"
    sent = send(planned)
    assert sent.state == "sent"
    assert Message.objects.get().state == "accepted"
    (mail,) = smtp.mails
    token = links.answer_path(planned)
    assert mail["To"] == "olga@example.org"
    assert mail["Subject"].strip() == "Как мы справились с вашим обращением?"
    assert "Маяк" in mail["From"]
    assert mail["List-Unsubscribe"] == f"<https://otklik.example.org{links.unsubscribe_path(planned)}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert planned.public_id.hex in mail["Message-ID"]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = mail.get_body(("html",)).get_content()
    for score in range(1, 6):
        assert f"https://otklik.example.org{token}/{score}\n" in text
        assert f'href="https://otklik.example.org{token}/{score}"' in html
    assert "Отлично" in text
    assert f"{token}/t" in html
    assert f"{token}/t" not in text
    assert "Здравствуйте" in text


def test_english_for_an_english_customer(smtp, rule, customer) -> None:
    Customer.objects.update(language="en")
    deciding.consider(make_interaction(customer=Customer.objects.get()))
    send(Invitation.objects.get())
    assert smtp.mails[0]["Subject"] == "How did we handle your request?"
    assert "Stop asking me" in smtp.mails[0].get_body(("plain",)).get_content()


def test_nothing_leaves_twice(smtp, planned) -> None:
    send(planned)
    send(planned)
    assert len(smtp.mails) == 1


def test_not_due_is_not_sent(smtp, planned) -> None:
    Invitation.objects.update(due_at=timezone.now() + dt.timedelta(hours=1))
    assert send(planned).state == "planned"
    assert not smtp.mails


def test_an_opt_out_after_the_decision_wins(smtp, planned) -> None:
    suppression.unsubscribe(planned, everything=True)
    sent = send(planned)
    assert (sent.state, sent.error) == ("refused", "unsubscribed")
    assert not smtp.mails
    assert Decision.objects.order_by("pk").last().reason == "unsubscribed"


@pytest.mark.django_db(transaction=True)
def test_an_opt_out_just_before_the_text_wins(smtp, planned) -> None:
    """The server has taken sender and recipient when the customer opts out: it never gets the text."""
    smtp.before_text = lambda: suppression.suppress("olga@example.org", reason="unsubscribed")
    sent = send(planned)
    assert (sent.state, sent.error) == ("refused", "unsubscribed")
    assert not smtp.mails
    assert Message.objects.get().state == "failed"
    assert Decision.objects.order_by("pk").last().reason == "unsubscribed"


def test_an_answer_that_came_after_the_checks_holds_the_mail_back(smtp, planned, monkeypatch) -> None:
    """By another way, while those before it in the bunch were handed over."""
    deliver = sending._begin

    def answered(*args, **options):
        Invitation.objects.update(answer_state="confirmed")
        return deliver(*args, **options)

    monkeypatch.setattr(sending, "_begin", answered)
    send(planned)
    assert not smtp.mails and not Message.objects.exists()


def test_resubscribing_lets_mail_through_again(smtp, planned) -> None:
    suppression.unsubscribe(planned, everything=True)
    suppression.resubscribe(planned)
    assert send(planned).state == "sent"


def test_a_customer_asked_twice_at_once_gets_the_first_mail(smtp, planned, nps_survey, customer) -> None:
    other = make_interaction(customer=customer)
    Interaction.objects.filter(pk=other.pk).update(closings=1)
    second = make_invitation(nps_survey, interaction=other, state="planned", sent_at=None)
    assert send(planned).state == "sent"
    assert send(second).state == "refused"


def test_a_busy_server_is_tried_again_later(smtp, planned) -> None:
    smtp.behaviour = "busy"
    sent = send(planned)
    assert sent.state == "planned"
    assert sent.due_at > timezone.now()
    smtp.behaviour = "accept"
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"
    assert [message.state for message in Message.objects.order_by("pk")] == ["failed", "accepted"]
    assert len({message.message_id for message in Message.objects.all()}) == 1


def test_a_busy_server_is_given_up_after_three_days(smtp, planned) -> None:
    smtp.behaviour = "busy"
    send(planned)
    Message.objects.update(created_at=timezone.now() - dt.timedelta(hours=73))
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "failed"


def test_an_unknown_recipient_fails_for_good(smtp, planned) -> None:
    smtp.behaviour = "unknown user"
    sent = send(planned)
    assert sent.state == "failed"
    assert "550" in sent.error


@pytest.mark.parametrize(
    ("said", "is_dead"),
    [
        ("unknown user", True),
        ("550 5.7.1 No such user!", True),
        ("550 User unknown", True),
        ("550 5.7.1 blocked by policy", False),
        ("452 4.2.2 mailbox full", False),
    ],
)
def test_an_address_that_the_server_calls_dead_gets_no_more_mail(smtp, planned, said: str, is_dead: bool) -> None:
    smtp.behaviour = said
    send(planned)
    assert [row.reason for row in Suppression.objects.all()] == ["hard_bounce"] * is_dead


def test_a_connection_lost_after_the_text_is_uncertain_and_never_repeated(smtp, planned) -> None:
    smtp.behaviour = "hang up"
    assert send(planned).state == "uncertain"
    smtp.behaviour = "accept"
    Invitation.objects.update(due_at=timezone.now())
    send(planned)
    assert len(smtp.mails) == 1
    assert Message.objects.get().state == "uncertain"


def test_a_connection_lost_before_the_text_is_tried_again(smtp, planned) -> None:
    smtp.behaviour = "hang up early"
    assert send(planned).state == "planned"
    smtp.behaviour = "accept"
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"
    assert len(smtp.mails) == 1


def test_the_first_mail_after_the_server_hung_up_on_an_idle_line_arrives(smtp, planned, rule) -> None:
    send(planned)
    loop = smtp.controller.loop
    loop.call_soon_threadsafe(smtp.transports[-1].abort)
    deciding.consider(make_interaction())
    assert send(Invitation.objects.exclude(pk=planned.pk).get()).state == "sent"
    assert len(smtp.mails) == 2


def test_a_mail_that_cannot_be_written_failed_and_did_not_leave(smtp, planned, monkeypatch) -> None:
    monkeypatch.setattr(letters, "write", lambda *_, **__: 1 / 0)
    sent = send(planned)
    assert sent.state == "failed"
    assert "ZeroDivisionError" in sent.error
    assert not smtp.mails


def test_a_closed_survey_is_its_own_reason(smtp, planned, survey) -> None:
    survey.is_archived = True
    survey.save(update_fields=["is_archived"])
    sent = send(planned)
    assert (sent.state, sent.error) == ("refused", "survey_closed")


def test_the_queue_and_its_sweep_search_an_index(planned) -> None:
    plan = invitations.waiting().explain() + Invitation.objects.filter(state="sending").explain()
    assert "surveys_invitation_due" in plan or connection.vendor != "sqlite", plan


def test_no_server_at_all_is_tried_again(planned, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send(planned).state == "planned"
    assert Message.objects.get().state == "failed"


def test_a_worker_that_died_while_sending_leaves_it_uncertain(planned) -> None:
    Invitation.objects.update(state="sending", leased_until=timezone.now() - dt.timedelta(seconds=1))
    Message.objects.create(invitation=planned, address="olga@example.org", state="sending")
    assert sending.sweep() == 1
    assert Invitation.objects.get().state == "uncertain"
    assert Message.objects.get().state == "uncertain"


def test_a_worker_that_still_sends_is_left_alone(planned) -> None:
    Invitation.objects.update(state="sending", leased_until=timezone.now() + dt.timedelta(seconds=9))
    Message.objects.create(invitation=planned, address="olga@example.org", state="sending")
    assert sending.sweep() == 0


HOSTILE = [
    "a\r\nBcc: x@example.org",
    "a\nSubject: b",
    "a\u2028Bcc: x@example.org",
    "\u202eabc",
    "=?utf-8?q?x?=",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_adds_no_header(smtp, planned, organisation, name: str) -> None:
    organisation.name = name
    organisation.save()
    planned.version.texts["ru"]["subject"] = name
    planned.version.save(update_fields=["texts"])
    assert send(planned).state == "sent"
    (mail,) = smtp.mails
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject")) == 1
    assert mail["To"] == "olga@example.org"


def test_what_is_no_longer_fresh_is_given_back(smtp, planned, monkeypatch) -> None:
    """A slow server holds a worker, for seconds; the rest of its bunch waits for the next bell."""
    second = deciding.consider(make_interaction()).planned
    monkeypatch.setattr(sending, "FRESH_SECONDS", 0.0)
    assert sending.send([planned.pk, second.pk]) == 0
    assert {(one.state, one.lease, one.attempts) for one in Invitation.objects.all()} == {("planned", "", 0)}


def test_one_that_cannot_be_decided_about_does_not_hold_up_the_others(smtp, planned, monkeypatch) -> None:
    second = deciding.consider(make_interaction()).planned
    weigh = invitations._weigh
    monkeypatch.setattr(invitations, "_weigh", lambda one, *told: 1 / 0 if one.pk == planned.pk else weigh(one, *told))
    for _bell in range(4):
        sending.send([planned.pk, second.pk])
        Invitation.objects.update(leased_until=None)
    assert Invitation.objects.get(pk=second.pk).state == "sent"
    broken = Invitation.objects.get(pk=planned.pk)
    assert (broken.state, broken.attempts, broken.error) == ("planned", 3, "ZeroDivisionError")
    assert broken.quarantined_at is not None


def test_a_pause_after_a_refusal_differs_a_little(smtp, planned) -> None:
    smtp.behaviour = "busy"
    pauses = set()
    for _try in range(3):
        Invitation.objects.update(due_at=timezone.now())
        Message.objects.all().delete()
        asked = timezone.now()
        due, told = send(planned).due_at, timezone.now()
        pauses.add(round((due - asked).total_seconds(), 3))
        assert (due - asked).total_seconds() > 23 and (due - told).total_seconds() < 37
    assert len(pauses) == 3


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_one_mail(smtp, planned) -> None:
    def work() -> None:
        sending.send([planned.pk])
        handing_over.drop()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.mails) == 1
