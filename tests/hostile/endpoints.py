"""Every input of every address that needs no log-in: how a value is put into it.

`ROUTES` names them by the URL resolver's own patterns, and a test says which are missing.
"""

import datetime as dt
import json
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
from surveys.models import Customer, Gateway, Invitation, Link, Message, OwnDataLink, Survey
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


# --- pages -------------------------------------------------------------------------------------------------------


def fresh_form(world: World, place: str) -> tuple[str, dict[str, str]]:
    """The address of a page and what its untouched form would post, served ten seconds ago."""
    served = timezone.now() - dt.timedelta(seconds=10)
    if place == "r":
        token = world.token()
        subject = nonces.of_invitation(Invitation.objects.get(token_hash=links.hash_token(token)))
        path = f"/r/{token}"
    else:
        subject = world.subject(place)
        path = {"q": f"/q/{world.qr}", "t": f"/t/{world.template}/4711", "w": f"/w/{world.widget}"}[place]
    nonce = nonces.make(subject, score=None, now=served, is_unique=place != "r")
    return path, {"score": "4", "nonce": nonce}


def of_page(world: World, place: str, route: str) -> Iterator[Input]:
    """The answer page behind one kind of link."""
    path = fresh_form(world, place)[0]

    def field(name: str) -> Callable[[str], HttpResponse]:
        def send(value: str) -> HttpResponse:
            where, fields = fresh_form(world, place)
            return CLIENT.post(where, form(fields | {name: value}), content_type=FORM)

        return send

    yield from (Input(route, name, "text", field(name)) for name in world.fields)
    yield Input(route, "a name of a field", "text", lambda value: CLIENT.post(path, encoded(value), content_type=FORM))
    yield Input(route, "all fields", "text", lambda value: CLIENT.post(
        fresh_form(world, place)[0], form({name: value for name in world.fields}), content_type=FORM
    ))  # fmt: skip
    yield from around(route, path, names=("lang", "t", "s", "w", "v", "c", "only", "score"))


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


def pages(world: World) -> Iterator[Input]:
    yield from of_page(world, "r", R)
    yield from of_page(world, "q", Q)
    yield from of_page(world, "t", T)
    yield from of_page(world, "w", W)
    yield from around(WJS, f"/w/{world.widget}.js")
    yield from around(SHOWN, f"/w/{world.widget}/shown", names=("v", "c", "t", "s", "lang"))
    yield from around(SEALED, world.trial)
    yield from around(REST, f"{world.trial}/4")
    yield Input(SEALED, "all fields", "text", lambda value: CLIENT.post(
        world.trial, form({name: value for name in world.fields}), content_type=FORM
    ))  # fmt: skip
    yield from around(STOP, f"/u/{world.stop}")
    yield from around(DATA, f"/u/{world.stop}/data")
    yield from around(OWN, f"/m/{world.own}")
    for route, path, names in (
        (STOP, f"/u/{world.stop}", ("scope", "undo", "List-Unsubscribe")), (DATA, f"/u/{world.stop}/data", ("x",)),
        (OWN, f"/m/{world.own}", ("act", "survey", "response")),
    ):  # fmt: skip
        for name in names:
            yield Input(route, name, "text", lambda value, path=path, name=name: CLIENT.post(
                path, form({name: value}), content_type=FORM
            ))  # fmt: skip
    for act in ("stop", "edit"):
        yield Input(OWN, f"{act} of", "text", lambda value, act=act: CLIENT.post(
            f"/m/{world.own}", form({"act": act, "survey": value, "response": value}), content_type=FORM
        ))  # fmt: skip


# --- programs ----------------------------------------------------------------------------------------------------

