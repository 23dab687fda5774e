"""Rows that every public address leads to, and how a value is put into any of them."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from config import wsgi
from feedback import nonces
from ground.models import ApiKey, Team
from surveys import gateways, links, own_data, public_links, suppression, trials
from surveys.models import Customer, Gateway, Link, Message, OwnDataLink, Survey
from tests import factories
from tests.feedback import kinds
from tests.hostile.corpus import FORM, OBJECT


class Caller(Client):
    """Sends bytes as they are: Django's own would first make them good text."""

    def __init__(self) -> None:
        super().__init__(raise_request_exception=False)

    def request(self, **environ: Any) -> Any:
        return super().request(**wsgi.in_text(environ))

    def post(self, path: str, data: Any = b"", content_type: str = FORM, **others: Any) -> Any:  # type: ignore[override]
        return self.generic("POST", path, data, content_type, **others)

    def patch(self, path: str, data: Any = b"", content_type: str = OBJECT, **others: Any) -> Any:  # type: ignore[override]
        return self.generic("PATCH", path, data, content_type, **others)


CLIENT = Caller()
PAGE_FIELDS = ("score", "comment", "contact", "nonce", "key", "website", "replace", "only", "lang")
PAGE_HEADERS = (
    "Accept-Language",
    "User-Agent",
    "Sec-Purpose",
    "Cookie",
    "X-Forwarded-For",
    "If-None-Match",
    "Accept-Encoding",
)


@dataclass(frozen=True)
class Input:
    """One place for a value. `kind` is "text", "json" (the value is JSON as it is written) or "body"."""

    route: str
    name: str
    kind: str
    send: Callable[[Any], HttpResponse]


@dataclass(frozen=True)
class World:
    """Rows that every address leads to."""

    token: Callable[[], str]
    stop: str
    own: str
    qr: str
    template: str
    widget: str
    trial: str
    gateway: Gateway
    key: str
    suppression: int
    fields: tuple[str, ...]
    subject: Callable[[str], str]

    @property
    def authorised(self) -> dict[str, str]:
        return {"Authorization": f"Api-Key {self.key}"}


def make_world(team: Team) -> World:
    """A survey of every kind of question with a link of every kind to it."""
    survey = kinds.make_survey(*kinds.EVERYTHING)
    customer = Customer.objects.create(external_id="c-1", email="c@example.org")
    invitation = factories.make_invitation(survey, customer=customer)
    own = OwnDataLink(customer=customer, created_at=timezone.now(), expires_at=timezone.now() + dt.timedelta(days=1))
    own.token_hash = links.hash_token(own_data.token_of(own))
    own.save()
    qr, template, widget = (
        Link.objects.create(kind=kind, label=kind, survey=survey, team=team, public_key=public_links.new_key())
        for kind in ("qr", "template", "widget")
    )
    gateway = Gateway.objects.create(
        kind="sms", name="x", url="http://127.0.0.1:9/", callback_key=gateways.new_key(), callback_secret="s",
        status_path="status", report_id_path="id", statuses={"delivered": "delivered", "2": "failed"},
    )  # fmt: skip
    Message.objects.create(invitation=invitation, channel="sms", provider_id="4711", address="+79001234567")
    suppression.suppress(address="x@example.org", survey=None, reason="manual", source="t")
    _row, secret = ApiKey.objects.create_key(name="hostile")
    of_links = {"q": nonces.of_link(qr, ""), "t": nonces.of_link(template, "4711"), "w": nonces.of_link(widget, "")}

    def token() -> str:
        """A fresh invitation's: one that is answered takes less, and too many posts to one are refused."""
        return links.token(factories.make_invitation(survey, customer=customer), links.ANSWER)

    return World(
        token=token,
        stop=links.token(invitation, links.UNSUBSCRIBE),
        own=own_data.token_of(own),
        qr=qr.public_key,
        template=template.public_key,
        widget=widget.public_key,
        trial=trials.run_path(survey.versions.get()),
        gateway=gateway,
        key=secret,
        suppression=suppression_key(),
        fields=tuple(sorted(_names(survey))),
        subject=of_links.__getitem__,
    )


def suppression_key() -> int:
    return suppression.Suppression.objects.values_list("pk", flat=True)[0]


def _names(survey: Survey) -> Iterator[str]:
    """What the answer page's form may send."""
    yield from PAGE_FIELDS
    for question in survey.versions.get().further:
        if question.kind == "text":
            yield f"t-{question.code}"
        elif question.kind == "grid":
            yield from (f"a-{question.code}-{item}" for item in question.options["aspects"])
        else:
            yield f"a-{question.code}"


def encoded(value: str) -> str:
    """As a program without manners writes it into an address or a form: surrogates as three bytes each."""
    return quote_from_bytes(value.encode("utf-8", "surrogatepass"), safe="")


def form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={encoded(value)}" for name, value in fields.items()).encode()


def header(value: str) -> str:
    """What can arrive in a header: one line of Latin-1."""
    one_line = "".join(letter for letter in value if letter not in "\r\n\0")
    return one_line.encode("utf-8", "surrogatepass").decode("latin-1")


def around(
    route: str, path: str, *, names: tuple[str, ...] = ("lang",), tail: str | None = None, method: str = "post",
    headers: dict[str, str] | None = None,
) -> Iterator[Input]:  # fmt: skip
    """What every address has: its tail or all of it, parameters, headers, a body, a method."""
    begin = path if tail is None else tail
    own = headers or {}
    yield Input(route, "tail", "text", lambda value: CLIENT.get(f"{begin}/{encoded(value)}", headers=own))
    yield Input(route, "path", "text", lambda value: CLIENT.get(
        f"{begin.rstrip('/').rpartition('/')[0]}/{encoded(value)}{'/' if path.endswith('/') else ''}", headers=own
    ))  # fmt: skip
    yield Input(route, "parameters", "text", lambda value: CLIENT.get(
        f"{path}?" + "&".join(f"{name}={encoded(value)}" for name in names), headers=own
    ))  # fmt: skip
    yield Input(
        route, "query", "text", lambda value: CLIENT.get(f"{path}?{encoded(value)}={encoded(value)}", headers=own)
    )
    yield Input(route, "headers", "text", lambda value: CLIENT.get(
        path, headers={name: header(value) for name in PAGE_HEADERS} | own
    ))  # fmt: skip
    yield Input(route, "method", "text", lambda value: CLIENT.generic(header(value)[:20] or "X", path, headers=own))
    act = getattr(CLIENT, method)
    yield Input(route, "body", "body", lambda body: act(path, body[1], content_type=body[0], headers=own))
