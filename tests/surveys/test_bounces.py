"""From a mailbox on a real IMAP server to what is done: dead addresses, full mailboxes, spam reports, and forgeries."""

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from config import queues
from ground import inbox
from ground import tasks as ground_tasks
from ground.models import InboundMail
from surveys import bounces, channels, dsn, suppression, tasks, verp
from surveys.models import Consent, Invitation, Message, Pause, Suppression
from tests import imap
from tests.factories import make_invitation
from tests.surveys.test_dsn import BOUNCES, OTHERS, mail

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("mailbox")
    with imap.serving(folder) as url:
        yield folder, url


@pytest.fixture
def mailbox(server, settings) -> Iterator[Callable[[bytes], None]]:
    """Puts a mail into the mailbox that we read."""
    folder, settings.MAILBOX_URL = server
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    numbers = itertools.count(3)
    yield lambda raw: (folder / f"{next(numbers)}.eml").write_bytes(raw) and None
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture
def message(settings, survey, customer) -> Message:
    return make_message(survey, customer)


def make_message(survey, customer, **fields) -> Message:
    invitation = make_invitation(survey, customer=customer, next_reminder_at=timezone.now())
    defaults = {"address": customer.email, "state": "accepted", "handed_over_at": timezone.now()}
    return Message.objects.create(
        invitation=invitation, message_id=channels.message_id(invitation), **(defaults | fields)
    )


def returned(name: str, message: Message, **changes: str) -> bytes:
    told = {"sent_to": verp.return_path(message), "to": message.address, "message_id": message.message_id}
    return mail(name, **(told | changes))


def read() -> None:
    """What the ticks do."""
    ground_tasks.read_mailbox()
    tasks.understand_mails(bounces.due())


def test_a_dead_address_gets_no_more_mail(mailbox, message, nps_survey) -> None:
    mailbox(returned("postfix-user-unknown", message))
    read()
    (entry,) = Suppression.objects.all()
    assert (entry.address, entry.reason, entry.survey) == ("olga@example.org", "hard_bounce", None)
    assert "5.1.1" in entry.source
    assert suppression.is_suppressed("Olga@example.org", nps_survey)
    message.refresh_from_db()
    assert (message.state, message.status_code) == ("bounced", "5.1.1") and message.reported_at
    assert Invitation.objects.get().next_reminder_at is None


@pytest.mark.parametrize("name", sorted(BOUNCES))
def test_every_shape_of_bounce_does_what_it_says(mailbox, message, name: str) -> None:
    mailbox(returned(name, message))
    read()
    message.refresh_from_db()
    assert (message.state, message.status_code) == ("bounced", BOUNCES[name][0])
    assert Suppression.objects.exists() == BOUNCES[name][1]
    assert InboundMail.objects.get().kind == "bounce"


@pytest.mark.parametrize("name", sorted(name for name, kind in OTHERS.items() if kind != "complaint"))
def test_what_is_no_bounce_changes_nothing(mailbox, message, name: str) -> None:
    mailbox(returned(name, message))
    read()
    message.refresh_from_db()
    assert message.state == "accepted" and not Suppression.objects.exists() and not Pause.objects.exists()
    assert InboundMail.objects.get().handled_at


@pytest.mark.parametrize("name", ["arf-abuse", "arf-mailru"])
def test_a_spam_report_is_for_all_and_for_ever(mailbox, message, name: str) -> None:
    suppression.unsubscribe(message.invitation, everything=True)
    mailbox(returned(name, message))
    read()
    suppression.resubscribe(message.invitation)
    (entry,) = Suppression.objects.all()
    assert (entry.reason, entry.survey) == ("spam_report", None)


def forged(message: Message, other: Message) -> dict[str, bytes]:
    path = verp.return_path(message)
    elsewhere = verp.return_path(other).replace(f"+{other.pk}-", f"+{message.pk}-")
    bounce = "postfix-user-unknown"
    return {
        "no tag": returned(bounce, message, sent_to="bounces@example.org"),
        "another message's seal": returned(bounce, message, sent_to=elsewhere),
        "a made-up seal": returned(bounce, message, sent_to=f"bounces+{message.pk}-0123456789abcdef@example.org"),
        "another domain": returned(bounce, message, sent_to=path.replace("example.org", "evil.example")),
        "about another mail of ours": returned(bounce, message, message_id=other.message_id),
        "a tag in the text alone": returned(bounce, message, sent_to="bounces@example.org") + path.encode(),
        "a spam report without a tag": returned("arf-abuse", message, sent_to="bounces@example.org"),
    }


