"""Ways to hand an invitation over: one module each, with `send(invitation, message)`.

A sender raises NotSent when the mail certainly did not leave and Unknown when nobody can tell.
"""

from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

from django.conf import settings

from surveys.models import Invitation

KINDS = {"email": "surveys.channels.email"}


class NotSent(Exception):
    """Refused before the other side took it; `passing` says whether a later try makes sense."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


class Unknown(Exception):
    """The connection broke after the text was handed over and before the server's word."""


def get(kind: str) -> ModuleType:
    return import_module(KINDS[kind])


def message_id(invitation: Invitation) -> str:
    """The same for every attempt of one invitation, so that a doubled mail is one mail to the reader."""
    return f"<{invitation.public_id.hex}.{invitation.epoch}@{urlsplit(settings.BASE_URL).hostname}>"
