"""What mail services post, in the shapes that they post it: right ones act once, wrong ones are turned away."""

import base64
import hashlib
import hmac
import json

import pytest
from django.test import Client
from django.utils import timezone

from surveys import channels
from surveys.models import Consent, Invitation, Message, Suppression
from tests.factories import make_invitation

pytestmark = pytest.mark.django_db

KEY = "key-0123456789"
AUTH = "Basic " + base64.b64encode(b"otklik:secret").decode()
TO, NUMBER = "olga@example.org", "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"


@pytest.fixture(autouse=True)
def services(settings) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "otklik:secret", "MAILGUN_API_KEY": KEY, "UNISENDER_GO_API_KEY": KEY}


@pytest.fixture
def message(survey, customer) -> Message:
    invitation = make_invitation(survey, customer=customer, next_reminder_at=timezone.now())
    return Message.objects.create(
        invitation=invitation, address=TO, state="accepted", provider_id=NUMBER,
        message_id=channels.message_id(invitation), handed_over_at=timezone.now(),
    )  # fmt: skip


def postmark(event: str, **fields) -> dict:
    shared = {"MessageID": NUMBER, "MessageStream": "outbound", "Metadata": {}, "Tag": "invitation", "ServerID": 23}
    shapes = {
        "delivered": {"RecordType": "Delivery", "Recipient": TO, "DeliveredAt": "2026-05-12T10:00:00Z",
                      "Details": "smtp;250 2.0.0 OK"},
        "dead": {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 42, "Email": TO, "Inactive": True,
                 "Name": "Hard bounce", "Description": "The server was unable to deliver your message",
                 "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
                 "BouncedAt": "2026-05-12T10:00:00Z", "From": "ask@example.org"},
        "full": {"RecordType": "Bounce", "Type": "SoftBounce", "TypeCode": 4096, "ID": 43, "Email": TO,
                 "Description": "Unable to temporarily deliver message", "Details": "mailbox over quota",
                 "BouncedAt": "2026-05-12T10:00:00Z"},
        "later": {"RecordType": "Bounce", "Type": "Transient", "ID": 44, "Email": TO, "Details": "451 later"},
        "spam": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "ID": 45, "Email": TO,
                 "BouncedAt": "2026-05-12T10:00:00Z"},
        "unsubscribed": {"RecordType": "SubscriptionChange", "Recipient": TO, "SuppressSending": True,
                         "SuppressionReason": "ManualSuppression", "ChangedAt": "2026-05-12T10:00:00Z"},
        "refused": {"RecordType": "Bounce", "Type": "Blocked", "ID": 46, "Email": TO, "Details": "policy"},
        "opened": {"RecordType": "Open", "Recipient": TO, "ReceivedAt": "2026-05-12T10:00:00Z"},
    }  # fmt: skip
    return shared | shapes[event] | fields


def brevo(event: str, **fields) -> dict:
    names = {"delivered": "delivered", "dead": "hard_bounce", "full": "soft_bounce", "later": "deferred",
             "spam": "spam", "unsubscribed": "unsubscribe", "refused": "blocked", "opened": "opened"}  # fmt: skip
    reasons = {"dead": "550 5.1.1 user unknown", "full": "552 5.2.2 mailbox full"}
    shape = {"event": names[event], "email": TO, "id": 1, "date": "2026-05-12 10:00:00", "ts_epoch": 1778580000000,
             "message-id": NUMBER, "subject": "How did we do?", "tags": ["invitation"]}  # fmt: skip
    return shape | ({"reason": reasons[event]} if event in reasons else {}) | fields


def mailgun(event: str, *, key: str = KEY, **fields) -> dict:
    token, timestamp = "06c96bafc3f42a66b9edd546347a2fe18dc23461fe80dc52f0", "1778580000"
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    shapes = {
        "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
        "dead": {"event": "failed", "severity": "permanent", "reason": "bounce",
                 "delivery-status": {"code": 550, "message": "5.1.1 no such user", "description": ""}},
        "full": {"event": "failed", "severity": "permanent", "reason": "bounce",
                 "delivery-status": {"code": 552, "message": "5.2.2 The email account is over quota"}},
        "later": {"event": "failed", "severity": "temporary", "reason": "generic",
                  "delivery-status": {"code": 451, "message": "4.7.1 greylisted"}},
        "spam": {"event": "complained"},
        "unsubscribed": {"event": "unsubscribed"},
        "refused": {"event": "rejected", "reject": {"reason": "Sandbox subdomains are for test purposes only"}},
        "opened": {"event": "opened"},
    }  # fmt: skip
    data = {"id": "ncV2XwymRUKbPek_MIM-Gw", "timestamp": 1778580000.5, "recipient": TO, "tags": ["invitation"],
            "message": {"headers": {"message-id": NUMBER, "to": TO}}, "user-variables": {}}  # fmt: skip
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    return {"signature": signed, "event-data": data | shapes[event] | fields}


def unisender(event: str, *, key: str = KEY, **fields) -> bytes:
    shapes = {
        "delivered": ("delivered", "ok_delivered", ""),
        "dead": ("hard_bounced", "err_user_unknown", "550 5.1.1 user unknown"),
        "full": ("soft_bounced", "err_mailbox_full", "552 5.2.2 full"),
        "later": ("soft_bounced", "err_will_retry", "451 4.7.1 later"),
        "spam": ("spam", "", ""),
        "unsubscribed": ("unsubscribed", "", ""),
        "opened": ("opened", "", ""),
    }
    status, delivery, said = shapes[event]
    data = {"job_id": NUMBER, "email": TO, "status": status, "event_time": "2026-05-12 10:00:00", "metadata": {},
            "delivery_info": {"delivery_status": delivery, "destination_response": said}} | fields  # fmt: skip
    named = {"event_name": "transactional_email_status", "event_data": data}
    body = {"auth": "AUTH", "events_by_user": [{"user_id": 1, "events": [named]}]}
    text = json.dumps(body, separators=(",", ":"))
    seal = hashlib.md5(text.replace("AUTH", key).encode()).hexdigest()
    return text.replace("AUTH", seal).encode()