FORGERIES = [
    "no tag", "another message's seal", "a made-up seal", "another domain", "about another mail of ours",
    "a tag in the text alone", "a spam report without a tag",
]  # fmt: skip


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_report_silences_nobody(mailbox, message, survey, how: str) -> None:
    other = make_message(survey, message.invitation.customer)
    mailbox(forged(message, other)[how])
    read()
    assert not Suppression.objects.exists()
    assert not Message.objects.exclude(state="accepted").exists()
    assert InboundMail.objects.get().handled_at


def test_a_true_tag_silences_its_own_address_alone(mailbox, message) -> None:
    """Whoever got a mail knows its tag: what they write about another address with it is not believed."""
    mailbox(returned("postfix-user-unknown", message, to="victim@client.example"))
    read()
    assert [entry.address for entry in Suppression.objects.all()] == ["olga@example.org"]


def test_a_letter_to_the_unsubscribe_address_unsubscribes(mailbox, message) -> None:
    mailbox(returned("a-person-writes", message, sent_to=verp.unsubscribe_address(message)))
    read()
    assert {(row.reason, row.survey) for row in Suppression.objects.all()} == {("unsubscribed", None)}
    assert Consent.objects.get().source == "mail to the unsubscribe address"


def test_nothing_else_that_comes_to_it_does(mailbox, message) -> None:
    address = verp.unsubscribe_address(message)
    forged = address.replace("+u", "+", 1), verp.return_path(message).replace("+", "+u", 1)
    for name in (
        "out-of-office-vacation",
        "out-of-office-exchange",
        "postfix-user-unknown",
        "gmail-delay",
        "read-receipt",
    ):
        mailbox(returned(name, message, sent_to=address))
    for sent_to in forged:
        mailbox(returned("a-person-writes", message, sent_to=sent_to))
        mailbox(returned("postfix-user-unknown", message, sent_to=sent_to))
    read()
    assert not Suppression.objects.exists() and Message.objects.get().state == "accepted"


def test_three_soft_bounces_in_a_week_pause_for_a_month(mailbox, survey, customer) -> None:
    now = timezone.now()
    for day in range(3):
        with time_machine.travel(now + dt.timedelta(days=day), tick=False):
            assert not Pause.objects.exists()
            mailbox(returned("postfix-mailbox-full", make_message(survey, customer)))
            read()
    (pause,) = Pause.objects.all()
    assert (pause.customer, pause.reason) == (customer, "soft_bounce")
    assert pause.until == now + dt.timedelta(days=32)
    assert not Suppression.objects.exists()


def test_three_soft_bounces_over_more_than_a_week_are_no_reason(mailbox, survey, customer) -> None:
    now = timezone.now()
    for day in (0, 4, 8):
        with time_machine.travel(now + dt.timedelta(days=day), tick=False):
            mailbox(returned("postfix-mailbox-full", make_message(survey, customer)))
            read()
    assert not Pause.objects.exists()


def test_a_repeated_bounce_counts_once(mailbox, message) -> None:
    for _time in range(4):
        mailbox(returned("postfix-mailbox-full", message))
    read()
    assert InboundMail.objects.filter(kind="bounce").count() == 4
    assert not Pause.objects.exists()


def test_an_old_bounce_replayed_does_not_undo_what_a_person_did(mailbox, message) -> None:
    mailbox(returned("postfix-user-unknown", message))
    read()
    Suppression.objects.all().delete()
    mailbox(returned("postfix-user-unknown", message))
    read()
    assert not Suppression.objects.exists()


def test_a_bounce_settles_an_uncertain_mail(mailbox, message) -> None:
    Message.objects.update(state="uncertain")
    Invitation.objects.update(state="uncertain")
    mailbox(returned("postfix-user-unknown", message))
    read()
    assert Invitation.objects.get().state == "sent" and Message.objects.get().state == "bounced"


def test_a_mail_is_stored_once_however_often_the_mailbox_is_read(mailbox, message, server) -> None:
    mailbox(returned("postfix-mailbox-full", message))
    for _time in range(3):
        assert inbox.read_new() in (0, 1)
    assert InboundMail.objects.count() == 1
    mailbox(returned("postfix-delayed", message))
    assert inbox.read_new() == 1
    (folder, _url) = server
    assert (folder / "seen-3").exists() and (folder / "seen-4").exists()


def test_the_oldest_come_first_and_a_few_at_a_time(mailbox, message) -> None:
    for _time in range(5):
        mailbox(returned("postfix-delayed", message))
    assert [inbox.read_new(limit=2) for _time in range(4)] == [2, 2, 1, 0]
    assert list(InboundMail.objects.order_by("pk").values_list("uid", flat=True)) == [f"7.{n}" for n in range(3, 8)]


