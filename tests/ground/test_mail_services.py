"""Mail services behind an HTTP interface: a fake one on loopback that answers as told; nothing is ever asked twice."""

import json
import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from config import mail_url
from ground import smtp as handing_over
from surveys import deciding, links, sending
from surveys.models import Invitation, Message
from tests.factories import make_interaction

pytestmark = pytest.mark.django_db


class Fake:
    """Keeps what it is asked; `status` and `reply` are its answer, "hang up" and "silence" are none."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.status, self.reply = 200, "{}"
        self.behaviour = "answer"


def handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802 (the library's name)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fake.asked.append((self.path, dict(self.headers), body))
            if fake.behaviour == "hang up":
                self.close_connection = True
                return
            if fake.behaviour == "silence":
                stop.wait(120)
                return
            reply = fake.reply.encode()
            self.send_response(fake.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_arguments: Any) -> None:
            pass

    stop = fake.stop = threading.Event()  # type: ignore[attr-defined]
    return Handler


@pytest.fixture
def service(settings: Any) -> Iterator[Fake]:
    fake = Fake()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(fake))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.EMAIL_BACKEND = mail_url.read("postmark://")["EMAIL_BACKEND"]
    address = f"http://127.0.0.1:{server.server_port}/"
    settings.ANYMAIL = {"REQUESTS_TIMEOUT": 30, "POSTMARK_SERVER_TOKEN": "secret", "POSTMARK_API_URL": address,
                        "BREVO_API_KEY": "secret", "BREVO_API_URL": address, "MAILGUN_API_KEY": "secret",
                        "MAILGUN_API_URL": address}  # fmt: skip
    fake.reply = '{"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "olga@example.org"}'
    handing_over.drop()
    yield fake
    handing_over.drop()
    fake.stop.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.fixture
def planned(rule, customer) -> Invitation:
    deciding.consider(make_interaction(customer=customer))
    return Invitation.objects.get()


def send(invitation: Invitation) -> Invitation:
    sending.send([invitation.pk])
    return Invitation.objects.get(pk=invitation.pk)


def test_a_mail_goes_out_with_its_headers_and_our_number(service, planned) -> None:
    assert send(planned).state == "sent"
    message = Message.objects.get()
    assert (message.state, message.provider_id) == ("accepted", "pm-1")
    ((path, headers, body),) = service.asked
    mail = json.loads(body)
    assert headers["X-Postmark-Server-Token"] == "secret"
    assert mail["To"] == "olga@example.org" and mail["Metadata"] == {"message": str(message.pk)}
    assert str(make_header(decode_header(mail["Subject"]))) == "Как мы справились с вашим обращением?"
    sent = {header["Name"]: header["Value"] for header in mail["Headers"]}
    assert links.unsubscribe_path(planned) in sent["List-Unsubscribe"]
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent["Auto-Submitted"] == "auto-generated" and sent["Message-ID"] == message.message_id
    assert links.answer_path(planned, 5) in mail["TextBody"] and links.answer_path(planned, 5) in mail["HtmlBody"]


@pytest.mark.parametrize(
    ("scheme", "status", "reply", "number"),
    [("brevo", 201, '{"messageId": "<b-1@x>"}', "<b-1@x>"),
     ("mailgun", 200, '{"id": "<m-1@x>", "message": "Queued. Thank you."}', "<m-1@x>")],
)  # fmt: skip
def test_other_services_take_it_too(service, planned, settings, scheme, status, reply, number) -> None:
    settings.EMAIL_BACKEND = mail_url.read(f"{scheme}://")["EMAIL_BACKEND"]
    service.status, service.reply = status, reply
    assert send(planned).state == "sent", Message.objects.get().error
    assert Message.objects.get().provider_id == number


def test_nothing_is_asked_twice(service, planned) -> None:
    send(planned)
    send(planned)
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_later_means_later(service, planned, status: int) -> None:
    service.status = status
    waits = send(planned)
    assert waits.state == "planned" and waits.due_at > timezone.now()
    service.status = 200
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"
    assert len({json.loads(body)["Headers"][0]["Value"] for _path, _headers, body in service.asked}) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_refusal_is_the_services_word(service, planned, status: int) -> None:
    service.status = status
    service.reply = '{"ErrorCode": 10, "Message": "no olga@example.org"}'
    failed = send(planned)
    assert failed.state == "failed" and "olga" not in failed.error and "olga" not in Message.objects.get().error


def test_a_refused_recipient_fails_for_good(service, planned) -> None:
    service.status = 422
    why = "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {}. Inactive "
    why += "recipients are ones that have generated a hard bounce."
    service.reply = json.dumps({"ErrorCode": 406, "Message": why.format("olga@example.org")})
    failed = send(planned)
    assert failed.state == "failed" and "recipient refused" in failed.error


@pytest.mark.parametrize(("behaviour", "status", "reply"), [
    ("hang up", 200, "{}"), ("silence", 200, "{}"), ("answer", 500, "{}"), ("answer", 502, "<html>"),
    ("answer", 504, ""), ("answer", 200, "not json"), ("answer", 200, "{}"),
])  # fmt: skip
def test_without_the_services_word_it_is_uncertain_and_not_repeated(
    service, settings, planned, behaviour, status, reply
) -> None:
    service.behaviour, service.status, service.reply = behaviour, status, reply
    settings.ANYMAIL["REQUESTS_TIMEOUT"] = 2 if behaviour == "silence" else 30
    assert send(planned).state == "uncertain"
    service.behaviour, service.status = "answer", 200
    Invitation.objects.update(due_at=timezone.now())
    send(planned)
    assert len(service.asked) == 1


def test_a_service_that_cannot_be_reached_is_tried_again(service, planned, settings) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:9/"}
    assert send(planned).state == "planned"
    assert not service.asked


def test_mails_wait_for_a_missing_key(service, planned, settings) -> None:
    whole, settings.ANYMAIL = settings.ANYMAIL, {}
    assert send(planned).state == "planned"
    assert "not set up" in Message.objects.get().error
    settings.ANYMAIL = whole
    Invitation.objects.update(due_at=timezone.now())
    assert send(planned).state == "sent"


def test_addresses_of_services_and_servers() -> None:
    assert mail_url.read("unisender-go://")["EMAIL_BACKEND"] == "anymail.backends.unisender_go.EmailBackend"
    read = mail_url.read("smtp+tls://user:word@smtp.example.org:587")
    assert read["EMAIL_HOST"] == "smtp.example.org" and read["EMAIL_USE_TLS"] is True
    for backend in mail_url.SERVICES.values():
        __import__(backend.rpartition(".")[0])
