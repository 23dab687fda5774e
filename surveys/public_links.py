"""Links that name no customer: printed as QR codes, or built by a help desk's template around a ticket's number.

What stands in them is a public key, the number and perhaps a score: nothing about a person. Callers with code sign
them; the secret is derived from LINK_KEY, so that a copy of the database signs nothing.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote, unquote

from django.conf import settings
from django.utils import timezone

from surveys.links import ALPHABET
from surveys.models import Link

KEY_LENGTH = 12
# How long a signature may be ahead of our clock, seconds.
AHEAD = 300
_KEY = re.compile(rf"[{ALPHABET}]{{{KEY_LENGTH}}}")
_NUMBER = re.compile(r"[\w][\w.:+-]{0,63}")
_SIGNATURE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Place:
    """What stood in the address: the link, the help desk's number ("" for a QR code), the score, and whether the
    address proves that somebody with the secret made it. `customer` is whom a web site has signed for."""

    link: Link
    number: str
    score: int | None
    is_signed: bool
    customer: str = ""


def new_key() -> str:
    """A public key of twelve letters and digits; not secret, but nobody guesses another's."""
    return "".join(secrets.choice(ALPHABET) for _place in range(KEY_LENGTH))


def new_secret(link: Link) -> str:
    """Give the link a fresh secret, to be shown once; what was signed with the one before is refused from here on."""
    link.secret = secrets.token_hex(16)
    Link.objects.filter(pk=link.pk).update(secret=link.secret)
    return secret_of(link)


def secret_of(link: Link) -> str:
    """What the caller signs with; only the salt of it is stored."""
    value = f"public-link|{link.public_key}|{link.secret}"
    return hmac.new(settings.LINK_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


def sign(secret: str, *, key: str, number: str, time: int) -> str:
    """The signature of a ticket's link: the first 32 hexadecimal digits of HMAC-SHA256(secret, "key.number.time")."""
    return hmac.new(secret.encode(), f"{key}.{number}.{time}".encode(), hashlib.sha256).hexdigest()[:32]


def path(link: Link) -> str:
    """The path of a QR code's page."""
    return f"/q/{link.public_key}"


def template_path(link: Link, number: str, score: int | str | None = None) -> str:
    """The path that a help desk's template builds; `number` may be its placeholder."""
    return f"/t/{link.public_key}/{number}" + (f"/{score}" if score is not None else "")


def signed_path(link: Link, number: str, *, time: int) -> str:
    """A path as a caller with the secret builds it."""
    signature = sign(secret_of(link), key=link.public_key, number=number, time=time)
    return f"{template_path(link, quote(number, safe=''))}?t={time}&s={signature}"


def read(raw: str, *, kind: str, time: str = "", signature: str = "") -> Place | None:
    """What is behind /q/ or /t/; None when no active link is named, the number is none, or the signature is wrong.

    A wrong signature is refused also where none is needed: somebody tried to make one.
    """
    parts = [part for part in unquote(raw).split("/") if part]
    if not parts or not _KEY.fullmatch(parts[0].lower()):
        return None
    link = Link.objects.select_related("survey").filter(public_key=parts[0].lower(), kind=kind, is_active=True).first()
    if link is None:
        return None
    if kind != Link.Kind.TEMPLATE:
        return Place(link=link, number="", score=None, is_signed=True)
    number = parts[1].strip("#") if len(parts) > 1 else ""
    signed = is_signed(link, number, time=time, signature=signature)
    refuses = (bool(signature) or link.requires_signature) and not signed
    if not _NUMBER.fullmatch(number) or refuses:
        return None
    return Place(link=link, number=number, score=_score(parts[2:]), is_signed=signed)


def _score(rest: list[str]) -> int | None:
    """One or two digits, whatever punctuation a mail program left around them."""
    found = re.fullmatch(r"[^0-9A-Za-z]*([0-9]{1,2})[^0-9A-Za-z]*", rest[0]) if rest else None
    return int(found.group(1)) if found else None


def is_signed(link: Link, number: str, *, time: str, signature: str) -> bool:
    """Whether the signature of this number or customer is right and not older than the survey's links live."""
    if not link.secret or not _SIGNATURE.fullmatch(signature) or not re.fullmatch(r"[0-9]{1,12}", time):
        return False
    age = timezone.now().timestamp() - int(time)
    if not -AHEAD <= age <= link.survey.link_days * 86_400:
        return False
    expected = sign(secret_of(link), key=link.public_key, number=number, time=int(time))
    return hmac.compare_digest(expected, signature)
