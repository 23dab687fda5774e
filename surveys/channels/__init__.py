"""Ways to hand an invitation over: one module each, with `send(invitation, message)`.

A sender raises NotSent when the mail certainly did not leave and Unknown when nobody can tell.
"""

from importlib import import_module
from types import ModuleType

from ground.smtp import NotSent, Unknown, own_host
from surveys.models import Invitation

__all__ = ["NotSent", "Unknown", "get", "message_id"]

KINDS = {"email": "surveys.channels.email"}


def get(kind: str) -> ModuleType:
    return import_module(KINDS[kind])


def message_id(invitation: Invitation) -> str:
    """The same for every attempt of one invitation, so that a doubled mail is one mail to the reader."""
    return f"<{invitation.public_id.hex}.{invitation.epoch}@{own_host()}>"
