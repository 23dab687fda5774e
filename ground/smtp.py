"""Handing one mail to the SMTP server, and knowing whether it left: yes, certainly not, or nobody can tell."""

import contextlib
import smtplib
import threading
from collections.abc import Callable
from email.headerregistry import Address
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ground.models import Organisation
from ground.text import clean_line

_local = threading.local()


class NotSent(Exception):
    """Refused before the other side took it; `passing` says whether a later try makes sense."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


class Unknown(Exception):
    """The connection broke after the text was handed over and before the server's word."""


def hand_over(mail: EmailMessage, *, last_look: Callable[[], None] | None = None) -> None:
    """Returns once the server took the mail; raises NotSent or Unknown.

    `last_look` is called when the very next thing is the mail's text, and raises NotSent to hold it back.
    """
    try:
        backend = _connection()
    except (OSError, smtplib.SMTPException) as error:
        drop()
        raise NotSent(name(error), passing=not isinstance(error, smtplib.SMTPAuthenticationError)) from error
    watch = Watch(backend, last_look=last_look)
    mail.connection = backend
    try:
        mail.send()
    except NotSent:
        drop()  # the server still waits for the text
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise _outcome(error, text_left=watch.text_left) from error


def _outcome(error: Exception, *, text_left: bool) -> NotSent | Unknown:
    """What a failed hand-over means: a reply is the server's word, and before the text went out nothing was taken."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return NotSent(f"recipient refused: {code}", passing=code < 500)
    drop()
    if isinstance(error, smtplib.SMTPResponseException):
        return NotSent(f"{name(error)}: {error.smtp_code}", passing=error.smtp_code < 500)
    if text_left:
        return Unknown(name(error))
    return NotSent(name(error), passing=isinstance(error, OSError))


class Watch:
    """Notices when the text of a mail begins to leave through an SMTP connection."""

    def __init__(self, backend: BaseEmailBackend, *, last_look: Callable[[], None] | None = None) -> None:
        smtp = getattr(backend, "connection", None)
        self.last_look = last_look or (lambda: None)
        self.text_left = smtp is None  # another back end does not tell: assume the worst
        if smtp is not None:
            smtp.data = partial(self._data, smtp)
        else:
            self.last_look()

    def _data(self, smtp: smtplib.SMTP, text: Any) -> tuple[int, bytes]:
        self.last_look()
        self.text_left = True
        return type(smtp).data(smtp, text)


def _connection() -> BaseEmailBackend:
    """One open connection a thread: a new one for each mail costs more than the mail.

    Servers hang up on idle clients, so a kept connection is asked before it is trusted.
    """
    backend: BaseEmailBackend | None = getattr(_local, "connection", None)
    smtp = getattr(backend, "connection", None)
    if smtp is not None and not _answers(smtp):
        drop()
        backend = None
    if backend is None:
        backend = _local.connection = get_connection()
    backend.open()
    return backend


def _answers(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def drop() -> None:
    """Close this thread's connection; the next mail opens another."""
    backend, _local.connection = getattr(_local, "connection", None), None
    if backend is not None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            backend.close()


def name(error: Exception) -> str:
    """The kind of error without its text: servers repeat addresses in it."""
    return type(error).__name__


def sender(organisation: Organisation) -> str:
    """DEFAULT_FROM_EMAIL's address under the organisation's name."""
    address = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").strip()
    local, _at, domain = address.partition("@")
    return str(Address(display_name=clean_line(organisation.name), username=local, domain=domain))


def own_host() -> str:
    """The host of BASE_URL, which the ids of our mails end in."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"