SHAPES = {"postmark": postmark, "brevo": brevo, "mailgun": mailgun, "unisender-go": unisender}


def post(service: str, body: dict | bytes, *, auth: str | None = AUTH) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": auth} if auth else {}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.post(f"/webhooks/mail/{service}/", raw, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize("service", SHAPES)
def test_delivered(message, service: str) -> None:
    Message.objects.update(state="uncertain")
    Invitation.objects.update(state="uncertain")
    assert post(service, SHAPES[service]("delivered")) == 200
    assert Message.objects.get().state == "delivered" and Invitation.objects.get().state == "sent"


@pytest.mark.parametrize("service", SHAPES)
def test_a_dead_address(message, service: str) -> None:
    for _time in range(2):
        assert post(service, SHAPES[service]("dead")) == 200
    row = Message.objects.get()
    assert (row.state, row.status_code) == ("bounced", "5.1.1")
    (entry,) = Suppression.objects.all()
    assert (entry.address, entry.reason, entry.survey) == (TO, "hard_bounce", None)
    assert Invitation.objects.get().next_reminder_at is None


@pytest.mark.parametrize("service", ["postmark", "brevo", "mailgun"])
def test_a_full_mailbox_is_not_dead(message, service: str) -> None:
    assert post(service, SHAPES[service]("full")) == 200
    assert Message.objects.get().state == "bounced" and not Suppression.objects.exists()


@pytest.mark.parametrize("event", ["later", "opened"])
@pytest.mark.parametrize("service", SHAPES)
def test_what_says_nothing_about_the_end_changes_nothing(message, service: str, event: str) -> None:
    assert post(service, SHAPES[service](event)) == 200
    assert Message.objects.get().state == "accepted" and not Suppression.objects.exists()


@pytest.mark.parametrize("service", SHAPES)
def test_a_spam_report(message, service: str) -> None:
    for _time in range(2):
        assert post(service, SHAPES[service]("spam")) == 200
    assert [(row.reason, row.survey) for row in Suppression.objects.all()] == [("spam_report", None)]


@pytest.mark.parametrize("service", SHAPES)
def test_an_unsubscription(message, service: str) -> None:
    assert post(service, SHAPES[service]("unsubscribed")) == 200
    assert {(row.reason, row.survey) for row in Suppression.objects.all()} == {("unsubscribed", None)}
    assert Consent.objects.get().source == "mail service"


@pytest.mark.parametrize("service", ["postmark", "brevo", "mailgun"])
def test_a_mail_that_the_service_did_not_send(message, service: str) -> None:
    assert post(service, SHAPES[service]("refused")) == 200
    assert Message.objects.get().state == "failed" and not Suppression.objects.exists()


def test_a_report_faster_than_our_own_row_is_matched_by_our_number(message) -> None:
    Message.objects.update(provider_id="")
    assert post("postmark", postmark("dead", Metadata={"message": str(message.pk)})) == 200
    assert Message.objects.get().state == "bounced"


@pytest.mark.parametrize(
    "fields",
    [{"MessageID": "another"}, {"Email": "other@example.org"}, {"MessageID": "", "Metadata": {"message": "x"}}],
)
def test_a_report_of_another_mail_changes_nothing(message, fields: dict) -> None:
    assert post("postmark", postmark("dead", **fields)) == 200
    assert Message.objects.get().state == "accepted" and not Suppression.objects.exists()


@pytest.mark.parametrize("auth", [None, "Basic eDp5", "Basic", "Bearer secret", AUTH[:-4], AUTH.lower()])
@pytest.mark.parametrize("service", SHAPES)
def test_without_the_secret_nothing_is_believed(message, service: str, auth: str | None) -> None:
    assert post(service, SHAPES[service]("dead"), auth=auth) == 403
    assert Message.objects.get().state == "accepted" and not Suppression.objects.exists()


@pytest.mark.parametrize("service", ["mailgun", "unisender-go"])
def test_a_wrong_signature_is_not_believed(message, service: str) -> None:
    assert post(service, SHAPES[service]("dead", key="another")) == 403
    if service == "unisender-go":
        assert post(service, unisender("dead").replace(b"5.1.1", b"5.1.2")) == 403
    assert Message.objects.get().state == "accepted" and not Suppression.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b'{"RecordType": 1}', b'{"RecordType": []}', b"7"]
)
@pytest.mark.parametrize("service", SHAPES)
def test_a_body_that_makes_no_sense_is_refused_or_passed_over(message, service: str, body: bytes) -> None:
    assert post(service, body) in (200, 400, 403)
    assert Message.objects.get().state == "accepted"


def test_no_secret_means_no_address(message, settings) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": ""}
    assert post("postmark", postmark("dead")) == 404
    assert post("postmark", postmark("dead"), auth=None) == 404


def test_unknown_services_and_other_methods_find_nothing(message, client) -> None:
    assert post("nobody", postmark("dead")) == 404
    assert client.get("/webhooks/mail/postmark/").status_code == 405
