"""What a key may be for: nothing that was not ticked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from ground.models import Allowance, ApiKey, User
from tests.config.forms_of_pages import as_typed
from tests.conftest import client_with_key
from tests.hostile import api as bodies

pytestmark = pytest.mark.django_db
# One call for each allowance that asks for nothing else.
CALLS = {
    Allowance.REPORT: ("post", "/api/v1/interactions/", bodies.INTERACTION),
    Allowance.CUSTOMERS: ("get", "/api/v1/customers/", None),
    Allowance.SUPPRESSIONS: ("get", "/api/v1/suppressions/", None),
    Allowance.READ: ("get", "/api/v1/metrics/", None),
}


@pytest.mark.parametrize("held", Allowance.values)
def test_a_key_does_what_it_is_for_and_nothing_else(organisation: Any, held: str) -> None:
    client = client_with_key(ApiKey.objects.create_key(name="x", allowances=[held])[1])
    for allowance, (method, path, body) in CALLS.items():
        reply = getattr(client, method)(path, body, format="json")
        assert (reply.status_code < 300) == (allowance == held), (allowance, reply.content)
        if allowance != held:
            assert reply.status_code == 403 and str(allowance.label) in reply.json()["errors"][0]["detail"]


def test_a_route_that_says_nothing_is_closed(organisation: Any) -> None:
    secret = ApiKey.objects.create_key(name="x")[1]
    silent = api_view(["GET"])(lambda request: Response({}))
    assert silent(APIRequestFactory().get("/", headers={"Authorization": f"Api-Key {secret}"})).status_code == 403
    assert silent(APIRequestFactory().get("/")).status_code == 401


def test_it_is_ticked_in_the_admin(login: Callable[[User], Client], administrator: User) -> None:
    desk = login(administrator)
    add = reverse("admin:ground_apikey_add")
    page = desk.get(add)
    assert str(Allowance.READ.label) in page.content.decode()
    assert "allowances" not in as_typed(page)  # a key may only what somebody ticks
    assert desk.post(add, {"name": "bi"}).status_code == 200  # none ticked is refused
    desk.post(add, {"name": "bi", "allowances": ["read"], "expiry_date_0": "2030-01-01", "expiry_date_1": "00:00"})
    key = ApiKey.objects.get()
    assert (key.allowances, key.expiry_date.year) == (["read"], 2030 if key.expiry_date.month == 1 else 2029)
    change = reverse("admin:ground_apikey_change", args=[key.pk])
    desk.post(change, {"name": "bi", "allowances": ["report"], "revoked": "on"})
    key.refresh_from_db()
    assert key.revoked and key.allowances == ["report"]
    assert str(Allowance.REPORT.label) in desk.get(reverse("admin:ground_apikey_changelist")).content.decode()


def test_it_tells_when_it_was_used_and_a_revoked_one_is_none(organisation: Any) -> None:
    key, secret = ApiKey.objects.create_key(name="x", allowances=["read"])
    client, address = client_with_key(secret), "/api/v1/metrics/"
    assert client.get(address).status_code == 200
    key.refresh_from_db()
    used = key.last_used_at
    assert used is not None and client.get(address).status_code == 200
    key.refresh_from_db()
    assert key.last_used_at == used  # to the hour
    key.revoked = True
    key.save()
    assert client.get(address).status_code == 401
    assert client_with_key(f"{key.prefix}.{'x' * 32}").get(address).status_code == 401


def test_it_outlives_every_person(administrator: User, capsys: Any) -> None:
    """No person's log-in is behind a key; without further words it reports, and no more."""
    call_command("make_api_key", "plain")
    assert ApiKey.objects.get().allowances == ["report"]
    capsys.readouterr()
    call_command("make_api_key", "crm", "--may", "read", "report")
    client = client_with_key(capsys.readouterr().out.strip())
    User.objects.update(is_active=False)
    assert client.get("/api/v1/metrics/").status_code == 200
    assert client.get("/api/v1/customers/").status_code == 403
