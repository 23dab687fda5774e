"""A server that takes commands in one go: refusals, doubts and hang-ups are told apart as with one that does not."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ground import outcomes, smtp
from ground.smtp import Envelope, NotSent, Unknown

MAIL = Envelope("from@example.org", "to@example.org", b"Subject: x\r\n\r\ntext\r\n")


class Server:
    """Speaks SMTP with PIPELINING; `replies` are its words to a command, None hangs up."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.replies: dict[str, str | None] = {}
        self.said: list[str] = []
        self.texts: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            for line in lines:
                verb = line.split()[0].decode().upper()
                self.said.append(verb)
                usual = {"EHLO": "250-here\r\n250 PIPELINING", "DATA": "354 go on"}.get(verb, "250 fine")
                reply = self.replies.get(verb, usual)
                if reply is None:
                    return
                connection.sendall(f"{reply}\r\n".encode())
                if verb == "DATA" and reply.startswith("354"):
                    text = b"".join(iter(lines.readline, b".\r\n"))
                    end = self.replies.get(".", "250 taken")
                    if end is None:
                        return
                    self.texts.append(text)
                    connection.sendall(f"{end}\r\n".encode())


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    server = Server()
    settings.EMAIL_BACKEND = smtp.SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.socket.getsockname()
    smtp.drop()
    yield server
    smtp.drop()
    server.socket.close()


def test_mails_go_out_over_one_line(server: Server) -> None:
    for _number in range(3):
        smtp.post(MAIL)
    assert server.texts == [MAIL.raw] * 3
    assert server.connections == 1


@pytest.mark.parametrize(("verb", "reply", "passing"), [
    ("MAIL", "550 no", False), ("MAIL", "451 later", True), ("RCPT", "550 5.1.1 nobody", False),
    ("RCPT", "450 greylisted", True), ("DATA", "554 no", False), ("DATA", "421 closing", True),
    (".", "554 spam", False), (".", "452 full", True),
])  # fmt: skip
def test_a_refusal_is_the_servers_word(server: Server, verb: str, reply: str, passing: bool) -> None:
    server.replies = {verb: reply}
    with pytest.raises(NotSent) as refused:
        smtp.post(MAIL)
    assert refused.value.passing is passing and reply[:3] in str(refused.value)
    server.replies = {}
    smtp.post(MAIL)  # whatever it said, the next mail is not hurt by it
    assert server.texts[-1] == MAIL.raw


def test_a_refused_recipient_gets_no_text_even_when_the_server_waits_for_one(server: Server) -> None:
    server.replies = {"RCPT": "550 nobody"}  # and DATA still answers 354
    with pytest.raises(NotSent):
        smtp.post(MAIL)
    assert MAIL.raw not in server.texts


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_hanging_up_before_the_text_is_not_sent(server: Server, verb: str) -> None:
    server.replies = {verb: None}
    with pytest.raises(NotSent) as refused:
        smtp.post(MAIL)
    assert refused.value.passing


def test_hanging_up_after_the_text_is_unknown(server: Server) -> None:
    server.replies = {".": None}
    with pytest.raises(Unknown):
        smtp.post(MAIL)


def test_an_idle_line_that_broke_is_opened_again_once(server: Server) -> None:
    smtp.post(MAIL)
    server.replies = {"MAIL": None}
    with pytest.raises(NotSent):
        smtp.post(MAIL)
    assert server.connections == 2  # the kept line, and one more try
    server.replies = {}
    smtp.post(MAIL)
    assert len(server.texts) == 2


@pytest.mark.parametrize("reply", ["454 4.7.0 too many log-ins", "535 5.7.8 wrong"])
def test_a_log_in_that_is_refused_is_no_mails_fault(server: Server, settings: Any, reply: str) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "otklik", "swordfish"
    server.replies = {"EHLO": "250-here\r\n250-AUTH PLAIN\r\n250 PIPELINING", "AUTH": reply}
    with pytest.raises(NotSent) as refused:
        smtp.post(MAIL)
    assert refused.value.passing and outcomes.is_our_log_in(str(refused.value)) is (reply[0] == "5")
    assert server.said[-1] == "QUIT"  # the line does not stay open


@pytest.mark.parametrize("reply", ["530 5.7.0 authentication required", "535 5.7.8 not any more"])
def test_a_server_that_wants_a_log_in_first_lets_mails_wait(server: Server, reply: str) -> None:
    server.replies = {"MAIL": reply}
    with pytest.raises(NotSent) as refused:
        smtp.post(MAIL)
    assert refused.value.passing and outcomes.is_our_log_in(str(refused.value))
