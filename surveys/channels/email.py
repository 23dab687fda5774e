"""E-mail: the score buttons are in the message, the links come from BASE_URL alone."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from ground import brand, public, smtp
from ground.models import Organisation
from ground.text import clean_line
from surveys import attempts, links
from surveys.channels import NotSent
from surveys.models import Customer, Invitation, Message


def address_of(customer: Customer) -> str:
    """Where a mail to this customer goes; "" when nobody knows."""
    return customer.email


def send(invitation: Invitation, message: Message) -> None:
    """Hand one mail to the SMTP server; raises NotSent or Unknown."""
    try:
        mail = build(invitation, message)
    except Exception as error:  # whatever is wrong with a text, nothing has left the house
        raise NotSent(f"could not be written: {smtp.name(error)}", passing=False) from error
    smtp.hand_over(mail, last_look=partial(attempts.last_look, message))


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
        from_email=smtp.sender(organisation),
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
