"""What a page carries to prove that we served it: when, for which invitation, and with which score chosen."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from django.utils.crypto import constant_time_compare, salted_hmac

from surveys.models import Invitation

_SHAPE = re.compile(r"(\d{13})-(\d{0,2})-([0-9a-f]{32})")


@dataclass(frozen=True)
class Nonce:
    """A genuine nonce; `score` is the one that was chosen when the page was served."""

    raw: str
    issued_at: dt.datetime
    score: int | None


def make(invitation: Invitation, *, score: int | None, now: dt.datetime) -> str:
    """A signed "served at" of a millisecond's resolution; it never runs out, the link does."""
    head = f"{round(now.timestamp() * 1000):013d}-{'' if score is None else score}"
    return f"{head}-{_seal(invitation, head)}"


def read(raw: str, invitation: Invitation) -> Nonce | None:
    """The nonce, or None when it is not one that we made for this invitation."""
    shape = _SHAPE.fullmatch(raw)
    if shape is None:
        return None
    issued, score, seal = shape.groups()
    if not constant_time_compare(seal, _seal(invitation, f"{issued}-{score}")):
        return None
    issued_at = dt.datetime.fromtimestamp(int(issued) / 1000, tz=dt.UTC)
    return Nonce(raw=raw, issued_at=issued_at, score=int(score) if score else None)


def _seal(invitation: Invitation, head: str) -> str:
    value = f"{invitation.pk}:{invitation.epoch}:{head}"
    return salted_hmac("feedback.nonce", value, algorithm="sha256").hexdigest()[:32]


def hash_key(raw: str) -> str:
    """How the nonce of an accepted answer is stored: whoever holds the nonce itself may edit that answer."""
    return hashlib.sha256(raw.encode()).hexdigest()
