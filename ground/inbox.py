"""The mailbox that we read by IMAP: each mail becomes one row, once, for whoever understands its kind.

The server's own number of a mail and the mailbox's age (UIDVALIDITY) name it, so that a reader that died goes on where
it stood and two readers at once store nothing twice. Nothing of a mail reaches the logs.
"""

import contextlib
import datetime as dt
import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from ground.models import InboundMail

log = logging.getLogger(__name__)

TIMEOUT = 10
MOST_AT_ONCE = 50
LARGEST = 1024 * 1024
KEPT = dt.timedelta(days=7)
LOOPBACK = ("127.0.0.1", "::1", "localhost")
TROUBLES = (OSError, imaplib.IMAP4.error, ValueError)


@dataclass(frozen=True)
class Address:
    """Where the mailbox is, from `imaps://user:password@host[:port]/FOLDER`; with `imap://`, STARTTLS."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    is_tls: bool

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"[:200]


def address() -> Address | None:
    """The mailbox of the settings, or None when there is none. Raises ValueError for an address that is none."""
    if not settings.MAILBOX_URL:
        return None
    parts = urlsplit(settings.MAILBOX_URL)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise ValueError("MAILBOX_URL is not like imaps://user:password@host/INBOX")
    is_tls = parts.scheme == "imaps"
    return Address(
        host=parts.hostname,
        port=parts.port or (993 if is_tls else 143),
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_tls=is_tls,
    )


def read_new(*, limit: int = MOST_AT_ONCE) -> int:
    """Store the mails that came since the last look, the oldest first; returns how many. A trouble is only logged."""
    try:
        place = address()
        if place is None:
            return 0
        with opened(place) as box:
            return _store(box, place, limit=limit)
    except TROUBLES as error:
        log.warning("The mailbox cannot be read: %s", type(error).__name__)
        return 0


def count_unread(place: Address) -> int:
    """How many mails nobody has looked at; raises one of TROUBLES when the mailbox cannot be opened."""
    with opened(place) as box:
        return len(_numbers(box, "UNSEEN"))


@contextmanager
def opened(place: Address) -> Iterator[imaplib.IMAP4]:
    """A connection with the folder selected. The password never travels in clear, except to this machine itself."""
    context = ssl.create_default_context()
    box: imaplib.IMAP4
    if place.is_tls:
        box = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=TIMEOUT)
    else:
        box = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT)
    try:
        if not place.is_tls and place.host not in LOOPBACK:
            box.starttls(ssl_context=context)
        box.login(place.user, place.password)
        if box.select(_quoted(place.folder))[0] != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield box
    finally:
        with contextlib.suppress(*TROUBLES):
            box.logout()
        with contextlib.suppress(OSError):  # after a broken connection the farewell ends before it closes anything
            box.shutdown()


def _store(box: imaplib.IMAP4, place: Address, *, limit: int) -> int:
    validity = (box.response("UIDVALIDITY")[1] or [b"0"])[0]
    prefix = f"{(validity or b'0').decode('ascii', 'replace')}."
    last = _last(place.name, prefix)
    # A mailbox seen for the first time is read a week back: older mails settle nothing any more.
    since = (timezone.now() - KEPT).strftime("%d-%b-%Y")
    found = _numbers(box, f"UID {last + 1}:*") if last else _numbers(box, f"SINCE {since}")
    count = untold = 0
    for number in [number for number in found if number > last][:limit]:
        try:
            raw = _fetch(box, number)
        except imaplib.IMAP4.abort:  # the line broke
            raise
        except imaplib.IMAP4.error:
            # One that the server cannot give is asked for again until a later one is stored, and holds up none.
            untold += 1
            continue
        if raw is None:  # somebody deleted it meanwhile
            continue
        _row, is_new = InboundMail.objects.get_or_create(
            mailbox=place.name, uid=f"{prefix}{number}", defaults={"raw": raw}
        )
        count += is_new
        box.uid("STORE", str(number), "+FLAGS", "(\\Seen)")
    if untold:
        log.warning("Mails that the mailbox does not give: %d", untold)
    return count


def _last(name: str, prefix: str) -> int:
    """The highest number stored; the newest row of a mailbox is kept for it when the others go."""
    newest = InboundMail.objects.filter(mailbox=name, uid__startswith=prefix).order_by("-pk")[:MOST_AT_ONCE]
    return max((int(row.uid.partition(".")[2]) for row in newest.only("uid")), default=0)


def _numbers(box: imaplib.IMAP4, criterion: str) -> list[int]:
    state, data = box.uid("SEARCH", criterion)
    if state != "OK":
        raise imaplib.IMAP4.error("the search failed")
    return sorted(int(number) for number in b" ".join(part for part in data if part).split())


def _fetch(box: imaplib.IMAP4, number: int) -> bytes | None:
    """The first megabyte of a mail: reports stand at its beginning, the returned mail behind them."""
    state, data = box.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{LARGEST}>)")
    if state != "OK":
        raise imaplib.IMAP4.error("the mail cannot be fetched")
    return next((part[1] for part in data if isinstance(part, tuple)), None)


def _quoted(folder: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", folder.replace("\r", "").replace("\n", "")) + '"'


def forget_old() -> int:
    """Delete mails a week old; the newest of each mailbox stays, emptied, as the mark how far we have read."""
    old = InboundMail.objects.filter(received_at__lt=timezone.now() - KEPT)
    newest = [row["last"] for row in InboundMail.objects.order_by().values("mailbox").annotate(last=Max("pk"))]
    old.filter(pk__in=newest, handled_at__isnull=False).update(raw=b"")
    return old.exclude(pk__in=newest).delete()[0]