CUSTOMER: dict[str, Any] = {
    "external_id": "c-9", "name": "Ольга", "email": "o@example.org", "phone": "+79001234567", "language": "ru",
    "timezone": "Europe/Moscow", "attributes": {"plan": "gold"}, "is_staff": False, "no_consent": False, "is_vip": True,
    "contract_start": "2026-01-01", "contract_end": "2026-12-31", "value": "12.50",
    "consent": {"given": True, "text": "Да", "version": "1", "language": "ru", "source": "form",
    "at": "2026-01-02T10:00:00Z"},
}  # fmt: skip
INTERACTION: dict[str, Any] = {
    "source": "crm", "external_id": "T-1", "updated_at": "2026-02-02T10:00:00Z", "customer": CUSTOMER,
    "team": {"code": "t-9", "name": "Девятая"}, "agent": {"external_id": "a-9", "name": "Анна"}, "channel": "chat",
    "direction": "inbound", "reason": "доставка", "tags": ["срочно"], "priority": "high",
    "created_at": "2026-02-01T10:00:00Z", "enqueued_at": "2026-02-01T10:00:00Z", "answered_at": "2026-02-01T10:00:00Z",
    "first_response_at": "2026-02-01T10:00:00Z", "resolved_at": "2026-02-01T10:00:00Z",
    "closed_at": "2026-02-01T10:00:00Z", "reopened_at": "2026-02-01T10:00:00Z", "replies": 2, "transfers": 0,
    "is_abandoned": False, "is_resolved": True, "is_complaint": False, "attributes": {"x": 1},
    "events": [{"kind": "delivered", "at": "2026-02-01T10:00:00Z"}],
}  # fmt: skip
COMMENT: dict[str, Any] = {
    "source": "review", "origin": "maps.example", "external_key": "k-1", "text": "Долго", "stars": 2,
    "said_at": "2026-02-01T10:00:00Z", "team": "first-line", "channel": "chat",
    "customer": {"external_id": "c-9", "email": "o@example.org"},
}  # fmt: skip
SKIP = {"source": "crm", "external_id": "T-1", "reason": "просил", "agent": "a-9"}
ENTRY = {"address": "z@example.org", "survey": "kinds", "reason": "manual", "source": "crm"}
REPORT = {"id": "4711", "status": "delivered"}
MARK = '"@here@"'


