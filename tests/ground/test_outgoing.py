"""Mails to staff really leave by SMTP: at most once, again after an outage, and nothing is lost without a trace."""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from ground import outgoing, rowqueue
from ground import smtp as handing_over
from ground.models import Outgoing, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(manager) -> Outgoing:
    return Outgoing.objects.create(
        user=manager, address=manager.email, subject="2 contact requests", text="Text.\n", html="<p>Text.</p>"
    )


def deliver(row: Outgoing, *, later: dt.timedelta = dt.timedelta()) -> Outgoing:
    """What the bell does, at another moment."""
    with time_machine.travel(timezone.now() + later, tick=False):
        outgoing.sweep()
        outgoing.deliver(rowqueue.waiting_ids(outgoing.waiting(), limit=9))
    return Outgoing.objects.get(pk=row.pk)


def test_the_mail_arrives_whole(smtp, row, settings) -> None:
    settings.BASE_URL = "https://otklik.example.org"
    assert deliver(row).sent_at
    (mail,) = smtp.mails
    assert mail["To"] == row.address
    assert mail["Subject"] == "2 contact requests"
    assert "Маяк" in mail["From"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<notice.{row.pk}@otklik.example.org>"
    assert mail["List-Id"] == "<notifications.otklik.example.org>"
    assert mail["List-Unsubscribe"] == "<https://otklik.example.org/admin/notifications/>"
    assert mail.get_body(("plain",)).get_content().strip() == "Text."
    assert "<p>Text.</p>" in mail.get_body(("html",)).get_content()


def test_nothing_leaves_twice(smtp, row) -> None:
    deliver(row)
    deliver(row)
    assert len(smtp.mails) == 1


def test_a_dead_server_loses_and_doubles_nothing(smtp, row, settings) -> None:
    alive = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    for minutes in (0, 1, 3, 10, 40, 120):
        waits = deliver(row, later=dt.timedelta(minutes=minutes))
        assert (waits.sent_at, waits.quarantined_at, waits.error) == (None, None, "ConnectionRefusedError")
    settings.EMAIL_PORT = alive
    assert deliver(row, later=dt.timedelta(minutes=121)).sent_at is None  # not before the pause is over
    assert deliver(row, later=dt.timedelta(minutes=151)).sent_at
    assert deliver(row, later=dt.timedelta(minutes=200)).error == ""
    assert len(smtp.mails) == 1


def test_after_three_days_a_person_has_to_look(smtp, row, settings) -> None:
    settings.EMAIL_PORT = 1
    assert deliver(row, later=dt.timedelta(hours=73)).quarantined_at


def test_a_busy_server_is_asked_again(smtp, row) -> None:
    smtp.behaviour = "busy"
    assert deliver(row).error == "SMTPDataError: 451"
    smtp.behaviour = "accept"
    assert deliver(row, later=dt.timedelta(minutes=1)).sent_at


def test_an_unknown_address_is_not_tried_again(smtp, row) -> None:
    smtp.behaviour = "unknown user"
    refused = deliver(row)
    assert refused.quarantined_at
    assert refused.error == "recipient refused: 550"
    smtp.behaviour = "accept"
    deliver(row, later=dt.timedelta(hours=1))
    assert not smtp.mails


def test_a_mail_that_may_have_left_is_not_sent_again_by_itself(smtp, row) -> None:
    smtp.behaviour = "hang up"
    assert deliver(row).quarantined_at
    smtp.behaviour = "accept"
    deliver(row, later=dt.timedelta(hours=1))
    assert len(smtp.mails) == 1
    rowqueue.retry(Outgoing.objects.all())
    assert deliver(row).sent_at
    assert smtp.mails[0]["Message-ID"] == smtp.mails[1]["Message-ID"]


def test_a_worker_that_dies_while_sending_leaves_it_to_a_person(smtp, row, monkeypatch) -> None:
    def die(mail) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(handing_over, "hand_over", die)
        deliver(row)
    assert deliver(row).quarantined_at is None  # its lease still runs
    lost = deliver(row, later=dt.timedelta(minutes=2))
    assert lost.quarantined_at
    assert lost.error == "the worker died while sending"
    assert not smtp.mails


def test_whoever_lost_the_log_in_gets_nothing(smtp, row) -> None:
    User.objects.update(is_active=False)
    outgoing.deliver([row.pk])
    assert not smtp.mails
    assert not Outgoing.objects.exists()


def test_what_could_not_be_delivered_is_forgotten_after_a_month(row) -> None:
    kept = []
    for days in (29, 31):
        Outgoing.objects.update(quarantined_at=timezone.now() - dt.timedelta(days=days))
        outgoing.forget_old()
        kept.append(Outgoing.objects.count())
    assert kept == [1, 0]


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@example.org", "a\nb", "\u202eabc", "=?utf-8?q?x?="])
def test_a_hostile_subject_adds_no_header(smtp, row, subject) -> None:
    Outgoing.objects.update(subject=subject)
    deliver(row)
    for mail in smtp.mails:
        assert mail["Bcc"] is None
        assert len(mail.get_all("Subject")) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_one_mail(smtp, row) -> None:
    def work() -> None:
        outgoing.deliver([row.pk])
        handing_over.drop()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.mails) == 1
