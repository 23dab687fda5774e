"""A return address of its own for each mail, sealed: a bounce counts only when it came to an address that we made.

`bounces+<number of the message>-<seal>@example.org`, from BOUNCE_ADDRESS. Lower case throughout, since mail servers
on the way may fold the case; and no other sign than letters, digits and one dash behind the plus.
"""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from ground.text import is_key
from surveys.links import ALPHABET
from surveys.models import Message

SEAL_LENGTH = 16  # of five bits each


BOUNCE, UNSUBSCRIBE = "bounce", "unsubscribe"
LETTERS = {BOUNCE: "", UNSUBSCRIBE: "u"}  # before the number, by purpose


def return_path(message: Message) -> str:
    """Where bounces of this stored message go; empty when no mailbox for them is set up."""
    return _address(message, BOUNCE)


def unsubscribe_address(message: Message) -> str:
    """Where a mail program writes that its reader wants no more; empty when no mailbox is set up."""
    return _address(message, UNSUBSCRIBE)


def _address(message: Message, purpose: str) -> str:
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    number = f"{LETTERS[purpose]}{message.pk}"
    return f"{local}+{number}-{_seal(message.pk, purpose)}@{domain}" if local else ""


def number_in(address: str, *, purpose: str = BOUNCE) -> int | None:
    """The number of the message that this address was made for; None when we did not make it for this purpose."""
    local, _at, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    address = address.strip().strip("<>").lower()
    prefix, suffix = f"{local}+{LETTERS[purpose]}", f"@{domain}"
    if not local or not address.startswith(prefix) or not address.endswith(suffix):
        return None
    number, _dash, seal = address[len(prefix) : -len(suffix)].partition("-")
    if not (is_key(number) and seal.isascii()):
        return None
    return int(number) if hmac.compare_digest(seal, _seal(int(number), purpose)) else None


def find(addresses: Iterable[str], *, purpose: str = BOUNCE) -> Message | None:
    """The message that one of these addresses was made for."""
    numbers = (number_in(address, purpose=purpose) for address in addresses)
    number = next((found for found in numbers if found is not None), None)
    return Message.objects.select_related("invitation__survey").filter(pk=number).first() if number else None


def _seal(number: int, purpose: str) -> str:
    """80 bits of HMAC-SHA256 for one purpose alone: no survey link can stand for it, nor the other way round."""
    digest = hmac.new(settings.LINK_KEY.encode(), b"%s|%d" % (purpose.encode(), number), hashlib.sha256).digest()
    whole = int.from_bytes(digest[:10], "big")
    return "".join(ALPHABET[(whole >> shift) & 31] for shift in range(75, -1, -5))
