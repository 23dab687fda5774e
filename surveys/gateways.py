"""HTTP services that carry our messages: what is sent to them, what their reply and their reports mean.

A gateway is a row of templates, so that another provider needs no code. At most once holds as for mail: a time-out
after the request left, and a reply that does not say what became of it, leave the message uncertain.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from ground import outbound
from ground.outbound import NotSent, Reply, Unknown
from ground.text import clean_line
from surveys.models import Gateway, Message

DELIVERED, FAILED = "delivered", "failed"
# What a gateway that is set up wrongly or busy says: somebody may mend it while the message waits.
PASSING = {401, 402, 403, 404, 408, 425, 429, 503}
# It took the request and broke, or somebody between us and it gave up waiting.
NOBODY_KNOWS = {500, 502, 504}
FIELDS = ("phone", "digits", "email", "text", "link", "id", "callback", "language", "survey", "customer")
SECRETS = ("secret", "login", "password", "basic")
_FIELD = re.compile(r"\{(\w+)\}")


def active(kind: str) -> Gateway:
    """The gateway of this kind; raises NotSent, to be tried again, while none is set up."""
    gateway = Gateway.objects.filter(kind=kind, is_active=True).order_by("pk").first()
    if gateway is None:
        raise NotSent("no gateway is set up", passing=True)
    return gateway


def new_key() -> str:
    """What stands in the address of a gateway's reports."""
    return secrets.token_hex(16)


def callback(gateway: Gateway) -> str:
    """The address for its reports; the secret in it is what they prove themselves by."""
    return f"{settings.BASE_URL}/webhooks/gateway/{gateway.callback_key}/?s={gateway.callback_secret}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every known {field} replaced, in one pass: what a value contains is never a field again."""
    return _FIELD.sub(lambda found: values.get(found.group(1), found.group(0)), template)


def request(gateway: Gateway, values: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The body and headers of one request."""
    login, _colon, password = gateway.secret.partition(":")
    basic = base64.b64encode(gateway.secret.encode()).decode()
    own = {"secret": gateway.secret, "login": login, "password": password, "basic": basic}
    known = {**values, **own, "callback": callback(gateway)}
    fields = {name: fill(str(template), known) for name, template in gateway.body.items()}
    headers = {name: _line(fill(str(template), known)) for name, template in gateway.headers.items()}
    if gateway.encoding == Gateway.Encoding.FORM:
        return urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"} | headers
    body = json.dumps(nested(fields), ensure_ascii=False).encode()
    return body, {"Content-Type": "application/json"} | headers


def _line(value: str) -> str:
    """A header's value: one line of letters that HTTP can carry."""
    return re.sub(r"[\x00-\x1f\x7f]", "", value).encode("latin-1", "replace").decode("latin-1")


def nested(fields: Mapping[str, str]) -> Any:
    """{"to.0.phone": x} as {"to": [{"phone": x}]}: dots lead inside, numbers are places in a list."""
    tree: dict[str, Any] = {}
    for name, value in fields.items():
        *steps, last = name.split(".")
        place = tree
        for step in steps:
            deeper = place.setdefault(step, {})
            place = deeper if isinstance(deeper, dict) else place
        place[last] = value
    return _listed(tree)


def _listed(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    grown = {name: _listed(value) for name, value in tree.items()}
    if grown and all(name.isdigit() for name in grown):
        return [grown[name] for name in sorted(grown, key=int)]
    return grown


def carry(gateway: Gateway, values: Mapping[str, str]) -> str:
    """Hand one message over; returns its number at the provider, "" when it names none. Raises NotSent or Unknown."""
    body, headers = request(gateway, values)
    return judged(gateway, outbound.call(gateway.url, body=body, headers=headers))


def judged(gateway: Gateway, reply: Reply) -> str:
    """What a reply means; the number in it, or NotSent or Unknown."""
    if reply.status in NOBODY_KNOWS:
        raise Unknown(f"the gateway broke: {reply.status}")
    if not reply.is_success:
        raise NotSent(f"the gateway refused: {reply.status}", passing=reply.status in PASSING)
    if not gateway.id_path:
        return ""
    number = at_path(_parsed(reply.body), gateway.id_path)
    if number in (None, ""):
        # Many say 200 and an error in the body. Not tried again: perhaps only the path is wrong.
        raise NotSent("the reply names no number", passing=False)
    return str(number)[:200]


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def at_path(data: Any, path: str) -> Any:
    """What stands at a path like "messages.0.id", a text without what no database takes; None when nothing does."""
    for step in path.split("."):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    if isinstance(data, str):
        return clean_line(data)
    return data if isinstance(data, int | float) else None


# --- reports -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    """One report: the message's number, and what its status means; "" for one that means nothing to us."""

    number: str
    outcome: str
    status: str


def is_genuine(gateway: Gateway, *, given: str, signature: str, body: bytes) -> bool:
    """Whether a report carries the secret, or the HMAC-SHA256 of its body made with it."""
    secret = gateway.callback_secret.encode()
    if not secret:
        return False
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    is_signed = hmac.compare_digest(expected, signature.removeprefix("sha256=").lower().encode())
    return hmac.compare_digest(secret, given.encode()) or is_signed


def read_report(gateway: Gateway, body: bytes, form: Mapping[str, Any]) -> Reported:
    """A report as its gateway writes it: JSON, or form fields."""
    data = _parsed(body) or dict(form)
    status = at_path(data, gateway.status_path) if gateway.status_path else None
    number = at_path(data, gateway.report_id_path) if gateway.report_id_path else None
    word = "" if status is None else str(status)
    outcome = gateway.statuses.get(word) or gateway.statuses.get(word.lower()) or ""
    return Reported(number="" if number is None else str(number)[:200], outcome=outcome, status=word[:32])


def message_of(gateway: Gateway, number: str) -> Message | None:
    """The message that a report is about, by the provider's number or by ours."""
    sent = Message.objects.select_related("invitation").filter(channel=gateway.kind)
    own = re.fullmatch(r"m(\d{1,18})", number)
    if own:
        return sent.filter(pk=int(own.group(1))).first()
    return sent.filter(provider_id=number).order_by("-pk").first() if number else None


def own_number(message: Message) -> str:
    """How we name a message to gateways that take a number of ours."""
    return f"m{message.pk}"


def example(number: str) -> dict[str, str]:
    """The values of a test message to this number."""
    link = f"{settings.BASE_URL}/"
    return {
        "phone": number,
        "digits": number.lstrip("+"),
        "email": "",
        "text": f"Otklik: test {link}",
        "link": link,
        "id": f"test-{secrets.token_hex(4)}",
        "language": settings.LANGUAGE_CODE,
        "survey": "test",
        "customer": "test",
    }
