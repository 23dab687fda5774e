"""The mail check page: asks nobody before the button is pressed, and says what to do in both languages."""

import pytest
from django.core import mail
from django.test import Client

from ground.models import Outgoing, User
from tests import dnsserver, imap
from tests.surveys.test_sender_check import GOOD

pytestmark = pytest.mark.django_db
PAGE = "/admin/mail-check/"


@pytest.fixture
def desk(client: Client, administrator: User, organisation, settings) -> Client:
    settings.DEFAULT_FROM_EMAIL = "Маяк <ask@example.org>"
    client.force_login(administrator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def levels(page, which: str) -> list[str]:
    return [finding.level for finding in page.context[which]]


def test_looking_asks_nobody(desk, settings) -> None:
    with dnsserver.serving(GOOD) as (place, asked):
        settings.DNS_SERVER, settings.MAILBOX_URL = place, "imap://user:s3cr3t@127.0.0.1:9/INBOX"
        page = desk.get(PAGE)
        assert page.status_code == 200 and not asked and "found" not in page.context
    assert "s3cr3t" not in page.content.decode()


def test_the_button_asks_dns_and_opens_the_mailbox(desk, settings, tmp_path) -> None:
    (tmp_path / "1.eml").write_bytes(b"Subject: hello\n\nhello")
    with dnsserver.serving(GOOD) as (place, asked), imap.serving(tmp_path) as url:
        settings.DNS_SERVER, settings.MAILBOX_URL, settings.BOUNCE_ADDRESS = place, url, "bounces@example.org"
        page = desk.post(PAGE, {"selectors": "mail"})
    assert levels(page, "found") == ["ok"] * 5 and asked
    text = page.content.decode()
    assert "It opens; 1 mail waits in it." in text and "in order" in text and imap.PASSWORD not in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["attention", "missing", "missing", "ok"]),
        ({"EMAIL_HOST": "smtp.example.org", "EMAIL_PORT": 25}, ["attention", "missing", "missing", "ok"]),
        ({"EMAIL_HOST": "smtp.example.org", "EMAIL_USE_TLS": True}, ["ok", "missing", "missing", "ok"]),
        ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend"}, ["ok", "missing", "missing", "missing"]),
        ({"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": {"WEBHOOK_SECRET": "a:b"}},
         ["ok", "missing", "missing", "ok"]),
        ({"BOUNCE_ADDRESS": "b@example.org", "MAILBOX_URL": "nonsense"}, ["attention", "ok", "attention", "ok"]),
        ({"BOUNCE_ADDRESS": "b@example.org", "MAILBOX_URL": "imap://u:p@host"}, ["attention", "ok", "ok", "ok"]),
    ],
)  # fmt: skip
def test_the_settings_are_judged(desk, settings, changes: dict, expected: list[str]) -> None:
    start = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1",
             "EMAIL_PORT": settings.SMTP_PORT, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, "BOUNCE_ADDRESS": "",
             "MAILBOX_URL": "", "ANYMAIL": {}}  # fmt: skip
    for name, value in (start | changes).items():
        setattr(settings, name, value)
    assert levels(desk.get(PAGE), "own") == expected


def test_a_mailbox_that_does_not_open_is_said(desk, settings) -> None:
    settings.DNS_SERVER, settings.MAILBOX_URL = "127.0.0.1:9", "imap://user:word@127.0.0.1:9/INBOX"
    page = desk.post(PAGE)
    assert levels(page, "own")[2] == "attention" and "ConnectionRefusedError" in page.content.decode()


def test_a_test_mail_goes_to_whoever_asks_and_not_for_ever(desk, administrator) -> None:
    for _time in range(7):
        assert desk.post(f"{PAGE}test/").status_code == 302
    assert [row.address for row in Outgoing.objects.all()] == [administrator.email] * 5
    assert not mail.outbox and desk.get(f"{PAGE}test/").status_code == 405


@pytest.mark.parametrize("typed", ["<script>", '"><img src=x onerror=alert(1)>', "a" * 5000, "\x00"])
def test_what_was_typed_comes_back_as_text(desk, settings, typed: str) -> None:
    settings.DNS_SERVER = "127.0.0.1:9"
    page = desk.post(PAGE, {"selectors": typed})
    assert (
        page.status_code == 200
        and "<script>alert" not in page.content.decode()
        and "<img src=x" not in page.content.decode()
    )


def test_only_administrators_see_it(client, manager, viewer) -> None:
    for person in (manager, viewer):
        client.force_login(person)
        assert client.get(PAGE).status_code == 403 and client.post(PAGE).status_code == 403
        assert client.post(f"{PAGE}test/").status_code == 403
