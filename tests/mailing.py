"""A mail server for tests that really speaks SMTP, keeps what it accepts and misbehaves as told."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from ground import smtp as handing_over

REFUSALS = ("550 5.7.1 No such user!", "550 5.7.1 blocked by policy", "452 4.2.2 mailbox full", "550 User unknown")


class Server:
    """Keeps what it accepts; `behaviour` decides what it answers after DATA."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []
        self.behaviour = "accept"
        self.before_text: Callable[[], object] | None = None
        self.transports: list[asyncio.Transport] = []
        self.controller: Controller | None = None

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.behaviour == "hang up early":
            server.transport.abort()
        self.transports.append(server.transport)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (the library's name)
        if self.behaviour == "unknown user":
            return "550 5.1.1 no such user"
        if self.behaviour in REFUSALS:
            return self.behaviour
        if self.before_text:  # in a thread of its own, as the customer would
            await asyncio.get_running_loop().run_in_executor(None, self.before_text)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.behaviour == "busy":
            return "451 4.3.0 try later"
        self.senders.append(envelope.mail_from)
        self.recipients += envelope.rcpt_tos
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.behaviour == "hang up":
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def smtp(settings: Any) -> Iterator[Server]:
    server = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    server.controller = controller
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    handing_over.drop()
    yield server
    handing_over.drop()
    controller.stop()
