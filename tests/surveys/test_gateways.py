"""Text messages, messengers and the hand-over to the CRM leave by HTTP to a provider that behaves as told."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ground import erasing
from surveys import facts, gateways, interactions, links, phones, sending, short_texts, suppression
from surveys.channels import webhook
from surveys.deciding import receive
from surveys.models import Customer, Gateway, Invitation, Message, SendingRule, Suppression
from tests.surveys.gateway import Provider, provider

__all__ = ["provider"]
pytestmark = pytest.mark.django_db
Ask = Callable[..., Invitation]


@pytest.fixture
def sms(provider: Provider) -> Gateway:
    return Gateway.objects.create(
        kind="sms", name="Fake", url=provider.url, encoding="form", secret="login:pass word",
        headers={"Authorization": "Basic {basic}", "X-Callback": "{callback}"},
        body={"to": "{phone}", "digits": "{digits}", "text": "{text}", "ref": "{id}", "sender": "Mayak {unknown}"},
        id_path="id", callback_key=gateways.new_key(), callback_secret="s3cret", status_path="status",
        report_id_path="id", statuses={"delivered": "delivered", "2": "failed"},
    )  # fmt: skip


@pytest.fixture
def crm(provider: Provider) -> Gateway:
    key = base64.b64encode(b"k" * 24).decode()
    return Gateway.objects.create(
        kind="webhook", name="CRM", url=provider.url, secret=f"whsec_{key}", callback_key=gateways.new_key()
    )


@pytest.fixture
def ask(rule: SendingRule) -> Ask:
    """Report a closed contact and send what is due; the rule's ways come first."""

    def report(*ways: str, **customer: Any) -> Invitation:
        SendingRule.objects.update(send_through=list(ways))
        closed = timezone.now() - dt.timedelta(minutes=5)
        told = {"external_id": "c-1", "phone": "8 (900) 123-45-67"} | customer
        decision = receive(
            interactions.Report(
                source="crm", external_id="T-1", updated_at=closed, customer=told,
                fields={"channel": "chat", "closed_at": closed},
            )
        ).decision  # fmt: skip
        assert decision is not None
        invitation = decision.planned
        assert invitation is not None, decision.reason
        Invitation.objects.update(due_at=timezone.now(), state="planned")
        sending.send([invitation.pk])
        invitation.refresh_from_db()
        return invitation

    return report


def test_a_text_message_leaves_through_the_templates(provider: Provider, sms: Gateway, ask: Ask) -> None:
    invitation = ask("sms")
    message = Message.objects.get()
    assert (invitation.state, invitation.sent_through) == ("sent", "sms")
    assert (message.channel, message.address, message.state, message.provider_id) == (
        "sms", "+79001234567", "accepted", "4711",
    )  # fmt: skip
    form, headers = provider.form(), provider.requests[0]["headers"]
    assert (form["to"], form["digits"], form["ref"], form["sender"]) == (
        "+79001234567", "79001234567", f"m{message.pk}", "Mayak {unknown}",
    )  # fmt: skip
    assert form["text"].endswith(links.answer_path(invitation))
    assert short_texts.segments(form["text"]) <= 2
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"login:pass word"
    assert headers["X-Callback"] == gateways.callback(sms)


def test_json_goes_as_deep_as_the_names_say(provider: Provider, sms: Gateway, ask: Ask) -> None:
    Gateway.objects.update(encoding="json", body={"messages.0.to": "{phone}", "messages.0.content.text": "{text}"})
    ask("sms")
    [message] = provider.json()["messages"]
    assert message["to"] == "+79001234567" and "/r/" in message["content"]["text"]


def test_what_a_value_contains_is_no_field_again(provider: Provider, sms: Gateway, ask: Ask) -> None:
    Gateway.objects.update(body={"text": "{customer} {link}"})
    ask("sms", external_id="{secret}")
    assert provider.form()["text"].startswith("{secret} http")


