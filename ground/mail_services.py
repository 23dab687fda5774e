"""Mail services with an interface of their own instead of SMTP, through anymail: whether they took a mail."""

import contextlib
import threading

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ground.outcomes import SERVICE, UNKNOWN_US, NotSent, Unknown, name

_local = threading.local()
# "Come back later": the service says that it did not take the mail.
LATER = (408, 425, 429, 503)
# Errors of the line, by name, that come before the service heard of the mail.
UNHEARD = {"NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "SSLCertVerificationError"}


def hand_over(mail: EmailMessage) -> str:
    """Returns the service's number of the mail, "" when it gives none; raises NotSent or Unknown."""
    try:
        mail.connection = _service()
    except Exception as error:  # a key is missing: an administrator can mend it while the mails wait
        raise NotSent(f"mail service not set up: {name(error)}", passing=True) from error
    try:
        mail.send()
    except Exception as error:
        drop()
        raise _outcome(error) from error
    status = getattr(mail, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")[:200]


def _outcome(error: Exception) -> NotSent | Unknown:
    """What a failed hand-over means: a refusal is the service's word, silence after the question means nothing."""
    if isinstance(error, AnymailRecipientsRefused):
        return NotSent("recipient refused: 550", passing=False)
    code = getattr(error, "status_code", None)
    if code is not None:
        if code in LATER or 400 <= code < 500:
            return NotSent(f"{SERVICE}: {code}", passing=code in LATER + UNKNOWN_US)
        return Unknown(f"{SERVICE}: {code}")
    if isinstance(error, AnymailAPIError):
        return NotSent(f"{SERVICE} unreachable", passing=True) if _chain(error) & UNHEARD else Unknown("no reply")
    if isinstance(error, AnymailError | ValueError):  # it could not even be asked
        return NotSent(f"could not be written: {name(error)}", passing=False)
    return Unknown(name(error))


def _chain(error: BaseException) -> set[str]:
    """The names of an error and of all that led to it."""
    names: set[str] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and len(names) < 50:
            names.add(name(link))
            inner = [getattr(link, "reason", None), *link.args]
            waiting += [link.__cause__, *(each for each in inner if isinstance(each, BaseException))]
    return names


def _service() -> BaseEmailBackend:
    """One open line a thread."""
    backend: BaseEmailBackend | None = getattr(_local, "service", None)
    if backend is None:
        backend = _local.service = get_connection()
        backend.open()
    return backend


def drop() -> None:
    """Close this thread's line; the next mail opens another, by the settings of then."""
    backend, _local.service = getattr(_local, "service", None), None
    if backend is not None:
        with contextlib.suppress(Exception):
            backend.close()
