"""Caught mails as `.eml` files in one directory; the name begins with the time of arrival, so names sort by time."""

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

SUFFIX = ".eml"


@dataclass(frozen=True)
class Mail:
    """One caught mail; `html` and `text` are None when the mail has no such part."""

    key: str
    arrived: datetime
    sender: str
    recipients: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    html: str | None
    text: str | None
    raw: bytes

    @property
    def arrived_here(self) -> datetime:
        """The time of arrival on this machine's clock, without a zone."""
        return self.arrived.astimezone().replace(tzinfo=None)


def keep(directory: Path, *, sender: str, recipients: list[str], content: bytes) -> str:
    """Store one mail under the envelope it came in and return its key. Raises OSError when the disk refuses."""
    directory.mkdir(parents=True, exist_ok=True)
    key = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
    envelope = f"Return-Path: <{sender}>\r\nDelivered-To: {', '.join(recipients)}\r\n".encode()
    unfinished = directory / f".{key}"
    unfinished.write_bytes(envelope + content)
    os.replace(unfinished, directory / f"{key}{SUFFIX}")
    return key


def count(directory: Path) -> int:
    """How many mails are kept."""
    return len(_names(directory))


def newest(directory: Path, *, limit: int) -> Iterator[Mail]:
    """The last mails to arrive, newest first."""
    for name in sorted(_names(directory), reverse=True)[:limit]:
        mail = read(directory, name.removesuffix(SUFFIX))
        if mail:
            yield mail


def read(directory: Path, key: str) -> Mail | None:
    """The mail with this key, or None; a key is digits, a dash and hex digits, so it can name no other file."""
    stamp, _, rest = key.partition("-")
    if not (stamp.isascii() and stamp.isdigit() and rest.isascii() and rest.isalnum()):
        return None
    try:
        raw = (directory / f"{key}{SUFFIX}").read_bytes()
    except FileNotFoundError:
        return None
    message = message_from_bytes(raw, policy=policy.default)
    headers = tuple((name, _readable(name, value)) for name, value in message.raw_items())
    first = dict(reversed(headers))
    return Mail(
        key=key,
        arrived=datetime.fromtimestamp(int(stamp) / 1e9, tz=UTC),
        sender=first.get("From", ""),
        recipients=first.get("To") or first.get("Delivered-To", ""),
        subject=first.get("Subject", ""),
        headers=headers,
        html=_part(message, "html"),
        text=_part(message, "plain"),
        raw=raw,
    )


def _names(directory: Path) -> list[str]:
    try:
        return [name for name in os.listdir(directory) if name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []


def _readable(name: str, value: str) -> str:
    try:
        return str(policy.default.header_fetch_parse(name, value))
    except (ValueError, IndexError, AttributeError, TypeError):
        # The parser gives up on some malformed headers, and a catcher shows broken mail too.
        return value


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    content = part.get_payload(decode=True)
    body = content if isinstance(content, bytes) else b""
    try:
        return body.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")
