"""What can be put into the API, and into the addresses that programs look at."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse

from tests.hostile.corpus import OBJECT
from tests.hostile.world import CLIENT, Input, World, around, encoded, header

# As the resolver spells them.
CUSTOMER_ROUTE, SUPPRESSION_ROUTE = "api/v1/customers/<path:external_id>/", "api/v1/suppressions/<int:pk>/"
METRIC_ROUTE = "api/v1/metrics/<slug:key>/"

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
    "handle_seconds": 300, "requester_wait_seconds": 300,
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


NARROWED = (
    "start",
    "end",
    "compare",
    "by",
    "scale",
    "team",
    "channel",
    "survey",
    "version",
    "evidence",
    "source",
    "format",
    "agent",
    "topic",
    "language",
    "segment",
    "percentile",
    "clock",
    "target",
    "formula",
)
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
            "customers/", "customers/bulk/", "suppressions/", "metrics/", "ideas/",
        )},
        CUSTOMER_ROUTE: "/api/v1/customers/c-1/",
        SUPPRESSION_ROUTE: f"/api/v1/suppressions/{world.suppression}/",
        "api/schema/": "/api/schema/", "api/docs/": "/api/docs/", "brand/<str:name>": "/brand/x.png",
        "healthz": "/healthz", "readyz": "/readyz", "metrics": "/metrics",
    }  # fmt: skip
    for route, path in addresses.items():
        yield from around(route, path, names=LISTED, tail=path.rstrip("/"), headers=world.authorised)
    yield from around(METRIC_ROUTE, "/api/v1/metrics/csat/", names=NARROWED, tail="/api/v1/metrics/csat",
                      headers=world.authorised)  # fmt: skip
    for name in LISTED if addresses else ():
        for route in ("api/v1/decisions/", "api/v1/decisions/counts/", "api/v1/customers/", "api/v1/ideas/"):
            yield Input(route, name, "text", lambda value, route=route, name=name: CLIENT.get(
                f"/{route}?{name}={encoded(value)}", headers=world.authorised
            ))  # fmt: skip
