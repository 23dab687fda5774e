"""Ways to hand an invitation over: one module each, with `address_of(customer)` and `send(invitation, message)`.

A sender raises NotSent when the message certainly did not leave and Unknown when nobody can tell.
"""

from collections.abc import Collection
from importlib import import_module
from types import ModuleType

from ground.smtp import NotSent, Unknown, own_host
from surveys.models import Customer, Invitation, Message, SendingRule
from surveys.suppression import fold

__all__ = ["NotSent", "Unknown", "address_for", "get", "message_id"]

KINDS = {
    "email": "surveys.channels.email",
    "sms": "surveys.channels.sms",
    "messenger": "surveys.channels.messenger",
    "webhook": "surveys.channels.webhook",
}


def get(kind: str) -> ModuleType:
    return import_module(KINDS[kind])


def address_for(rule: SendingRule | None, customer: Customer, *, dead: Collection[str] = ()) -> tuple[str, str] | None:
    """The first of the rule's channels that leads to this customer, and the address there; None when none does.

    Without a rule (it was deleted meanwhile) only e-mail is tried. `dead` are addresses, folded, that lead nowhere:
    the next channel takes their place.
    """
    for kind in rule.send_through if rule else ["email"]:
        if kind in KINDS and (address := get(kind).address_of(customer)) and fold(address) not in dead:
            return kind, address
    return None


def message_id(invitation: Invitation, kind: str = Message.Kind.INVITATION) -> str:
    """The same for every attempt of one mail, so that a doubled mail is one mail to the reader."""
    part = "" if kind == Message.Kind.INVITATION else f".{kind}"
    return f"<{invitation.public_id.hex}.{invitation.epoch}{part}@{own_host()}>"