def places(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything that stands in a body, itself included."""
    yield way
    if isinstance(body, dict | list):
        for step in body if isinstance(body, dict) else range(len(body)):
            yield from places(body[step], (*way, step))


def put(body: Any, way: tuple[Any, ...]) -> Any:
    """A copy of the body with a mark at this place."""
    if not way:
        return "@here@"
    step, rest = way[0], way[1:]
    if isinstance(body, dict):
        return {name: put(value, rest) if name == step else value for name, value in body.items()}
    return [put(value, rest) if place == step else value for place, value in enumerate(body)]


def of_api(
    world: World, route: str, path: str, body: dict[str, Any], *, method: str = "post", is_bulk: bool = False
) -> Iterator[Input]:
    """Every field of a JSON body, as text and as any JSON; an unknown field; a name of one; the key of a repetition."""
    act = getattr(CLIENT, method)

    def send(raw: str, **headers: str) -> HttpResponse:
        data = f'{{"items":[{raw},{raw}]}}' if is_bulk else raw
        return act(path, data.encode("utf-8", "surrogatepass"), content_type=OBJECT, headers=world.authorised | headers)

    plain = json.dumps(body)
    for way in places(body):
        before, after = json.dumps(put(body, way)).split(MARK)
        name = ".".join(map(str, way)) or "the body"
        yield Input(route, name, "json", lambda value, before=before, after=after: send(before + value + after))
        yield Input(route, name, "text", lambda value, before=before, after=after: send(
            before + json.dumps(value) + after
        ))  # fmt: skip
    yield Input(route, "raw text", "text", lambda value: send(
        plain.replace('"crm"', json.dumps(value, ensure_ascii=False))
    ))  # fmt: skip
    yield Input(route, "a name", "text", lambda value: send(f"{{{json.dumps(value)}:1,{plain[1:]}"))
    yield Input(route, "Idempotency-Key", "text", lambda value: send(plain, **{"Idempotency-Key": header(value)}))
    yield Input(route, "Authorization", "text", lambda value: send(plain, Authorization=f"Api-Key {header(value)}"))


LISTED = (
    "cursor", "limit", "source", "external_id", "customer", "survey", "outcome", "reason", "since", "until", "format",
    "lang", "version",
)  # fmt: skip


def programs(world: World) -> Iterator[Input]:
    api = "api/v1/"
    for name, body, method in (
        ("comments/", COMMENT, "post"), ("interactions/", INTERACTION, "post"), ("customers/", CUSTOMER, "post"),
        ("interactions/bulk/", INTERACTION, "post"), ("customers/bulk/", CUSTOMER, "post"),
        ("interactions/skip/", SKIP, "post"), ("suppressions/", ENTRY, "post"),
    ):  # fmt: skip
        yield from of_api(world, api + name, f"/{api}{name}", body, method=method, is_bulk="bulk" in name)
    changes = {name: value for name, value in CUSTOMER.items() if name not in ("external_id", "consent")}
    yield from of_api(world, CUSTOMER_ROUTE, "/api/v1/customers/c-1/", changes, method="patch")
    addresses = {
        **{api + name: f"/{api}{name}" for name in (
            "comments/", "interactions/", "interactions/bulk/", "interactions/skip/", "decisions/", "decisions/counts/",
            "customers/", "customers/bulk/", "suppressions/",
        )},
        CUSTOMER_ROUTE: "/api/v1/customers/c-1/",
        SUPPRESSION_ROUTE: f"/api/v1/suppressions/{world.suppression}/",
        "api/schema/": "/api/schema/", "api/docs/": "/api/docs/", "brand/<str:name>": "/brand/x.png",
        "healthz": "/healthz", "readyz": "/readyz",
    }  # fmt: skip
    for route, path in addresses.items():
        yield from around(route, path, names=LISTED, tail=path.rstrip("/"), headers=world.authorised)
    for name in LISTED if addresses else ():
        for route in ("api/v1/decisions/", "api/v1/decisions/counts/", "api/v1/customers/"):
            yield Input(route, name, "text", lambda value, route=route, name=name: CLIENT.get(
                f"/{route}?{name}={encoded(value)}", headers=world.authorised
            ))  # fmt: skip
    yield from callbacks(world)


def callbacks(world: World) -> Iterator[Input]:
    path = f"/webhooks/gateway/{world.gateway.callback_key}/"
    for name in REPORT:
        yield Input(GATEWAY, f"{name} of a form", "text", lambda value, name=name: CLIENT.post(
            f"{path}?s=s", form(REPORT | {name: value}), content_type=FORM
        ))  # fmt: skip
        before, after = json.dumps(put(REPORT, (name,))).split(MARK)
        yield Input(GATEWAY, name, "json", lambda value, before=before, after=after: CLIENT.post(
            f"{path}?s=s", (before + value + after).encode("utf-8", "surrogatepass"), content_type=OBJECT
        ))  # fmt: skip
    yield Input(GATEWAY, "secret", "text", lambda value: CLIENT.post(
        f"{path}?s={encoded(value)}", b"{}", content_type=OBJECT,
        headers={"X-Signature": header(value), "Authorization": f"Bearer {header(value)}"},
    ))  # fmt: skip
    yield Input(GATEWAY, "genuine body", "body", lambda body: CLIENT.post(f"{path}?s=s", body[1], content_type=body[0]))
    yield from around(GATEWAY, path)
    for service in ("postmark", "mailgun", "sendgrid", "mandrill", "sparkpost", "mailjet", "amazon-ses"):
        yield Input(MAIL, f"body of {service}", "body", lambda body, service=service: CLIENT.post(
            f"/webhooks/mail/{service}/", body[1], content_type=body[0], headers={"Authorization": "Basic eDp5"}
        ))  # fmt: skip
        yield Input(MAIL, f"report of {service}", "json", lambda value, service=service: CLIENT.post(
            f"/webhooks/mail/{service}/", value.encode("utf-8", "surrogatepass"), content_type=OBJECT,
            headers={"Authorization": "Basic eDp5"},
        ))  # fmt: skip
    yield from around(MAIL, "/webhooks/mail/postmark/")
    yield Input(MAIL, "secret", "text", lambda value: CLIENT.post(
        "/webhooks/mail/postmark/", b"{}", content_type=OBJECT, headers={"Authorization": f"Basic {header(value)}"}
    ))  # fmt: skip


# As the resolver spells them.
R, Q, T = r"^(?:/+)?[rR]/+(?P<raw>(?s:.*))\Z", r"^[qQ]/+(?P<raw>(?s:.*))\Z", r"^[tT]/+(?P<raw>(?s:.*))\Z"
W, WJS, SHOWN = "w/<slug:key>", "w/<slug:key>.js", "w/<slug:key>/shown"
SEALED, REST = "p/<str:sealed>", "p/<str:sealed>/<str:rest>"
STOP, DATA = r"^(?:/+)?[uU]/+(?P<raw>(?s:.*))\Z", r"^[uU]/+(?P<raw>[^/]+)/data/?\Z"
OWN = r"^[mM]/+(?P<raw>(?s:.*))\Z"
GATEWAY, MAIL = "webhooks/gateway/<str:key>/", "webhooks/mail/<str:service>/"
CUSTOMER_ROUTE, SUPPRESSION_ROUTE = "api/v1/customers/<path:external_id>/", "api/v1/suppressions/<int:pk>/"


def inputs(world: World) -> list[Input]:
    """All of them."""
    return [*pages(world), *programs(world)]
