"""E-mail: the score buttons are in the message, the links come from BASE_URL alone."""

import contextlib
import smtplib
import threading
from email.headerregistry import Address
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from ground import brand, public
from ground.models import Organisation
from ground.text import clean_line
from surveys import links
from surveys.channels import NotSent, Unknown
from surveys.models import Invitation, Message

_local = threading.local()


def send(invitation: Invitation, message: Message) -> None:
    """Hand one mail to the SMTP server; raises NotSent or Unknown."""
    try:
        mail = build(invitation, message)
    except Exception as error:  # whatever is wrong with a text, nothing has left the house
        raise NotSent(f"could not be written: {_name(error)}", passing=False) from error
    try:
        backend = _connection()
    except (OSError, smtplib.SMTPException) as error:
        _drop()
        raise NotSent(_name(error), passing=not isinstance(error, smtplib.SMTPAuthenticationError)) from error
    watch = Watch(backend)
    mail.connection = backend
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        raise _outcome(error, text_left=watch.text_left) from error


def _outcome(error: Exception, *, text_left: bool) -> NotSent | Unknown:
    """What a failed hand-over means: a reply is the server's word, and before the text went out nothing was taken."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return NotSent(f"recipient refused: {code}", passing=code < 500)
    _drop()
    if isinstance(error, smtplib.SMTPResponseException):
        return NotSent(f"{_name(error)}: {error.smtp_code}", passing=error.smtp_code < 500)
    if text_left:
        return Unknown(_name(error))
    return NotSent(_name(error), passing=isinstance(error, OSError))


class Watch:
    """Notices when the text of a mail begins to leave through an SMTP connection."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        smtp = getattr(backend, "connection", None)
        self.text_left = smtp is None  # another back end does not tell: assume the worst
        if smtp is not None:
            smtp.data = partial(self._data, smtp)

    def _data(self, smtp: smtplib.SMTP, text: Any) -> tuple[int, bytes]:
        self.text_left = True
        return type(smtp).data(smtp, text)


def _connection() -> BaseEmailBackend:
    """One open connection a thread: a new one for each mail costs more than the mail.

    Servers hang up on idle clients, so a kept connection is asked before it is trusted.
    """
    backend: BaseEmailBackend | None = getattr(_local, "connection", None)
    smtp = getattr(backend, "connection", None)
    if smtp is not None and not _answers(smtp):
        _drop()
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


def _drop() -> None:
    backend, _local.connection = getattr(_local, "connection", None), None
    if backend is not None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            backend.close()


def _name(error: Exception) -> str:
    """The kind of error without its text: servers repeat addresses in it."""
    return type(error).__name__


def build(invitation: Invitation, message: Message) -> EmailMultiAlternatives:
    """The whole mail in the invitation's language: text and HTML, list headers, stable Message-ID."""
    context = context_for(invitation)
    with translation.override(public.interface_language(invitation.language)):
        text = render_to_string("emails/invitation-text.txt", context)
        html = render_to_string("emails/invitation-html.html", context)
    organisation: Organisation = context["organisation"]
    unsubscribe = context["unsubscribe_url"]
    mail = EmailMultiAlternatives(
        subject=clean_line(context["subject"]),
        body=text.strip() + "\n",
        from_email=_sender(organisation),
        to=[message.address],
        headers={
            "Message-ID": message.message_id,
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": invitation.language,
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _sender(organisation: Organisation) -> str:
    """DEFAULT_FROM_EMAIL's address under the organisation's name."""
    address = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").strip()
    local, _at, domain = address.partition("@")
    return str(Address(display_name=clean_line(organisation.name), username=local, domain=domain))


def context_for(invitation: Invitation) -> dict[str, Any]:
    """What the templates need; every link is absolute and starts with BASE_URL."""
    version, language = invitation.version, invitation.language
    question = version.score_question()
    assert question is not None and question.scale is not None  # a version without one cannot be published
    organisation = Organisation.current()
    buttons = [
        {
            "score": score,
            "label": question.label(score, language),
            "url": settings.BASE_URL + links.answer_path(invitation, score),
        }
        for score in question.scale.values
    ]
    return {
        "language": language,
        "direction": public.direction(language),
        "organisation": organisation,
        "initial": organisation.name[:1].upper(),
        "on_colour": brand.text_on(organisation.colour),
        "subject": version.text("subject", language),
        "intro": version.text("intro", language),
        "why": version.text("reason", language),
        "question": question.text(language),
        "scale": question.scale,
        "buttons": buttons,
        # Eleven buttons stand in two halves that lie beside each other or stack on a phone.
        "halves": [buttons[: (len(buttons) + 1) // 2], buttons[(len(buttons) + 1) // 2 :]],
        "scale_template": f"emails/scale-{question.kind}.html",
        "page_url": settings.BASE_URL + links.answer_path(invitation),
        "trap_url": settings.BASE_URL + links.trap_path(invitation),
        "unsubscribe_url": settings.BASE_URL + links.unsubscribe_path(invitation),
        "link_days": invitation.survey.link_days,
    }
