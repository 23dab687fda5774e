"""Handing one mail to the mail server, and knowing whether it left: yes, certainly not, or nobody can tell."""

import contextlib
import smtplib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from ground import mail_services, mime
from ground.models import Organisation
from ground.outcomes import LOG_IN
from ground.outcomes import NotSent as NotSent
from ground.outcomes import Unknown as Unknown
from ground.outcomes import name as name
from ground.text import clean_line

_local = threading.local()
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
Look = Callable[[], None]
GO_AHEAD = 354
# To our sender's address: "log in first", and that the log-in does not hold.
UNKNOWN_US = (530, 535)


@dataclass(frozen=True)
class Envelope:
    """One mail on its way: bounces go to `sender`; lines of `raw` end in CRLF and none begins with a single dot."""

    sender: str
    recipient: str
    raw: bytes


def is_smtp() -> bool:
    """Whether mail leaves by SMTP; else a mail service's own interface takes it."""
    return bool(settings.EMAIL_BACKEND == SMTP_BACKEND)


def hand_over(mail: EmailMessage, *, last_look: Look | None = None) -> str:
    """Returns what the mail service calls the mail, "" by SMTP, once it was taken; raises NotSent or Unknown.

    `last_look` is called when the very next thing is to let the text go, and raises NotSent to hold it back.
    """
    if not is_smtp():
        if last_look:
            last_look()
        return mail_services.hand_over(mail)
    try:
        sender = mime.ascii_address(mail.from_email.rpartition("<")[2].rstrip(">"))
        recipient = mime.ascii_address(mail.to[0])
        raw = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own kind of message
    except ValueError as error:
        raise NotSent(f"could not be written: {name(error)}", passing=False) from error
    raw = raw.removesuffix(b"\r\n").replace(b"\r\n.", b"\r\n..") + b"\r\n"
    post(Envelope(sender, recipient, raw), last_look=last_look)
    return ""


def post(envelope: Envelope, *, last_look: Look | None = None) -> None:
    """Hand an encoded mail to the SMTP server; raises NotSent or Unknown. `last_look` as in `hand_over`."""
    smtp = _ready(envelope)
    try:
        if last_look:
            last_look()
    except NotSent:
        drop()  # the server waits for a text that it does not get
        raise
    try:
        # From here on the server may have it, whatever we hear.
        smtp.send(envelope.raw + b".\r\n")
        code, _words = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        drop()
        raise Unknown(name(error)) from error
    if 200 <= code < 300:
        return
    drop()
    if not 400 <= code < 600:
        raise Unknown(f"unreadable reply: {code}")
    raise NotSent(f"SMTPDataError: {code}", passing=code < 500)


def _ready(envelope: Envelope) -> smtplib.SMTP:
    """A connection whose server waits for the text. Servers hang up on idle lines: a kept one is tried once."""
    for is_last in (False, True):
        try:
            smtp, is_kept = _connection()
        except (OSError, smtplib.SMTPException) as error:
            drop()
            if isinstance(error, smtplib.SMTPAuthenticationError):  # the mail waits until the password is right
                raise NotSent(f"{LOG_IN}: {error.smtp_code}", passing=True) from error
            raise NotSent(name(error), passing=True) from error
        try:
            _introduce(smtp, envelope)
            return smtp
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            drop()
            if is_last or not is_kept:
                raise NotSent(name(error), passing=True) from error
    raise AssertionError("the second try returns or raises")


def _introduce(smtp: smtplib.SMTP, envelope: Envelope) -> None:
    """Say from whom and to whom, in one go where the server takes it; raises NotSent when it refuses."""
    commands = [f"MAIL FROM:<{envelope.sender}>", f"RCPT TO:<{envelope.recipient}>", "DATA"]
    is_piped = smtp.has_extn("pipelining")
    if is_piped:
        smtp.send("".join(f"{command}\r\n" for command in commands))
    replies = []
    for command in commands:
        replies.append(smtp.getreply() if is_piped else smtp.docmd(command))
        if not is_piped and replies[-1][0] >= 400:
            break
    refused = next((place for place, (code, _words) in enumerate(replies) if code >= 400), None)
    if refused is None:
        if replies[-1][0] != GO_AHEAD:
            drop()
            raise NotSent(f"SMTPDataError: {replies[-1][0]}", passing=True)
        return
    code = replies[refused][0]
    if code == 421 or replies[-1][0] == GO_AHEAD:
        drop()  # it is leaving, or waits for a text that it would not deliver
    else:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.rset()
    if code in UNKNOWN_US and refused == 0:
        raise NotSent(f"{LOG_IN}: {code}", passing=True)
    kind = ("SMTPSenderRefused", "recipient refused", "SMTPDataError")[refused]
    words = f"{code} {replies[refused][1].decode('utf-8', 'replace')}" if refused == 1 else ""
    raise NotSent(f"{kind}: {code}", passing=code < 500, said=words)


def _connection() -> tuple[smtplib.SMTP, bool]:
    """One open connection a thread, since a new one costs more than a mail; and whether it was open before."""
    backend: EmailBackend | None = getattr(_local, "connection", None)
    is_kept = backend is not None and backend.connection is not None
    if backend is None:
        backend = _local.connection = EmailBackend()
    if not is_kept:
        try:
            backend.open()
        except OSError:
            with contextlib.suppress(OSError):
                backend.close()  # Django leaves the line open whose log-in was refused
            raise
    assert backend.connection is not None
    backend.connection.ehlo_or_helo_if_needed()
    return backend.connection, is_kept


def drop() -> None:
    """Hang up; the next mail opens another connection. No QUIT: a server that waits for a text would not hear it."""
    mail_services.drop()
    backend, _local.connection = getattr(_local, "connection", None), None
    if backend is not None and backend.connection is not None:
        with contextlib.suppress(OSError):
            backend.connection.close()


def sender(organisation: Organisation) -> str:
    """Who a mail is from: the organisation's name over its address or that of the settings."""
    shown = clean_line(organisation.name).replace("=?", "= ?")  # not to be read as an encoded word
    return formataddr((shown, sender_address(organisation)), charset="utf-8")


def sender_address(organisation: Organisation) -> str:
    """The organisation's own address, else that of DEFAULT_FROM_EMAIL."""
    if mime.is_plain(organisation.sender_email):
        return organisation.sender_email
    return settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").strip()


def own_host() -> str:
    """The host of BASE_URL, which the ids of our mails end in."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"
