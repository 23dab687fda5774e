"""Gateways on the desk: set up from what a provider wants, secret kept, tried out, never led inside."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import AuditEntry, Membership, User
from surveys import gateways
from surveys.gateway_presets import PRESETS
from surveys.models import Gateway
from tests.config.test_admin_asking import as_posted
from tests.surveys.gateway import Provider, provider

__all__ = ["provider"]
pytestmark = pytest.mark.django_db
ADD, SECRET = "admin:surveys_gateway_add", "login:swordfish"


@pytest.fixture
def desk(login: Callable[..., Client], organisation: Any) -> Client:
    user = User.objects.create_user("whole@example.org", "correct horse battery", language="en")
    Membership.objects.create(user=user, team=None, role="manager")
    return login(user)


@pytest.fixture
def gateway(desk: Client, provider: Provider) -> Gateway:
    data = as_posted(desk.get(reverse(ADD) + "?preset=twilio")) | {"url": provider.url, "secret": SECRET}
    assert desk.post(reverse(ADD), data).status_code == 302
    return Gateway.objects.get()


def change(gateway: Gateway) -> str:
    return reverse("admin:surveys_gateway_change", args=[gateway.pk])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fills_the_form(desk: Client, preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from ground import outbound

    monkeypatch.setattr(outbound, "check", lambda url: None)  # the hosts of providers are not asked for here
    data = as_posted(desk.get(reverse(ADD) + f"?preset={preset}"))
    url = data["url"] if data["url"] != "https://" else "https://gateway.example/send"
    assert desk.post(reverse(ADD), data | {"url": url, "secret": SECRET}).status_code == 302
    gateway, wanted = Gateway.objects.get(), PRESETS[preset]
    assert (gateway.body, gateway.headers, gateway.statuses, gateway.kind, gateway.encoding) == (
        wanted.body, wanted.headers, wanted.statuses, wanted.kind, wanted.encoding,
    )  # fmt: skip
    assert len(gateway.callback_key) == 32 and len(gateway.callback_secret) >= 32


def test_the_secret_is_written_and_never_shown(desk: Client, gateway: Gateway) -> None:
    assert gateway.secret == SECRET
    page = desk.get(change(gateway))
    assert "swordfish" not in page.content.decode()
    assert desk.post(change(gateway), as_posted(page) | {"name": "Other"}).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.name, gateway.secret) == ("Other", SECRET)
    assert "swordfish" not in str(list(AuditEntry.objects.values()))


def test_the_secret_follows_to_no_other_host(desk: Client, gateway: Gateway, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.1:*"]
    data = as_posted(desk.get(change(gateway))) | {"url": "http://127.0.0.1:9/steal"}
    assert "type the secret again" in desk.post(change(gateway), data).content.decode()
    assert desk.post(change(gateway), data | {"secret": "new"}).status_code == 302
    gateway.refresh_from_db()
    assert gateway.secret == "new"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "ftp://example.org/", "nonsense"],
)
def test_an_address_that_leads_inside_is_refused(desk: Client, url: str) -> None:
    data = as_posted(desk.get(reverse(ADD) + "?preset=twilio")) | {"url": url, "secret": SECRET}
    assert desk.post(reverse(ADD), data).status_code == 200
    assert not Gateway.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("body", "no sign"), ("headers", "= x"), ("headers", "Authorization: Token token={secret}"),
        ("statuses", "ok = good"),
    ],
)  # fmt: skip
def test_lines_that_say_nothing_are_named(desk: Client, provider: Provider, field: str, typed: str) -> None:
    data = as_posted(desk.get(reverse(ADD) + "?preset=twilio")) | {"url": provider.url, field: typed}
    page = desk.post(reverse(ADD), data)
    assert page.status_code == 200 and field in page.context["adminform"].form.errors


def test_a_test_message_leaves_and_the_answer_is_told(desk: Client, gateway: Gateway, provider: Provider) -> None:
    address = reverse("admin:surveys_gateway_try", args=[gateway.pk])

    def told(phone: str = "8 900 123-45-67") -> str:
        return desk.post(address, {"phone": phone}, follow=True).content.decode()

    provider.reply = b'{"sid": "SM1"}'
    assert "SM1" in told()
    assert provider.form()["To"] == "+79001234567"
    provider.status, provider.reply = 401, f"no such key: {SECRET}, {SECRET.split(':')[-1]}".encode()
    refused = told()
    assert "Not sent: the gateway refused the request (401)" in refused
    assert "no such key: …, …" in refused
    provider.behaviour = "hang up"
    assert "Nobody knows whether it left" in told()
    assert "not a telephone number" in told("x")
    assert len(provider.requests) == 3
    assert set(AuditEntry.objects.values_list("verb", flat=True)) == {"gateway.added", "gateway.tried"}
    assert desk.get(address).status_code == 405


def test_the_crms_secret_is_made_and_shown_once(desk: Client, provider: Provider) -> None:
    data = as_posted(desk.get(reverse(ADD) + "?preset=crm")) | {"url": provider.url}
    page = desk.post(reverse(ADD), data, follow=True).content.decode()
    secret = Gateway.objects.get().secret
    assert secret.startswith("whsec_") and secret in page
    assert secret not in desk.get(change(Gateway.objects.get())).content.decode()


def test_gateways_belong_to_managers_of_the_whole(
    login: Callable[..., Client], manager: User, provider: Provider
) -> None:
    row = Gateway.objects.create(kind="sms", name="x", url=provider.url, callback_key=gateways.new_key())
    client = login(manager)
    assert client.get(reverse("admin:surveys_gateway_changelist")).status_code == 403
    assert client.post(reverse("admin:surveys_gateway_try", args=[row.pk]), {"phone": "+79001234567"}).status_code in (
        403, 404,
    )  # fmt: skip
    assert provider.requests == []
