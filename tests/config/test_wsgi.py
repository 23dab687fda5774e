"""A client that is still sending hears our answer."""

from io import BytesIO
from typing import Any

from config import wsgi


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
