"""A client that is still sending hears our answer."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from config import front, wsgi
from feedback import evidence
from ground import afterwards, erasing, uploads
from ground.models import Erasure
from surveys import links
from surveys.models import Customer, Invitation


def run(body: Any) -> None:
    def refuse(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return [b"too large"]

    wrapped = wsgi.reading_all(refuse)
    assert wrapped({"CONTENT_LENGTH": "1", "wsgi.input": body}, lambda *_: None) == [b"too large"]


def test_what_the_application_left_is_read() -> None:
    body = BytesIO(b"x" * 10_000_000)
    run(body)
    assert body.tell() == 10_000_000


def test_an_endless_body_is_given_up() -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    body = Endless()
    run(body)
    assert body.given == wsgi.MOST


def test_a_file_of_the_most_that_is_imported_comes_whole() -> None:
    most = uploads.MOST_BYTES + 1024 * 1024  # with the form around it

    def measure(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        return HttpResponse(str(len(environ["wsgi.input"].read())))

    sent = {"CONTENT_LENGTH": str(most), "wsgi.input": BytesIO(bytes(most))}
    assert front.shared(measure, 1)(sent, lambda *_: None) == [str(most).encode()]


def test_slow_senders_keep_nobody_from_being_answered() -> None:
    sent = threading.Event()

    class Slow(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sent.wait(20)
            return super().read(size)

    def echo(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        return HttpResponse(environ["wsgi.input"].read() if "wsgi.input" in environ else b"well")

    served = front.shared(echo, 1)
    with ThreadPoolExecutor(5) as threads:
        slow = [
            threads.submit(served, {"CONTENT_LENGTH": "4", "wsgi.input": Slow(b"late")}, lambda *_: None)
            for _ in range(5)
        ]
        assert served({}, lambda *_: None) == [b"well"]
        sent.set()
        assert [one.result() for one in slow] == [[b"late"]] * 5


def test_what_is_done_afterwards_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    go, done = threading.Event(), []

    def page(environ: dict[str, Any], start_response: Any) -> HttpResponse:
        if environ.get("breaks"):
            raise ValueError
        response = HttpResponse(b"page")
        afterwards.do(lambda: 1 / 0, after=response)
        afterwards.do(lambda: done.append(go.wait(20)), after=response)
        return response

    served = front.shared(page, 1)
    assert served({}, lambda *_: None) == [b"page"] and done == []
    go.set()
    assert served({}, lambda *_: None) == [b"page"] and done[0] is True
    assert "not done after a page: ZeroDivisionError" in caplog.text
    with pytest.raises(ValueError):
        served({"breaks": True}, lambda *_: None)


@pytest.mark.django_db(transaction=True)
def test_a_customer_does_not_wait_for_the_touch(
    make_invitation: Callable[..., Invitation], monkeypatch: pytest.MonkeyPatch
) -> None:
    free, noted = threading.Event(), []

    def note(touch: Any) -> None:
        noted.append((free.wait(20), touch.score))
        connections.close_all()

    monkeypatch.setattr(evidence, "note", note)
    path = f"/r/{links.token(make_invitation(), links.ANSWER)}/4"
    environ = RequestFactory().get(path, headers={"User-Agent": "Mozilla/5.0"}).environ
    page = b"".join(front.shared(wsgi.application, 1)(environ, lambda *_: None))
    assert b"<form" in page and noted == []
    free.set()
    until = time.monotonic() + 20
    while not noted and time.monotonic() < until:
        time.sleep(0.01)
    assert noted == [(True, 4)]


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["base64", "hex", "rot13", "idna", "x-unknown", "utf-8", "koi8-r"])
def test_a_charset_that_makes_no_text_of_bytes_breaks_nothing(charset: str) -> None:
    environ = RequestFactory().generic("GET", "/healthz?a=%ff", content_type=f"text/plain; charset={charset}").environ
    statuses: list[str] = []
    list(wsgi.application(environ, lambda status, headers: statuses.append(status)))
    assert statuses == ["200 OK"]


@pytest.mark.django_db
def test_a_database_that_was_away_erases_again_before_the_first_page(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"
    address, an_hour_ago = "zoya@post.example", timezone.now() - dt.timedelta(hours=1)
    Customer.objects.create(email=address)
    erasing.erase(erasing.find(address), by=None)
    served: list[bool] = []

    def page(_environ: object, _start: object) -> list[bytes]:
        served.append(Customer.objects.filter(email=address).exists())
        return []

    def away() -> bool:
        raise OperationalError

    monkeypatch.setattr(erasing, "is_behind", away)
    server = wsgi.erasing_first(page, is_done=erasing.catch_up())
    server({"PATH_INFO": "/"}, print)
    monkeypatch.undo()
    Erasure.objects.all().delete()  # what a copy of before the erasure looks like
    Customer.objects.create(email=address, created_at=an_hour_ago)
    server({"PATH_INFO": "/healthz"}, print)
    server({"PATH_INFO": "/"}, print)
    assert served == [False, True, False]
