"""What a mail that came back says: a bounce (RFC 3464, and the older forms), a spam report (RFC 5965), or neither.

Pure: bytes in, a Report out. Whom it is about is not read from it, since anybody can write such a mail: only the
sealed return address that it came to tells (`surveys.verp`).
"""

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

STATUSES = ("message/delivery-status", "message/global-delivery-status")
# Where the address stands that a mail was delivered to, by mail server.
DELIVERED = (
    "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Forwarded-To",
    "X-RCPT-To", "Original-Recipient", "To", "Cc",
)  # fmt: skip
ADDRESS = re.compile(r"[\w.+=-]{1,100}@[\w.-]{1,255}")
STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.-])([45]\d\d)(?=[ -])")
# 5.1.x is about the address, except these two, which are about the sender's own.
ABOUT_THE_SENDER = ("5.1.7", "5.1.8")
NOBODY = re.compile(
    r"no such (?:user|recipient|mailbox|person|address)|(?:user|recipient|mailbox|account|address)(?: \S+)? "
    r"(?:is )?(?:unknown|not found|doesn'?t exist|does not exist|not exist)|unknown (?:user|recipient|local[- ]part)|"
    r"invalid (?:mailbox|recipient|user)|no mailbox (?:here )?by that name|not our customer|"
    r"(?:host|domain) (?:name )?(?:is )?(?:unknown|not found)|domain does not exist",
    re.IGNORECASE,
)
LATER = re.compile(
    r"will (?:be retried|keep trying|retry|be attempted)|has not yet been delivered|delivery (?:is |has been )?delayed|"
    r"delivery incomplete|not delivered yet|попытки доставки будут продолжены|пока не доставлено",
    re.IGNORECASE,
)
DAEMON = re.compile(r"mailer-?daemon|postmaster|mail delivery (?:system|subsystem)", re.IGNORECASE)
MOST_TEXT, MOST_PARTS = 20_000, 50


@dataclass(frozen=True)
class Report:
    """`kind` is bounce, delay, complaint, auto (an automatic reply) or other; `sent_to` all addresses it came to.

    `original_id` is the Message-ID of the mail that came back, when it says so.
    """

    kind: str
    sent_to: tuple[str, ...]
    status: str = ""
    is_hard: bool = False
    original_id: str = ""


def understand(raw: bytes) -> Report:
    """Read one mail, whatever is in it."""
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    sent_to = tuple(_addresses(mail, DELIVERED))
    parts = _parts(mail)
    original = next((part for part in map(_returned, parts) if part is not None), None)
    original_id = str(original.get("Message-ID", "")).strip() if original is not None else ""
    if feedback := _inner(parts, "message/feedback-report"):
        is_abuse = str(feedback.get("Feedback-Type", "")).strip().lower() in ("abuse", "fraud", "virus", "other")
        # A feedback loop writes to an address of its own: the return path stands in what it reports.
        reported = _addresses(feedback, ("Original-Mail-From",))
        came_back = _addresses(original, ("Return-Path", "X-Return-Path")) if original is not None else []
        addresses = (*sent_to, *reported, *came_back)
        return Report(kind="complaint" if is_abuse else "other", sent_to=addresses, original_id=original_id)
    fields = [block for part in parts if _kind(part) in STATUSES for block in _blocks(part)]
    if fields:
        return _from_fields(fields, sent_to=sent_to, original_id=original_id, text=_text(parts))
    return _from_text(mail, sent_to=sent_to, original_id=original_id, text=_text(parts))


def is_hard(status: str, text: str) -> bool:
    """Whether the address does not exist, by the status code and the server's words."""
    if not status.startswith("5.") or status in ABOUT_THE_SENDER:
        return False
    return status.startswith("5.1.") or bool(NOBODY.search(text))


def status_in(text: str) -> str:
    """The most telling status code of a server's words: an enhanced one, else 4.0.0 or 5.0.0 by its reply code."""
    codes = [".".join(found) for found in STATUS.findall(text[:MOST_TEXT])]
    telling = [code for code in codes if not code.startswith("2") and not code.endswith(".0.0")]
    if telling or codes:
        return (telling or codes)[0]
    reply = REPLY.search(text[:MOST_TEXT])
    return f"{reply.group(1)[0]}.0.0" if reply else ""


