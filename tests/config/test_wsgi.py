"""A client that is still sending hears our answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config import front, wsgi


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


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["base64", "hex", "rot13", "idna", "x-unknown", "utf-8", "koi8-r"])
def test_a_charset_that_makes_no_text_of_bytes_breaks_nothing(charset: str) -> None:
    environ = RequestFactory().generic("GET", "/healthz?a=%ff", content_type=f"text/plain; charset={charset}").environ
    statuses: list[str] = []
    list(wsgi.application(environ, lambda status, headers: statuses.append(status)))
    assert statuses == ["200 OK"]
