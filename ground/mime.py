"""A mail encoded once and filled in a thousand times: only addresses, links and the date differ between two of them.

Slots are control characters, which no cleaned text has. What fills one is ASCII that quoted-printable and headers take
as it is (letters, digits and the signs of an address); a slot in a body is never folded.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header

from ground.text import clean_line

SLOTS = "\x01\x02\x03\x04\x05\x06"
BOUNDARY = "=_otklik_5e8f1b7c2d9a4036"  # "=_" stands in no quoted-printable text
LONGEST_LINE = 76
WIDTH = 40  # what a slot may grow to in a body
FILLING = re.compile(r"[\x21-\x7e][\x20-\x7e]*")
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_PIECES = re.compile(f"([{SLOTS}])")


@dataclass(frozen=True)
class Form:
    """An encoded mail in pieces: text is a slot."""

    pieces: Sequence[bytes | str]

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The mail as it goes to the server after DATA; raises ValueError for a value that could break a line."""
        if not all(FILLING.fullmatch(value) for value in values.values()):
            raise ValueError("not to be written into a mail as it is")
        filled = {slot: value.encode("ascii") for slot, value in values.items()}
        return b"".join([piece if isinstance(piece, bytes) else filled[piece] for piece in self.pieces])


def prepare(headers: Mapping[str, str], *, text: str, html: str) -> Form:
    """Encode a mail of a text and an HTML part; the headers' values are ASCII already: `words`, `mailbox` or slots."""
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    lines.append(f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n')
    for subtype, body in (("plain", text), ("html", html)):
        lines.append(
            f"--{BOUNDARY}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{_quoted(body)}\r\n"
        )
    whole = "".join(lines) + f"--{BOUNDARY}--\r\n"
    pieces = _PIECES.split(whole)
    return Form([piece if place % 2 else piece.encode("ascii") for place, piece in enumerate(pieces)])


def words(text: str) -> str:
    """Text as the value of a header: whatever stands in it, the reader sees it and no header is added."""
    text = clean_line(text)
    if text.isascii() and "=?" not in text and len(text) <= LONGEST_LINE - len("Subject: "):
        return text
    return _encoded(text)


def _encoded(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=LONGEST_LINE, header_name="Subject").encode(linesep="\r\n")


def mailbox(name: str, address: str) -> str:
    """`name <address>` as the value of a header; raises ValueError for an address that is none."""
    address, name = ascii_address(address), clean_line(name)
    if not name:
        return address
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ]{0,40}", name)
    shown = (
        name if plain else Header(name, "utf-8", maxlinelen=LONGEST_LINE, header_name="Reply-To").encode(linesep="\r\n")
    )
    return f"{shown} <{address}>" if plain else f"{shown}\r\n <{address}>"


def ascii_address(address: str) -> str:
    """The address as it stands in headers and envelopes, a domain in other letters encoded; ValueError for none."""
    local, _at, domain = address.strip().rpartition("@")
    encoded = f"{local}@{domain.encode('idna').decode('ascii')}" if domain and not domain.isascii() else address.strip()
    if not is_plain(encoded):
        raise ValueError("no address that mail servers take")
    return encoded


def is_plain(address: str) -> bool:
    """Whether an address may stand in a header and an envelope as it is: ASCII, without quotes or comments."""
    return len(address) <= 254 and PLAIN_ADDRESS.fullmatch(address) is not None


def _quoted(text: str) -> str:
    """Quoted-printable with CRLF. Lines begin with no dot, so that SMTP has nothing to double."""
    return "\r\n".join(_quoted_line(line) for line in text.split("\n"))


def _quoted_line(line: str) -> str:
    folded, width = [], 0
    for place, sign in enumerate(line):
        unit = _unit(sign, is_last=place == len(line) - 1)
        size = WIDTH if sign in SLOTS else len(unit)
        if width + size > LONGEST_LINE - 1:
            folded.append("=\r\n")
            width = 0
        if width == 0 and unit == ".":
            unit, size = "=2E", 3
        folded.append(unit)
        width += size
    return "".join(folded)


def _unit(sign: str, *, is_last: bool) -> str:
    """One character of a quoted-printable line, whole."""
    if sign in SLOTS or ("!" <= sign <= "~" and sign != "=") or (sign in " \t" and not is_last):
        return sign
    return "".join(f"={byte:02X}" for byte in sign.encode())
