"""What a mail service reports of our mails: delivered, came back, called spam, unsubscribed, refused.

anymail checks each request and puts the services' own words into its own; here they become the verbs that mails in our
mailbox lead to as well. A report of a mail that is not ours, or told for the second time, changes nothing.
"""

from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db.models import Q

from ground.text import is_key
from surveys import bounces, consents, dsn, suppression
from surveys.models import Message

# The webhooks that anymail understands, by the name that stands in their address.
SERVICES = {
    "amazon-ses": "anymail.webhooks.amazon_ses.AmazonSESTrackingWebhookView",
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailersend": "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "mailtrap": "anymail.webhooks.mailtrap.MailtrapTrackingWebhookView",
    "mandrill": "anymail.webhooks.mandrill.MandrillCombinedWebhookView",
    "postal": "anymail.webhooks.postal.PostalTrackingWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
    "resend": "anymail.webhooks.resend.ResendTrackingWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
    "unisender-go": "anymail.webhooks.unisender_go.UnisenderGoTrackingWebhookView",
}
DEAD = (RejectReason.INVALID, RejectReason.BOUNCED)
# How services call a bounce that may pass, in whichever field they say it.
PASSING = {"softbounce", "soft_bounce", "soft", "transient", "temporary", "blocked", "undetermined"}
NAMING = ("Type", "type", "event", "bounceType", "bounce_type", "severity")


def receive(sender: Any, event: AnymailTrackingEvent, **_others: Any) -> None:
    """The one receiver of anymail's signal."""
    message = _message(event)
    if message is not None:
        _apply(event, message)


def _message(event: AnymailTrackingEvent) -> Message | None:
    """By the service's number, or by ours, which it sends back, while its own is not stored yet."""
    number = str(event.metadata.get("message", "") if isinstance(event.metadata, dict) else "")
    told = str(event.message_id or "").strip("<>")  # services are not of one mind about the brackets
    named = Q(provider_id__in=[told, f"<{told}>"]) if told else Q(pk=None)
    if is_key(number):
        named |= Q(pk=int(number), provider_id="")
    if not (isinstance(event.recipient, str) and event.recipient):
        return None
    found = Message.objects.filter(named, address__iexact=event.recipient).select_related("invitation__survey")
    return found.order_by("-pk").first()


def _apply(event: AnymailTrackingEvent, message: Message) -> None:
    kind, why = event.event_type, event.reject_reason
    if kind == EventType.DELIVERED:
        bounces.delivered(message)
    elif kind == EventType.COMPLAINED or (kind == EventType.REJECTED and why == RejectReason.SPAM):
        bounces.complained(message, source=bounces.SERVICE)
    elif kind == EventType.UNSUBSCRIBED or (kind == EventType.REJECTED and why == RejectReason.UNSUBSCRIBED):
        suppression.unsubscribe(message.invitation, everything=True, said=consents.Said(source=consents.SERVICE))
    elif kind == EventType.BOUNCED or (kind == EventType.REJECTED and why in DEAD):
        status, is_hard = verdict(event)
        bounces.bounced(message, status=status, is_hard=is_hard, source=bounces.SERVICE)
    elif kind in (EventType.REJECTED, EventType.FAILED):
        bounces.refused(message, why=f"mail service: {why or kind}")


def verdict(event: AnymailTrackingEvent) -> tuple[str, bool]:
    """The status code of a bounce and whether the address is dead: by the server's words, else by the service's."""
    said = " ".join(str(part) for part in (event.mta_response, event.description) if part)
    status = dsn.status_in(said)
    if status and not status.endswith(".0.0"):
        return status, dsn.is_hard(status, said)
    fields = event.esp_event if hasattr(event.esp_event, "get") else {}
    inner = fields.get("event-data") or fields.get("bounce") or {}
    names = {str(part.get(name, "")).lower() for part in (fields, inner) if hasattr(part, "get") for name in NAMING}
    is_dead = event.reject_reason in DEAD and not names & PASSING
    return status or "5.0.0", is_dead or dsn.is_hard(status or "5.0.0", said)