@pytest.mark.parametrize(
    ("status", "reply", "state", "message_state"),
    [
        (200, b'{"error": "no money"}', "failed", "failed"),
        (400, b"", "failed", "failed"),
        (302, b"", "failed", "failed"),
        (401, b"", "planned", "failed"),
        (429, b"", "planned", "failed"),
        (503, b"", "planned", "failed"),
        (500, b"", "uncertain", "uncertain"),
        (504, b"", "uncertain", "uncertain"),
        (200, rb'{"id": "a\ud800\u0000b"}', "sent", "accepted"),
    ],
)
def test_what_a_reply_means(
    provider: Provider, sms: Gateway, ask: Ask, status: int, reply: bytes, state: str, message_state: str
) -> None:
    provider.status, provider.reply = status, reply
    assert ask("sms").state == state
    assert Message.objects.get().state == message_state


def test_at_most_once_when_the_line_breaks(provider: Provider, sms: Gateway, ask: Ask) -> None:
    provider.behaviour = "hang up"
    invitation = ask("sms")
    assert invitation.state == "uncertain"
    sending.send([invitation.pk])
    assert len(provider.requests) == 1


def test_without_a_gateway_it_waits(provider: Provider, ask: Ask) -> None:
    invitation = ask("sms")
    assert (invitation.state, invitation.error) == ("planned", "no gateway is set up")


def test_a_gateway_that_leads_inside_is_not_called(provider: Provider, sms: Gateway, ask: Ask, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    assert ask("sms").state == "failed"
    assert provider.requests == []


@pytest.mark.parametrize(
    ("ways", "customer", "through"),
    [
        (["email", "sms"], {"email": ""}, "sms"),
        (["messenger", "sms"], {}, "messenger"),
        (["sms", "webhook"], {"phone": "12"}, "webhook"),
    ],
)
def test_the_first_way_with_an_address_is_taken(
    provider: Provider, sms: Gateway, crm: Gateway, ask: Ask, ways: list[str], customer: dict[str, str], through: str
) -> None:
    Gateway.objects.create(
        kind="messenger", name="M", url=provider.url, body={"text": "{text}"}, callback_key=gateways.new_key()
    )
    assert ask(*ways, **customer).sent_through == through
    assert len(provider.requests) == 1


def test_without_any_address_nobody_is_asked(provider: Provider, sms: Gateway, ask: Ask) -> None:
    with pytest.raises(AssertionError, match="no_address"):
        ask("sms", phone="not known")


@pytest.mark.parametrize("written", ["+7 900 123-45-67", "89001234567", "olga@example.org"])
def test_opted_out_by_any_address_is_out(provider: Provider, sms: Gateway, ask: Ask, written: str) -> None:
    suppression.suppress(written, reason=Suppression.Reason.UNSUBSCRIBED)
    with pytest.raises(AssertionError, match="unsubscribed"):
        ask("sms", email="olga@example.org")


def test_a_dead_mailbox_does_not_keep_a_text_message_back(provider: Provider, sms: Gateway, ask: Ask) -> None:
    suppression.suppress("olga@example.org", reason=Suppression.Reason.HARD_BOUNCE)
    assert ask("sms", email="olga@example.org").state == "sent"


def test_a_dead_mailbox_makes_way_for_the_next_channel_and_an_opt_out_does_not(
    provider: Provider, sms: Gateway, ask: Ask
) -> None:
    suppression.suppress("olga@example.org", reason=Suppression.Reason.HARD_BOUNCE)
    invitation = ask("email", "sms", email="olga@example.org")
    assert (invitation.state, invitation.messages.get().channel) == ("sent", "sms")
    suppression.suppress("olga@example.org", reason=Suppression.Reason.UNSUBSCRIBED)
    assert Suppression.objects.get().reason == "unsubscribed"
    assert facts.gather(invitation.interaction, invitation.customer, invitation.survey, now=timezone.now(),
                        rule=invitation.rule).suppressed == "unsubscribed"  # fmt: skip


def test_a_dead_mailbox_without_another_channel_is_the_reason(provider: Provider, sms: Gateway, ask: Ask) -> None:
    suppression.suppress("olga@example.org", reason=Suppression.Reason.HARD_BOUNCE)
    with pytest.raises(AssertionError, match="hard_bounce"):
        ask("email", email="olga@example.org")


def test_unsubscribing_by_the_link_of_a_text_message_holds_for_mail_too(
    provider: Provider, sms: Gateway, ask: Ask
) -> None:
    invitation = ask("sms", email="olga@example.org")
    suppression.unsubscribe(invitation, everything=True)
    assert set(Suppression.objects.values_list("address", flat=True)) == {"+79001234567", "olga@example.org"}


# --- reports -----------------------------------------------------------------------------------------------------


def post(gateway: Gateway, body: Any, *, secret: str = "s3cret", **headers: str) -> int:
    path = f"/webhooks/gateway/{gateway.callback_key}/?s={secret}"
    if isinstance(body, dict):
        return Client().post(path, body, headers=headers).status_code
    return Client().post(path, body, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize(("status", "state"), [("delivered", "delivered"), ("2", "failed"), ("queued", "accepted")])
@pytest.mark.parametrize("as_json", [True, False])
def test_a_report_moves_the_message(
    provider: Provider, sms: Gateway, ask: Ask, status: str, state: str, as_json: bool
) -> None:
    ask("sms")
    report = {"id": "4711", "status": status}
    assert post(sms, json.dumps(report) if as_json else report) == 200
    assert Message.objects.get().state == state


def test_our_own_number_and_an_uncertain_message(provider: Provider, sms: Gateway, ask: Ask) -> None:
    provider.behaviour = "hang up"
    invitation = ask("sms")
    assert post(sms, {"id": f"m{Message.objects.get().pk}", "status": "Delivered"}) == 200
    invitation.refresh_from_db()
    assert (invitation.state, Message.objects.get().state) == ("sent", "delivered")


def test_only_who_knows_the_secret_reports(provider: Provider, sms: Gateway, ask: Ask) -> None:
    ask("sms")
    body = json.dumps({"id": 4711, "status": "delivered"})
    good = hmac.new(b"s3cret", body.encode(), hashlib.sha256).hexdigest()
    assert [post(sms, body, secret=secret) for secret in ("", "wrong", "ы")] == [403, 403, 403]
    assert post(sms, body, secret="", **{"X-Signature": good[:-1] + "0"}) in (403,)
    assert Message.objects.get().state == "accepted"
    assert post(sms, body, secret="", **{"X-Signature": f"sha256={good}"}) == 200
    assert post(sms, body, secret="", Authorization="Bearer s3cret") == 200
    assert Message.objects.get().state == "delivered"


def test_a_gateway_without_a_secret_takes_no_report(sms: Gateway) -> None:
    Gateway.objects.update(callback_secret="")
    assert post(sms, {"id": "1"}, secret="") == 403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"id": {"a": 1}}',
        '{"status": "delivered"}',
        "[" * 5000,
        '{"id":"9"}',
        r'{"id":"\ud800"}',
        r'{"id":"a\u0000b","status":"\udfff"}',
    ],
)
def test_a_report_that_makes_no_sense_changes_nothing(provider: Provider, sms: Gateway, ask: Ask, body: str) -> None:
    ask("sms")
    assert post(sms, body) in (400, 404)
    assert Message.objects.get().state == "accepted"


