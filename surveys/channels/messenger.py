"""Messengers (WhatsApp, Viber, Telegram by number, ...), carried by a provider's HTTP gateway as text messages are."""

from surveys import gateways
from surveys.channels import sms
from surveys.models import Customer, Gateway, Invitation, Message

KIND = Gateway.Kind.MESSENGER


def address_of(customer: Customer) -> str:
    return sms.address_of(customer)


def send(invitation: Invitation, message: Message) -> None:
    """Hand one message to the gateway; raises NotSent or Unknown."""
    sms.hand_over(gateways.active(KIND), invitation, message)
