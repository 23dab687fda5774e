"""No public address changes anything when it is merely opened, but for the touch; and each link opens its own page."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from feedback.models import Touch
from ground.models import LimitCounter
from surveys import links, own_data, public_links, trials
from surveys.models import Customer, Invitation, Link, OwnDataLink, Survey, SurveyVersion

pytestmark = pytest.mark.django_db
# A touch is what an opened link leaves; a wrong link is counted, so that nobody tries them all.
MAY_GROW = (Touch, LimitCounter)
# Addresses for programs, with their own keys and tests, and what shows no link at all.
OTHERS = ("api/", "webhooks/", "brand/", "healthz", "readyz", "metrics", "static", "__")


@pytest.fixture
def tokens(make_invitation: Any, customer: Customer, survey: Survey) -> dict[str, str]:
    """A valid token of each purpose."""
    invitation: Invitation = make_invitation(customer=customer)
    now = timezone.now()
    own = OwnDataLink(customer=customer, created_at=now, expires_at=now + dt.timedelta(days=1))
    own.token_hash = links.hash_token(own_data.token_of(own))
    own.save()
    qr = Link.objects.create(label="Касса", survey=survey, public_key=public_links.new_key())
    template = Link.objects.create(
        kind="template", label="Zendesk", survey=survey, source="zendesk", public_key=public_links.new_key()
    )
    widget = Link.objects.create(kind=Link.Kind.WIDGET, label="Сайт", survey=survey, public_key=public_links.new_key())
    return {
        "r": links.token(invitation, links.ANSWER),
        "u": links.token(invitation, links.UNSUBSCRIBE),
        "m": own_data.token_of(own),
        "q": qr.public_key,
        "t": template.public_key,
        "w": widget.public_key,
    }


def paths(tokens: dict[str, str], run: str = "") -> list[str]:
    """Every public address; `run` is a test run of a survey when there are more versions than one."""
    r, u = tokens["r"], tokens["u"]
    run = run or trials.run_path(SurveyVersion.objects.get())
    return [
        f"/r/{r}", f"/r/{r}/4", f"/r/{r}/t", f"/r/{r}/4?score=5&only=score", f"/r/{r.upper()}/4.", f"/u/{u}",
        f"/u/{u}?List-Unsubscribe=One-Click", f"/u/{u}/data", f"/u/{u}/data/", f"/m/{tokens['m']}",
        f"/m/{tokens['m']}?erase=1", f"/q/{tokens['q']}", f"/q/{tokens['q']}/4", f"/t/{tokens['t']}/4711/4",
        f"/w/{tokens['w']}.js", f"/w/{tokens['w']}", f"/w/{tokens['w']}/shown",
        "/p/forged", f"{run}", f"{run}/4", "/r/unknown/4", "/u/unknown", "/m/unknown", "/q/unknown", "/t/unknown/1",
    ]  # fmt: skip


def everything() -> str:
    kept = [model for model in apps.get_models() if model not in MAY_GROW and model._meta.managed]
    return "".join(serialize("json", model._default_manager.order_by("pk")) for model in kept)


def openings(client: Client, path: str) -> Iterator[Any]:
    yield client.get(path)
    yield client.head(path)
    yield client.options(path)
    yield client.get(path, headers={"Sec-Purpose": "prefetch;prerender"})
    yield client.get(path, headers={"User-Agent": "TelegramBot (like TwitterBot)"})
    yield client.get(path, headers={"X-HTTP-Method-Override": "POST"})


def test_opening_changes_nothing_but_the_touches(client: Client, tokens: dict[str, str]) -> None:
    before = everything()
    for path in paths(tokens):
        for reply in openings(client, path):
            assert reply.status_code < 500, path
        assert everything() == before, path
    assert Touch.objects.exists()


def routes() -> Iterator[str]:
    for pattern in get_resolver().url_patterns:
        nested = [pattern] if isinstance(pattern, URLPattern) else pattern.url_patterns
        begin = "" if isinstance(pattern, URLPattern) else str(pattern.pattern)
        yield from (begin + str(one.pattern) for one in nested if not begin.startswith("admin"))


def test_every_public_address_is_opened_here(tokens: dict[str, str]) -> None:
    known = [path.partition("?")[0][1:] for path in paths(tokens)]
    for route in routes():
        if route.startswith(OTHERS):
            continue
        shape = route if route.startswith("^") else "^" + re.sub(r"<[^>]+>", "[^/]+", route) + "$"
        assert any(re.search(shape, path) for path in known), f"{route}: tell how its addresses are made"


@pytest.mark.parametrize("page", ["r", "u", "m", "q", "t", "w"])
def test_a_token_of_one_purpose_is_unknown_to_every_other(client: Client, tokens: dict[str, str], page: str) -> None:
    for purpose, token in tokens.items():
        path = f"/{page}/{token}/4711" if page == "t" else f"/{page}/{token}"
        status = client.get(path).status_code
        assert status == (200 if purpose == page else 404), (purpose, page)


@pytest.mark.parametrize("purpose", ["r", "m", "q", "t", "w"])
def test_own_data_begins_from_the_unsubscribe_link_alone(client: Client, tokens: dict[str, str], purpose: str) -> None:
    assert client.get(f"/u/{tokens[purpose]}/data").status_code == 404
