"""What a page carries to prove that we served it: when, to ask what, and with which score chosen.

What it asks is named by a subject: one invitation, or a link that has none before its first answer.
"""

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from surveys.models import Invitation, Link

_SHAPE = re.compile(r"((\d{13})-(\d{0,2})(?:-[0-9a-f]{16})?)-([0-9a-f]{32})")


@dataclass(frozen=True)
class Nonce:
    """A genuine nonce; `score` is the one that was chosen when the page was served."""

    raw: str
    issued_at: dt.datetime
    score: int | None


def of_invitation(invitation: Invitation) -> str:
    return f"{invitation.pk}:{invitation.epoch}"


def of_link(link: Link, number: str) -> str:
    """The subject of a public link's page; `number` is the help desk's, "" for a QR code."""
    return f"link:{link.public_key}:{number}"


def make(subject: str, *, score: int | None, now: dt.datetime, is_unique: bool = False) -> str:
    """A signed "served at" of a millisecond's resolution; it never runs out, the link does.

    With `is_unique` no other page has the same, though it was served for the same subject at the same moment.
    """
    head = f"{round(now.timestamp() * 1000):013d}-{'' if score is None else score}"
    head += f"-{secrets.token_hex(8)}" if is_unique else ""
    return f"{head}-{_seal(subject, head)}"


def read(raw: str, subject: str) -> Nonce | None:
    """The nonce, or None when it is not one that we made for this subject."""
    shape = _SHAPE.fullmatch(raw)
    if shape is None:
        return None
    head, issued, score, seal = shape.groups()
    if not constant_time_compare(seal, _seal(subject, head)):
        return None
    issued_at = dt.datetime.fromtimestamp(int(issued) / 1000, tz=dt.UTC)
    return Nonce(raw=raw, issued_at=issued_at, score=int(score) if score else None)


def _seal(subject: str, head: str) -> str:
    return salted_hmac("feedback.nonce", f"{subject}:{head}", algorithm="sha256").hexdigest()[:32]


def hash_key(raw: str) -> str:
    """How the nonce of an accepted answer is stored: whoever holds the nonce itself may edit that answer."""
    return hashlib.sha256(raw.encode()).hexdigest()
