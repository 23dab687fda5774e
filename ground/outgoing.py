"""Delivery of messages to the people who work here, at most once each.

A row says so before the mail server hears of it. When the worker dies after that, or the connection breaks, nobody
knows whether the mail left: it goes into quarantine, visibly, and only a person sends it again.
"""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ground import audit, halting, notice_mail, outbound, rowqueue, smtp, targets
from ground.models import Notice, Organisation, Outgoing, User
from ground.rowqueue import Claim
from ground.text import clean_line

HANDED_OVER = "the worker died while sending"
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
RETRY_FOR = dt.timedelta(hours=72)
KEPT = dt.timedelta(days=30)
# So long a mail server or a chat may take at most, seconds.
LONGEST = max(float(settings.EMAIL_TIMEOUT or 0), outbound.WHOLE_SECONDS)


def waiting() -> QuerySet[Outgoing]:
    """The queue: messages that have not left."""
    return Outgoing.objects.filter(sent_at=None)


def deliver(ids: list[int]) -> int:
    """Send those of the messages that wait and that nobody holds; returns how many were taken."""
    return 0 if halting.is_halted() else sum(_deliver(pk) for pk in ids)


def _deliver(pk: int) -> bool:
    claimed = rowqueue.claim(waiting(), ids=[pk], seconds=LONGEST + settings.LEASE_SECONDS)
    row = rowqueue.owned(Outgoing, claimed).select_related("user", "target").first()
    if row is None:
        return False
    if row.user and not row.user.is_active:
        row.delete()
        return False
    ours = rowqueue.owned(Outgoing, claimed)
    if not ours.update(error=HANDED_OVER):
        return False
    try:
        _hand_over(row)
    except smtp.NotSent as error:
        _not_sent(row, claimed, error)
        _note(row, error=str(error))
        return False
    except smtp.Unknown as error:
        _note(row, error=str(error))
        ours.update(quarantined_at=timezone.now(), error=str(error), lease="", leased_until=None)
        return False
    Outgoing.objects.filter(pk=pk).update(
        sent_at=timezone.now(), quarantined_at=None, error="", lease="", leased_until=None
    )
    _note(row, error="")
    return True


def _hand_over(row: Outgoing) -> None:
    if row.target_id:
        targets.carry(row)
    else:
        smtp.hand_over(build(row))


def _note(row: Outgoing, *, error: str) -> None:
    if row.target_id:
        targets.note(row.target_id, error=error)


def _not_sent(row: Outgoing, claimed: Claim, error: smtp.NotSent) -> None:
    """The server certainly did not take it: try again, ever more seldom, for three days."""
    now, ours = timezone.now(), rowqueue.owned(Outgoing, claimed)
    age = now - row.created_at
    if not error.passing or age > RETRY_FOR:
        ours.update(quarantined_at=now, error=str(error)[:300], lease="", leased_until=None)
        return
    pause = min(max(age / 2, SHORTEST_PAUSE), LONGEST_PAUSE)
    ours.update(error=str(error)[:300], attempts=0, lease="", leased_until=now + pause)


def sweep() -> int:
    """Quarantine messages whose worker died under them: between "sending" and the server's word, or three times."""
    if not waiting().filter(quarantined_at=None).exists():
        return 0  # the usual tick takes no write lock
    lost = waiting().filter(rowqueue.free(), error=HANDED_OVER)
    return lost.update(quarantined_at=timezone.now(), lease="", leased_until=None) + rowqueue.sweep(waiting())


def build(row: Outgoing) -> EmailMultiAlternatives:
    """The mail of a row; every attempt has the same Message-ID, so that a doubled mail is one mail to the reader."""
    host = smtp.own_host()
    mail = EmailMultiAlternatives(
        subject=clean_line(row.subject),
        body=row.text,
        from_email=smtp.sender(Organisation.current()),
        to=[row.address],
        headers={
            "Message-ID": f"<notice.{row.pk}@{host}>",
            "List-Id": f"<notifications.{host}>",
            "List-Unsubscribe": f"<{notice_mail.choices_url()}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if row.html:
        mail.attach_alternative(row.html, "text/html")
    return mail


@transaction.atomic
def hold_back() -> tuple[int, int]:
    """After a restore: what waits may have left, and what was due may have been told, since the backup was made.

    Messages go into quarantine, for a person to send or to drop; of what was due nobody is told anew. Returns how many
    messages, and how many events.
    """
    now = timezone.now()
    held = waiting().filter(quarantined_at=None)
    count = held.update(quarantined_at=now, error=halting.MAY_HAVE_LEFT, lease="", leased_until=None)
    return count, Notice.objects.filter(told_at=None, due_at__lte=now).update(told_at=now)


@transaction.atomic
def drop(ids: list[int], *, by: User) -> int:
    """Delete those of the messages that could not be delivered: who has read why need not try again; how many."""
    gone, _by_table = waiting().exclude(quarantined_at=None).filter(pk__in=ids).delete()
    if gone:
        audit.note("mail.dropped", by=by, count=gone)
    return gone


def forget_old() -> int:
    """Delete messages that left, or could not be delivered, long ago; returns how many."""
    long_ago = timezone.now() - KEPT
    return Outgoing.objects.filter(Q(sent_at__lt=long_ago) | Q(quarantined_at__lt=long_ago)).delete()[0]