def _from_fields(fields: list[Message], *, sent_to: tuple[str, ...], original_id: str, text: str) -> Report:
    """By the machine-readable part; the server's words refine a status that says nothing, as 5.0.0."""
    actions = [str(block.get("Action", "")).strip().lower().split(" ")[0] for block in fields]
    failed = next((block for block, action in zip(fields, actions, strict=True) if action == "failed"), None)
    if failed is None:
        kind = "delay" if "delayed" in actions else "other"
        return Report(kind=kind, sent_to=sent_to, original_id=original_id)
    said = " ".join(str(failed.get("Diagnostic-Code", "")).split())
    status = status_in(str(failed.get("Status", "")))
    if not status or status.endswith(".0.0") or status in ("5.5.0", "5.3.0"):
        status = status_in(said) or status or "5.0.0"
    return Report(
        kind="bounce",
        sent_to=sent_to,
        status=status,
        is_hard=is_hard(status, said or text),
        original_id=original_id,
    )


def _from_text(mail: Message, *, sent_to: tuple[str, ...], original_id: str, text: str) -> Report:
    """Mail servers that write for people only: qmail, old Exim."""
    plain = Report(kind="other", sent_to=sent_to)
    failed = str(mail.get("X-Failed-Recipients", ""))
    if not failed and not DAEMON.search(str(mail.get("From", ""))):
        is_auto = str(mail.get("Auto-Submitted", "no")).strip().lower() != "no"
        is_auto = is_auto or mail.get_content_type() == "multipart/report"  # a receipt for having read it
        is_auto = is_auto or any(name in mail for name in ("X-Autoreply", "X-Autorespond"))
        return Report(kind="auto", sent_to=sent_to) if is_auto else plain
    if LATER.search(text):
        return Report(kind="delay", sent_to=sent_to)
    status = status_in(text) or ("5.0.0" if failed or NOBODY.search(text) else "")
    if not status:
        return plain
    return Report(kind="bounce", sent_to=sent_to, status=status, is_hard=is_hard(status, text), original_id=original_id)


def _parts(mail: Message) -> list[Message]:
    """The parts of the mail itself, without those of a mail inside it."""
    found: list[Message] = []
    waiting = [mail]
    while waiting and len(found) < MOST_PARTS:
        part = waiting.pop(0)
        found.append(part)
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting = [*part.get_payload(), *waiting]
    return found


def _kind(part: Message) -> str:
    return part.get_content_type()


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report: the parser makes a message of each, of a kind unknown to it of the first."""
    payload = part.get_payload()
    found = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    if found and _kind(part) not in STATUSES[1:]:
        return found
    rest = str(found[0].get_payload()) if found else str(payload)
    return found + [email.message_from_string(block) for block in re.split(r"\r?\n\r?\n", rest.strip())]


def _inner(parts: Iterable[Message], kind: str) -> Message | None:
    part = next((part for part in parts if _kind(part) == kind), None)
    return _blocks(part)[0] if part is not None and _blocks(part) else None


def _returned(part: Message) -> Message | None:
    """The headers of the mail that came back."""
    if _kind(part) == "message/rfc822":
        return next(iter(_blocks(part)), None)
    if _kind(part) in ("text/rfc822-headers", "message/rfc822-headers"):
        inner = part.get_payload()
        return _blocks(part)[0] if isinstance(inner, list) else email.message_from_string(str(inner))
    return None


def _text(parts: list[Message]) -> str:
    """The words for people."""
    for part in parts:
        if _kind(part) == "text/plain":
            content = part.get_payload(decode=True)
            return content.decode("utf-8", "replace")[:MOST_TEXT] if isinstance(content, bytes) else ""
    return ""


def _addresses(mail: Message, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for value in mail.get_all(name, []):
            yield from ADDRESS.findall(str(value)[:2000])
