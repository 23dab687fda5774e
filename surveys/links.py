"""Survey links: short, typed by nobody, unguessable, and worth nothing in a copy of the database.

A token is the first 128 bits of HMAC-SHA256(LINK_KEY, purpose | invitation | epoch) in Crockford's base32 (26
characters) and one check character. Only its SHA-256 is stored. A token of one purpose is worth nothing for another.
"""

import base64
import hashlib
import hmac
import re
import uuid
from operator import mul
from urllib.parse import unquote

from django.conf import settings

from ground.prepared import Prepared
from surveys import published
from surveys.models import Invitation

ANSWER, UNSUBSCRIBE = "answer", "unsubscribe"
HASH_FIELDS = {ANSWER: "token_hash", UNSUBSCRIBE: "unsubscribe_hash"}
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 27
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS = range(1, 2 * LENGTH, 2)
_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})
_WRAPPED = re.compile(r"/[rum]/([^/?&#]+)")


def _by_hash(purpose: str) -> Prepared[Invitation]:
    rows = Invitation.objects.select_related("survey", "version").defer("version__texts")
    return Prepared(lambda mark: rows.filter(**{HASH_FIELDS[purpose]: mark}), str)


_FOUND = {purpose: _by_hash(purpose) for purpose in HASH_FIELDS}


def make_token(public_id: uuid.UUID, *, epoch: int, purpose: str) -> str:
    """The 27 characters of a link; the same invitation, epoch and purpose give the same token for ever."""
    return seal(b"%s|%s|%d" % (purpose.encode(), public_id.bytes, epoch))


def seal(value: bytes) -> str:
    """The 27 characters that stand for a value; without the key nobody finds them."""
    digest = hmac.new(settings.LINK_KEY.encode(), value, hashlib.sha256).digest()
    body = base64.b32encode(bytes(4) + digest[:16])[-26:].translate(_OURS).decode()
    return body + _check(body)


def _check(body: str) -> str:
    """Odd weights have an inverse modulo 32, so any single wrong letter shows."""
    return ALPHABET[sum(map(mul, _WEIGHTS, map(_VALUES.__getitem__, body))) % 32]


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def normalise(raw: str) -> str | None:
    """The token inside what a mail program made of a link, or None when no 27 valid characters are left.

    Undone are: capital letters, percent escapes, `=3D` and soft line breaks of quoted-printable, a wrapping
    address (SafeLinks and the like), and punctuation that a linkifier took for a part of the link.
    """
    text = unquote(unquote(raw.strip()))
    text = re.sub(r"=\r?\n|\s", "", text)
    wrapped = _WRAPPED.search(text)
    if wrapped:
        text = wrapped.group(1)
    text = re.sub(r"[^0-9a-z]", "", re.split(r"[/?&#]", text.lower().removeprefix("=3d"))[0])
    if len(text) >= LENGTH + len("3d"):  # a token may begin so itself
        text = text.removeprefix("3d")
    text = text.translate(_LOOKALIKES)[:LENGTH]
    if len(text) != LENGTH or any(letter not in ALPHABET for letter in text) or _check(text[:-1]) != text[-1]:
        return None
    return text


def find(raw_token: str, *, purpose: str) -> Invitation | None:
    """The invitation behind a link of this purpose, however mangled; None when there is none.

    Looked up by an indexed hash and never compared as text, so the time taken tells nothing.
    """
    token = normalise(raw_token)
    if token is None:
        return None
    invitation = _FOUND[purpose].first(hash_token(token))
    if invitation is not None:
        invitation.version = published.kept(invitation.version)
    return invitation


def stamp(invitation: Invitation) -> None:
    """Set the hashes of an unsaved invitation's links."""
    for purpose, field in HASH_FIELDS.items():
        setattr(invitation, field, hash_token(token(invitation, purpose)))


def token(invitation: Invitation, purpose: str) -> str:
    """What stands in the invitation's link of this purpose."""
    return make_token(invitation.public_id, epoch=invitation.epoch, purpose=purpose)


def answer_path(invitation: Invitation, score: int | None = None) -> str:
    """The path that opens the question, with a score chosen when one is given."""
    return f"/r/{token(invitation, ANSWER)}" + (f"/{score}" if score is not None else "")


def trap_path(invitation: Invitation) -> str:
    """A path no person sees; whoever opens it opens everything."""
    return f"/r/{token(invitation, ANSWER)}/t"


def unsubscribe_path(invitation: Invitation) -> str:
    return f"/u/{token(invitation, UNSUBSCRIBE)}"


def own_data_path(invitation: Invitation) -> str:
    """Where a customer asks for the own data; it stands under the link that concerns the customer alone."""
    return f"{unsubscribe_path(invitation)}/data"
