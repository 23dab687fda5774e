"""The strict headers are on every public reply: also on one that is refused, too much, too large, or our own fault."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from surveys import addresses, links
from surveys.models import Invitation

pytestmark = pytest.mark.django_db


def unsealed(response: HttpResponse) -> list[str]:
    """The headers that are missing or say less than they have to."""
    wanted = {
        "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    wrong = [name for name, value in wanted.items() if response.headers.get(name) != value]
    policy = response.headers.get("Content-Security-Policy", "")
    strict = "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    return wrong + ([] if strict else ["Content-Security-Policy"]) + (["a cookie"] if response.cookies else [])


@pytest.mark.usefixtures("early")
def test_so_is_every_error(make_invitation: Callable[..., Invitation], monkeypatch: pytest.MonkeyPatch) -> None:
    client, path = Client(raise_request_exception=False), links.answer_path(make_invitation())
    found = {
        "no address": client.get("/nothing/here"),
        "no link": client.get("/r/nothing"),
        "too large": client.post(path, {"comment": "x" * 10_000_000}),
        "too many": [client.get("/r/guess") for _time in range(61)][-1],
    }

    def broken(raw: str) -> None:
        raise RuntimeError(raw)

    monkeypatch.setattr(addresses, "read", broken)
    found["our fault"] = client.get(path)
    statuses = {name: response.status_code for name, response in found.items()}
    assert statuses.pop("too large") in (400, 413)
    assert statuses == {"no address": 404, "no link": 404, "too many": 429, "our fault": 500}
    assert {name: unsealed(response) for name, response in found.items() if unsealed(response)} == {}
