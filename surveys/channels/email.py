"""E-mail: the score buttons are in the message, the links come from BASE_URL alone.

A letter is written and encoded once; for each customer only the links, the address and the date are filled in.
"""

import datetime as dt
from email.utils import formatdate
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from ground import mime, smtp
from ground.models import Organisation
from ground.text import clean_line
from surveys import attempts, letters, links, verp
from surveys.channels import NotSent
from surveys.letters import ANSWER, UNSUBSCRIBE
from surveys.models import Customer, Invitation, Message

TO, MESSAGE_ID, DATE, WAY_OUT = "\x03", "\x04", "\x05", "\x06"
NOBODY = "-"  # fills a slot that a mail does not have
MOST_FORMS = 200
_forms: dict[tuple[Any, ...], mime.Form] = {}


def address_of(customer: Customer) -> str:
    return customer.email or ""


def send(invitation: Invitation, message: Message) -> None:
    """Hand one mail to the mail server; raises NotSent or Unknown."""
    organisation = message.organisation or Organisation.current()
    envelope, mail = None, None
    try:
        if smtp.is_smtp():
            envelope = encode(invitation, message, organisation=organisation)
        else:
            mail = build(invitation, message, organisation=organisation)
    except Exception as error:  # whatever is wrong with a text, nothing has left the house
        raise NotSent(f"could not be written: {smtp.name(error)}", passing=False) from error
    last_look = partial(attempts.last_look, message)
    if envelope:
        smtp.post(envelope, last_look=last_look)
    elif mail and (number := smtp.hand_over(mail, last_look=last_look)):
        Message.objects.filter(pk=message.pk).update(provider_id=number)


def encode(invitation: Invitation, message: Message, *, organisation: Organisation) -> smtp.Envelope:
    """The mail as SMTP takes it."""
    recipient = mime.ascii_address(message.address)
    form = _form(invitation, message.kind, organisation)
    raw = form.fill(
        {
            ANSWER: links.token(invitation, links.ANSWER),
            UNSUBSCRIBE: links.token(invitation, links.UNSUBSCRIBE),
            TO: recipient,
            MESSAGE_ID: message.message_id,
            DATE: formatdate(),
            WAY_OUT: way_out(message) or NOBODY,
        }
    )
    sender = verp.return_path(message) or smtp.sender_address(organisation)
    return smtp.Envelope(sender=sender, recipient=recipient, raw=raw)


def _form(invitation: Invitation, kind: str, organisation: Organisation) -> mime.Form:
    """The encoded letter. A published version is frozen, so what it says has one form for each language and look."""
    version = invitation.version
    version.survey = invitation.survey
    published: dt.datetime | None = version.published_at
    key = (
        version.pk, published, kind, invitation.language, invitation.survey.link_days,
        invitation.survey.first_reminder_days, invitation.survey.second_reminder_days, settings.BASE_URL,
        reads_mail(), settings.DEFAULT_FROM_EMAIL, organisation.name, organisation.legal_name,
        organisation.postal_address, organisation.colour, organisation.sender_email, organisation.reply_to,
        organisation.logo_digest,
    )  # fmt: skip
    form = _forms.get(key) if published else None
    if form is None:
        letter = letters.write(version, kind=kind, language=invitation.language, organisation=organisation)
        sender = mime.mailbox(organisation.name, smtp.sender_address(organisation))
        headers = {"From": sender, "To": TO, "Subject": mime.words(letter.subject), "Date": DATE}
        headers |= {"Message-ID": MESSAGE_ID} | _headers(
            letter, organisation, unsubscribe=UNSUBSCRIBE, mail_to=WAY_OUT if reads_mail() else ""
        )
        form = mime.prepare(headers, text=letter.text, html=letter.html)
        if len(_forms) >= MOST_FORMS:
            _forms.clear()
        if published:
            _forms[key] = form
    return form


def build(
    invitation: Invitation, message: Message, *, organisation: Organisation | None = None
) -> EmailMultiAlternatives:
    """The same mail as an object, for mail services that do not speak SMTP."""
    organisation = organisation or Organisation.current()
    invitation.version.survey = invitation.survey
    unsubscribe = links.token(invitation, links.UNSUBSCRIBE)
    letter = letters.write(
        invitation.version, kind=message.kind, language=invitation.language, organisation=organisation
    ).filled(answer=links.token(invitation, links.ANSWER), unsubscribe=unsubscribe)
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=smtp.sender(organisation),
        to=[mime.ascii_address(message.address)],
        headers={"Message-ID": message.message_id}
        | _headers(letter, organisation, unsubscribe=unsubscribe, mail_to=way_out(message)),
    )
    mail.attach_alternative(letter.html, "text/html")
    # Mail services send them back with their reports.
    vars(mail).update(metadata={"message": str(message.pk)}, tags=[message.kind])
    return mail


def reads_mail() -> bool:
    """Whether a mailbox is read, so that a mail may be answered by one that unsubscribes."""
    return bool(settings.BOUNCE_ADDRESS and settings.MAILBOX_URL)


def way_out(message: Message) -> str:
    """The address to which mail programs without a browser unsubscribe, "" while no mailbox is read."""
    return verp.unsubscribe_address(message) if reads_mail() else ""


def _headers(letter: letters.Letter, organisation: Organisation, *, unsubscribe: str, mail_to: str) -> dict[str, str]:
    """What tells mail programs that nobody wrote this by hand, and how its reader gets no more."""
    headers = {
        "List-Unsubscribe": f"<{settings.BASE_URL}/u/{unsubscribe}>" + (f", <mailto:{mail_to}>" if mail_to else ""),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": clean_line(letter.language),
    }
    if mime.is_plain(organisation.reply_to):
        headers["Reply-To"] = organisation.reply_to
    return headers
