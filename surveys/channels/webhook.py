"""Hand-over: the CRM gets the link by a signed request (Standard Webhooks) and sends it to the customer itself."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from django.utils import timezone

from ground import outbound
from ground.outbound import NotSent
from surveys import attempts, gateways, links, suppression
from surveys.models import Customer, Gateway, Invitation, Message, Suppression

KIND = Gateway.Kind.WEBHOOK


def address_of(customer: Customer) -> str:
    """How the CRM knows the customer: by its own id, else by what else it told us."""
    return customer.external_id or customer.email or customer.phone


def send(invitation: Invitation, message: Message) -> None:
    """Hand one link over; raises NotSent or Unknown."""
    gateway = gateways.active(KIND)
    try:
        body = json.dumps(payload(invitation, message), ensure_ascii=False).encode()
    except Exception as error:  # whatever is wrong with a text, nothing has left the house
        raise NotSent(f"could not be written: {type(error).__name__}", passing=False) from error
    # The same for every attempt, so that the CRM can tell a repeated one.
    headers = signed(gateway, body, identity=f"{invitation.public_id.hex}.{message.kind}")
    _last_look(invitation)
    reply = outbound.call(gateway.url, body=body, headers=headers)
    if reply.status >= 500:
        raise NotSent(f"the gateway refused: {reply.status}", passing=True)
    gateways.judged(gateway, reply)


def _last_look(invitation: Invitation) -> None:
    """The CRM may write to any address of the customer: whoever opted out by one of them is not handed over."""
    for entry in suppression.standing(invitation):
        if entry.reason != Suppression.Reason.HARD_BOUNCE:
            raise attempts.Withdrawn(entry.reason)


def payload(invitation: Invitation, message: Message) -> dict[str, Any]:
    """What the CRM needs to write to the customer: ids and links, no contact that it would not know by."""
    version, customer = invitation.version, invitation.customer
    question = version.score_question()
    known = {"external_id": customer.external_id}
    if not customer.external_id:
        known |= {"email": customer.email, "phone": customer.phone}
    base = settings.BASE_URL
    scores = question.scale.values if question and question.scale else ()
    return {
        "type": "invitation.ready",
        "timestamp": timezone.now().isoformat(),
        "data": {
            "invitation": str(invitation.public_id),
            "kind": message.kind,
            "survey": invitation.survey.code,
            "language": invitation.language,
            "question": question.text(invitation.language) if question else "",
            "link": base + links.answer_path(invitation),
            "scores": {str(score): base + links.answer_path(invitation, score) for score in scores},
            "labels": {str(score): question.label(score, invitation.language) for score in scores} if question else {},
            "unsubscribe": base + links.unsubscribe_path(invitation),
            "expires_at": invitation.expires_at.isoformat(),
            "customer": known,
            "interaction": {
                "source": invitation.interaction.source,
                "external_id": invitation.interaction.external_id,
            },
        },
    }


def signed(gateway: Gateway, body: bytes, *, identity: str) -> dict[str, str]:
    """The headers of Standard Webhooks: id, time and a signature over both and the body."""
    moment = str(int(timezone.now().timestamp()))
    digest = hmac.new(_key(gateway.secret), f"{identity}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    """The bytes behind `whsec_...`; another secret is taken as it is."""
    if not secret:
        raise NotSent("the webhook has no secret", passing=True)
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, binascii.Error):
            pass
    return secret.encode()