def test_a_mailbox_made_anew_is_read_anew(mailbox, message, server) -> None:
    mailbox(returned("postfix-mailbox-full", message))
    inbox.read_new()
    (server[0] / "age").write_text("8")
    assert inbox.read_new() == 1


def test_a_connection_lost_in_the_middle_is_gone_on_with(mailbox, message, server, caplog) -> None:
    mailbox(returned("postfix-user-unknown", message))
    (server[0] / "die").touch()
    assert inbox.read_new() == 0
    (server[0] / "die").unlink()
    assert inbox.read_new() == 1
    assert "cannot be read" in caplog.text and "olga" not in caplog.text and imap.PASSWORD not in caplog.text


def test_a_mail_that_the_server_cannot_give_holds_up_no_other(mailbox, message, server, caplog) -> None:
    for _time in range(3):
        mailbox(returned("postfix-delayed", message))
    (server[0] / "broken-3").touch()
    assert inbox.read_new() == 2
    assert "does not give: 1" in caplog.text and "olga" not in caplog.text
    mailbox(returned("postfix-delayed", message))
    (server[0] / "broken-6").touch()
    assert inbox.read_new() == 0
    (server[0] / "broken-6").unlink()  # it was a passing trouble
    assert inbox.read_new() == 1


@pytest.mark.parametrize("wrong", ["p%40ss", "INBOX", "imap://bounces"])
def test_a_mailbox_that_cannot_be_opened_is_said_and_nothing_more(mailbox, settings, caplog, wrong: str) -> None:
    settings.MAILBOX_URL = settings.MAILBOX_URL.replace(wrong, "wrong")
    assert inbox.read_new() == 0
    assert "cannot be read" in caplog.text and "wrong" not in caplog.text


@pytest.mark.parametrize("scheme", ["imap://user:word@127.0.0.1:9/INBOX", "imaps://user:word@127.0.0.1:9", "imap://"])
def test_no_server_and_no_address_are_said_too(settings, caplog, scheme: str) -> None:
    settings.MAILBOX_URL = scheme
    assert inbox.read_new() == 0
    assert "cannot be read" in caplog.text and "word" not in caplog.text


def test_the_password_never_leaves_in_clear(mailbox, server, monkeypatch) -> None:
    """To a server elsewhere that offers no TLS nobody logs in."""
    monkeypatch.setattr(inbox, "LOOPBACK", ())
    assert inbox.read_new() == 0 and not (server[0] / "login").exists()
    monkeypatch.undo()
    inbox.read_new()
    assert (server[0] / "login").exists()


@pytest.mark.django_db(transaction=True)
def test_two_readers_and_two_workers_at_once_do_it_once(mailbox, survey, customer) -> None:
    messages = [make_message(survey, customer) for _number in range(3)]
    for message in messages:
        mailbox(returned("postfix-mailbox-full", message))

    def work() -> None:
        inbox.read_new()
        bounces.take_up(bounces.due())
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read()
    assert InboundMail.objects.count() == 3 and Pause.objects.count() == 1


def test_a_mail_that_breaks_the_reader_is_set_aside_and_shown(mailbox, message, monkeypatch) -> None:
    mailbox(returned("postfix-user-unknown", message))
    inbox.read_new()
    monkeypatch.setattr(dsn, "understand", lambda raw: 1 / 0)
    for _time in range(3):
        bounces.take_up(list(InboundMail.objects.values_list("pk", flat=True)))
    row = InboundMail.objects.get()
    assert row.quarantined_at and row.error == "ZeroDivisionError" and not bounces.due()
    assert any(row in rows for rows in queues.quarantined())


def test_a_worker_that_dies_over_a_mail_sets_it_aside_too(mailbox, message) -> None:
    mailbox(returned("postfix-user-unknown", message))
    inbox.read_new()
    InboundMail.objects.update(attempts=3, leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert not bounces.due() and InboundMail.objects.get().quarantined_at


def test_mails_go_after_a_week_but_the_mark_stays(mailbox, message) -> None:
    for _time in range(2):
        mailbox(returned("postfix-user-unknown", message))
    read()
    with time_machine.travel(timezone.now() + dt.timedelta(days=8), tick=False):
        inbox.forget_old()
        assert inbox.read_new() == 0
    (row,) = InboundMail.objects.all()
    assert bytes(row.raw) == b""


def test_no_mailbox_means_no_connection(settings, db) -> None:
    settings.MAILBOX_URL = ""
    assert inbox.read_new() == 0
