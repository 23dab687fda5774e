"""A return address of its own for each mail, sealed: a bounce counts only when it came to an address that we made.

`bounces+<number of the message>-<seal>@example.org`, from BOUNCE_ADDRESS. Lower case throughout, since mail servers
on the way may fold the case; and no other sign than letters, digits and one dash behind the plus.
"""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from surveys.links import ALPHABET
from surveys.models import Message

SEAL_LENGTH = 16  # of five bits each


def return_path(message: Message) -> str:
    """Where bounces of this stored message go; empty when no mailbox for them is set up."""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{message.pk}-{_seal(message.pk)}@{domain}" if local else ""


def number_in(address: str) -> int | None:
    """The number of the message that this return address was made for; None when we did not make it."""
    local, _at, domain = settings.BOUNCE_ADDRESS.lower().rpartition("@")
    address = address.strip().strip("<>").lower()
    prefix, suffix = f"{local}+", f"@{domain}"
    if not local or not address.startswith(prefix) or not address.endswith(suffix):
        return None
    number, _dash, seal = address[len(prefix) : -len(suffix)].partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 19 and seal.isascii()):
        return None
    return int(number) if hmac.compare_digest(seal, _seal(int(number))) else None


def find(addresses: Iterable[str]) -> Message | None:
    """The message that one of these addresses was made for."""
    numbers = (number_in(address) for address in addresses)
    number = next((found for found in numbers if found is not None), None)
    return Message.objects.select_related("invitation").filter(pk=number).first() if number else None


def _seal(number: int) -> str:
    """80 bits of HMAC-SHA256 for this purpose alone: no survey link can stand for it, nor the other way round."""
    digest = hmac.new(settings.LINK_KEY.encode(), b"bounce|%d" % number, hashlib.sha256).digest()
    whole = int.from_bytes(digest[:10], "big")
    return "".join(ALPHABET[(whole >> shift) & 31] for shift in range(75, -1, -5))
