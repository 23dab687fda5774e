"""The mail catcher takes mail by real SMTP and shows it in the reader's language."""

import base64
import hashlib
import http.client
import os
import re
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

import pytest

from config.mailbox import page, store
from tests.e2e.stack import free_port


class Running(NamedTuple):
    directory: Path
    smtp_port: int
    page_port: int


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`manage.py mailbox` in a process of its own."""
    data = tmp_path_factory.mktemp("data")
    running = Running(data / "mailbox", free_port(), free_port())
    settings = {"SMTP_PORT": running.smtp_port, "MAILBOX_PORT": running.page_port, "OTKLIK_DATA_DIR": data}
    environment = os.environ | {name: str(value) for name, value in settings.items()}
    command = [sys.executable, "manage.py", "mailbox"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and str(running.page_port) in process.stdout.readline()
        yield running
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def send(catcher: Running, *, subject: str, html: str | None = None) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "otklik@example.org", "olga@example.org", subject
    message["List-Unsubscribe"] = "<https://example.org/u/1>"
    message.set_content("Оцените нас: https://example.org/r/1")
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port, timeout=30) as smtp:
        smtp.send_message(message)


def get(catcher: Running, path: str = "/", **headers: str) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", catcher.page_port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    reply = Reply(response.status, response.headers, response.read().decode())
    connection.close()
    return reply


def newest(catcher: Running) -> str:
    found = re.search(r'href="(/\d+-[0-9a-f]+/)"', get(catcher).text)
    assert found
    return found[1]


def test_mail_is_kept_and_listed_newest_first(catcher: Running) -> None:
    send(catcher, subject="How did we do?")
    send(catcher, subject="Как прошло обращение?")
    listed = get(catcher).text
    assert 0 < listed.index("Как прошло обращение?") < listed.index("How did we do?")
    mails = list(store.newest(catcher.directory, limit=2))
    assert [mail.subject for mail in mails] == ["Как прошло обращение?", "How did we do?"]
    assert mails[0].raw.startswith(b"Return-Path: <otklik@example.org>\r\nDelivered-To: olga@example.org\r\n")


@pytest.mark.parametrize(
    ("accepted", "language"), [("ru", "ru"), ("en-GB,en;q=0.9", "en"), ("en;q=0.1,ru;q=0.9", "ru")]
)
def test_page_speaks_the_readers_language(catcher: Running, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in get(catcher, Accept_Language=accepted).text


def test_only_the_lists_own_script_may_run(catcher: Running) -> None:
    reply = get(catcher)
    script = re.search(r"<script>(.*?)</script>", reply.text, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in reply.headers["Content-Security-Policy"]
    send(catcher, subject="Оценка")
    assert "script-src" not in get(catcher, newest(catcher)).headers["Content-Security-Policy"]


def test_html_part_is_sandboxed_and_opens_new_tabs(catcher: Running) -> None:
    send(
        catcher, subject="Оценка", html="<html><head></head><body><script>1</script><a href='/r/1'>5</a></body></html>"
    )
    shown = get(catcher, newest(catcher)).text
    part = get(catcher, f"{newest(catcher)}html")
    assert f'sandbox="{page.SANDBOX}"' in shown and "allow-scripts" not in page.SANDBOX
    assert part.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert '<head><base target="_blank"></head>' in part.text


def test_mail_shows_text_headers_and_source(catcher: Running) -> None:
    send(catcher, subject="Тема <b>")
    shown = get(catcher, newest(catcher)).text
    assert "Тема &lt;b&gt;" in shown and "Тема <b>" not in shown
    assert 'href="https://example.org/r/1"' in shown and 'href="https://example.org/u/1"' in shown
    source = get(catcher, f"{newest(catcher)}raw")
    assert source.headers["Content-Type"].startswith("text/plain") and "Subject: =?utf-8?" in source.text


@pytest.mark.parametrize("path", ["/1-ff/", "/../otklik.sqlite3", "/0-..%2fx/", "/favicon.ico"])
def test_unknown_mail_is_not_found(catcher: Running, path: str) -> None:
    assert get(catcher, path).status == 404


def test_foreign_host_is_refused(catcher: Running) -> None:
    assert get(catcher, Host="rebound.example.org:8026").status == 403


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: =?utf-8?B?!!!?=\n\n",
        b"From: <<>>\nTo: \xff\xfe\n\ntext",
        b"Content-Type: text/html; charset=nonsense\n\n\xd0\x9e",
        b"Content-Type: multipart/alternative; boundary=x\n\n--x\n",
        b"Date: 99 Foo 0000\nMessage-ID: <[>\n\n",
    ],
)
def test_broken_mail_is_shown_all_the_same(tmp_path: Path, raw: bytes) -> None:
    key = store.keep(tmp_path, sender="", recipients=[], content=raw)
    assert page.answer(tmp_path, path="/", languages="en").status == 200
    assert page.answer(tmp_path, path=f"/{key}/", languages="en").status == 200
    assert page.answer(tmp_path, path=f"/{key}/raw", languages="en").body.endswith(raw)
