"""What was opened: the invitation, the score and the trap in a link, however a mail program mangled it."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from surveys import links
from surveys.models import Invitation

TRAP = "t"


@dataclass(frozen=True)
class Address:
    """`score` is whatever number stood in the link: whether the scale has it is for the question to say."""

    invitation: Invitation | None
    score: int | None = None
    is_trap: bool = False


def read(raw: str, *, purpose: str = links.ANSWER) -> Address:
    """Find the token in the part of a path behind /r/ or /u/ and read what follows it."""
    parts = [part for part in re.split(r"[/?&#]", unquote(unquote(raw))) if part]
    for place, part in enumerate(parts):
        if links.normalise(part) is None:
            continue
        tail = parts[place + 1] if place + 1 < len(parts) else ""
        return Address(
            invitation=links.find(part, purpose=purpose),
            score=_score(tail),
            is_trap=tail.strip(".,)> ").lower() == TRAP,
        )
    return Address(invitation=None)


def _score(tail: str) -> int | None:
    """One or two digits, whatever punctuation or quoted-printable rest stands around them."""
    digits = re.fullmatch(r"(?:=?3[Dd](?=\d))?[^0-9A-Za-z]*(\d{1,2})[^0-9A-Za-z]*", tail)
    return int(digits.group(1)) if digits and digits.group(1).isascii() else None