def test_one_gateways_report_is_not_anothers(provider: Provider, sms: Gateway, crm: Gateway, ask: Ask) -> None:
    ask("sms")
    Gateway.objects.filter(pk=crm.pk).update(
        callback_secret="s3cret", status_path="status", report_id_path="id", statuses={"2": "failed"}
    )
    crm.refresh_from_db()
    assert post(crm, {"id": "4711", "status": "2"}) == 404
    assert Client().post("/webhooks/gateway/none/").status_code == 404
    assert Client().get(f"/webhooks/gateway/{sms.callback_key}/").status_code == 405


# --- the hand-over -----------------------------------------------------------------------------------------------


def verified(request: dict[str, Any], secret: str) -> bool:
    """As the specification of Standard Webhooks tells a receiver to do it."""
    headers = {name.lower(): value for name, value in request["headers"].items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body'].decode()}"
    key = base64.b64decode(secret.split("_", 1)[1])
    right = base64.b64encode(hmac.new(key, signed.encode(), "sha256").digest()).decode()
    recent = abs(timezone.now().timestamp() - int(headers["webhook-timestamp"])) < 300
    return recent and f"v1,{right}" in headers["webhook-signature"].split(" ")


def test_the_crm_gets_a_signed_link(provider: Provider, crm: Gateway, ask: Ask) -> None:
    invitation = ask("webhook", email="olga@example.org")
    data = provider.json()["data"]
    assert verified(provider.requests[0], crm.secret)
    assert not verified(provider.requests[0] | {"body": b"{}"}, crm.secret)
    assert (data["link"].endswith(links.answer_path(invitation)), data["survey"], data["language"]) == (
        True, "support", invitation.language,
    )  # fmt: skip
    assert data["customer"] == {"external_id": "c-1"}
    assert data["interaction"] == {"source": "crm", "external_id": "T-1"}
    assert invitation.state == "sent"


def test_a_repeated_hand_over_has_the_same_id(provider: Provider, crm: Gateway, ask: Ask) -> None:
    provider.status = 500
    invitation = ask("webhook")
    assert invitation.state == "planned"
    provider.status = 200
    Invitation.objects.update(due_at=timezone.now())
    sending.send([invitation.pk])
    first, second = ({name.lower(): value for name, value in one["headers"].items()} for one in provider.requests)
    assert first["webhook-id"] == second["webhook-id"]


def test_a_number_of_the_crm_is_nobodys_telephone(provider: Provider, crm: Gateway, ask: Ask) -> None:
    stranger = Customer.objects.create(external_id="c-2", phone="8 916 123-45-67")
    invitation = ask("webhook", external_id="9161234567", phone="", email="olga@example.org")
    assert (invitation.state, Message.objects.get().address) == ("sent", "9161234567")
    suppression.unsubscribe(invitation, everything=True)
    assert [entry.address for entry in Suppression.objects.all()] == ["olga@example.org"]
    assert stranger.pk not in erasing.find("olga@example.org").keys


def test_who_opted_out_is_not_handed_over(provider: Provider, crm: Gateway, ask: Ask) -> None:
    suppression.suppress("89001234567", reason=Suppression.Reason.MANUAL)
    with pytest.raises(AssertionError, match="manual"):
        ask("webhook")


def test_an_opt_out_just_before_the_hand_over_wins(
    provider: Provider, crm: Gateway, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = webhook.payload

    def opted_out(*args: Any) -> dict[str, Any]:
        suppression.suppress("89001234567", reason=Suppression.Reason.UNSUBSCRIBED)
        return write(*args)

    monkeypatch.setattr(webhook, "payload", opted_out)
    invitation = ask("webhook")
    assert (invitation.state, invitation.error) == ("refused", "unsubscribed")
    assert not provider.requests


# --- numbers and texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+7 900 123-45-67", "+79001234567"), ("8 (900) 123 45 67", "+79001234567"), ("9001234567", "+79001234567"),
        ("+44 20 7946 0958", "+442079460958"), ("+7 (701) 000-00-00", "+77010000000"), ("12", ""), ("", ""),
        ("ask Olga", ""), ("+0", ""), ("+999999999999999999", ""),
    ],
)  # fmt: skip
def test_numbers_become_e164(written: str, number: str) -> None:
    assert phones.e164(written) == number


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("я" * 70, 1),
     ("я" * 71, 2), ("я" * 134, 2), ("я" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2)],
)  # fmt: skip
def test_segments_are_counted_as_providers_do(text: str, count: int) -> None:
    assert short_texts.segments(text) == count


def test_long_words_are_cut_and_the_link_is_whole(survey: Any) -> None:
    version = survey.published
    version.texts["ru"]["sms"] = "Как всё прошло? " * 30
    link = "https://feedback.example.org/r/" + "0" * 27
    text = short_texts.compose(version, language="ru", brand="Маяк", link=link)
    assert short_texts.segments(text) == 2 and text.endswith(f"… {link}")


def test_a_link_is_short(make_invitation: Callable[..., Invitation], settings: Any) -> None:
    settings.BASE_URL = "https://feedback.example.org"
    assert len(settings.BASE_URL + links.answer_path(make_invitation())) <= 60


def test_customers_stay_as_the_crm_wrote_them(provider: Provider, sms: Gateway, ask: Ask) -> None:
    ask("sms")
    assert Customer.objects.get().phone == "8 (900) 123-45-67"
