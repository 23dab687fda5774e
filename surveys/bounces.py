"""What became of a mail after it left: it came back, was reported as spam, or arrived.

Told by mails in our mailbox, which count only with a sealed return address, and by a mail service's signed reports.
The first bounce of a message counts, a repeated one changes nothing.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ground import rowqueue
from ground.models import InboundMail
from ground.smtp import own_host
from surveys import consents, dsn, pausing, suppression, verp
from surveys.consents import Said
from surveys.models import Customer, Invitation, Message, Pause, Suppression

LEFT = (Message.State.SENDING, Message.State.ACCEPTED, Message.State.UNCERTAIN, Message.State.DELIVERED)
# So many mails that did not get through within so many days stop mail for a month: a full mailbox, a blocked sender.
SOFT_BOUNCES, SOFT_DAYS, PAUSE_DAYS = 3, 7, 30
COMPLAINED = "spam_report"
AT_THE_DOOR = "refused by the mail server"
BOUNCE_MAIL, REPORT_MAIL, SERVICE = "bounce mail", "spam report by mail", "report of the mail service"


def waiting() -> QuerySet[InboundMail]:
    """The queue: mails that nobody has understood."""
    return InboundMail.objects.filter(handled_at=None)


def due(*, limit: int = 20) -> list[int]:
    """The mails to take up next; one whose worker died three times over it is set aside."""
    if not waiting().filter(quarantined_at=None).exists():
        return []  # the usual tick takes no write lock
    rowqueue.sweep(waiting())
    return rowqueue.waiting_ids(waiting(), limit=limit)


def take_up(ids: list[int]) -> int:
    """Understand those of the mails that wait and that nobody holds; returns how many changed something."""
    return sum(_take_up_one(pk) for pk in ids)


def _take_up_one(pk: int) -> bool:
    claimed = rowqueue.claim(waiting(), ids=[pk])
    row = rowqueue.owned(InboundMail, claimed).first()
    if row is None:
        return False
    try:
        report = dsn.understand(bytes(row.raw))
        with transaction.atomic():
            changed = _apply(report)
            done = {"kind": report.kind, "handled_at": timezone.now(), "lease": "", "leased_until": None}
            rowqueue.owned(InboundMail, claimed).update(**done)
    except Exception as error:
        rowqueue.fail(InboundMail, claimed, pk, error=type(error).__name__)
        return False
    return changed


def _apply(report: dsn.Report) -> bool:
    if report.kind == "other" and (asked := verp.find(report.sent_to, purpose=verp.UNSUBSCRIBE)):
        # Mail programs without a browser write to the address of List-Unsubscribe; whatever stands in the letter.
        suppression.unsubscribe(asked.invitation, everything=True, said=Said(source=consents.LETTER))
        return True
    if report.kind not in ("bounce", "complaint"):
        return False
    message = verp.find(report.sent_to)
    if message is None or _is_about_another(report, message):
        return False
    if report.kind == "complaint":
        return complained(message, source=REPORT_MAIL)
    return bounced(message, status=report.status, is_hard=report.is_hard, source=BOUNCE_MAIL)


def _is_about_another(report: dsn.Report, message: Message) -> bool:
    """Whether the mail that came back was one of ours, but not the one that the return address was made for."""
    ours = report.original_id.rstrip(">").endswith(f"@{own_host()}")
    return ours and report.original_id != message.message_id


@transaction.atomic
def bounced(message: Message, *, status: str, is_hard: bool, source: str) -> bool:
    """The mail came back. A dead address gets no more mail; three others in a week stop mail for a month."""
    changed = Message.objects.filter(pk=message.pk, state__in=LEFT).update(
        state=Message.State.BOUNCED, status_code=status[:16], reported_at=timezone.now(),
        error=f"came back: {status}"[:300],
    )  # fmt: skip
    if not changed:
        return False
    _stop(message)
    Invitation.mark_days([message.invitation_id])
    if is_hard:
        suppression.suppress(message.address, reason=Suppression.Reason.HARD_BOUNCE, source=f"{source}, {status}")
    else:
        _pause_after_many(message)
    return True


def _pause_after_many(message: Message) -> None:
    """A pause for the customer, once enough mails to the address came back, though none of them for good."""
    now = timezone.now()
    # Locked, so that two bounces at once are counted one after the other.
    customer = Customer.objects.select_for_update().get(pk=message.invitation.customer_id)
    recent = Message.objects.filter(
        invitation__customer=customer,
        address__iexact=message.address,
        state=Message.State.BOUNCED,
        reported_at__gte=now - dt.timedelta(days=SOFT_DAYS),
    )
    if recent.count() < SOFT_BOUNCES:
        return
    until = now + dt.timedelta(days=PAUSE_DAYS)
    pausing.pause(customer, reason=Pause.Reason.SOFT_BOUNCE, until=until, source="bounces")


@transaction.atomic
def complained(message: Message, *, source: str) -> bool:
    """The customer called the mail spam: nothing more to this address, for ever. False when it was known."""
    changed = Message.objects.filter(pk=message.pk).exclude(status_code=COMPLAINED).update(
        status_code=COMPLAINED, reported_at=timezone.now()
    )  # fmt: skip
    if changed:
        _stop(message)
        suppression.suppress(message.address, reason=Suppression.Reason.SPAM_REPORT, source=source)
    return bool(changed)


@transaction.atomic
def delivered(message: Message) -> bool:
    """The customer's server took it. That settles a mail of which nobody knew whether it had left."""
    before = (Message.State.SENDING, Message.State.ACCEPTED, Message.State.UNCERTAIN)
    changed = Message.objects.filter(pk=message.pk, state__in=before).update(
        state=Message.State.DELIVERED, reported_at=timezone.now(), error=""
    )
    if changed:
        _left(message)
    return bool(changed)


@transaction.atomic
def refused(message: Message, *, why: str) -> bool:
    """The mail service took it and did not send it."""
    states = (Message.State.SENDING, Message.State.ACCEPTED, Message.State.UNCERTAIN)
    changed = Message.objects.filter(pk=message.pk, state__in=states).update(
        state=Message.State.FAILED, reported_at=timezone.now(), error=why[:300]
    )
    if changed:
        _stop(message)
    return bool(changed)


def turned_away(message: Message, said: str) -> bool:
    """The server refused the recipient while we spoke to it; a dead address gets no more mail."""
    status = dsn.status_in(said)
    if not dsn.is_hard(status, said):
        return False
    Message.objects.filter(pk=message.pk).update(status_code=status[:16], reported_at=timezone.now())
    source = f"{AT_THE_DOOR}, {status}"
    return suppression.suppress(message.address, reason=Suppression.Reason.HARD_BOUNCE, source=source)


def _stop(message: Message) -> None:
    """No reminder and no thanks to an address that does not take mail."""
    _left(message)
    Invitation.objects.filter(pk=message.invitation_id).update(next_reminder_at=None, thanks_due_at=None)


def _left(message: Message) -> None:
    """Whatever was reported of a mail, it did leave."""
    if message.handed_over_at:
        Invitation.objects.filter(pk=message.invitation_id, state=Invitation.State.UNCERTAIN).update(
            state=Invitation.State.SENT, sent_at=message.handed_over_at, error="", lease="", leased_until=None
        )
        Invitation.mark_days([message.invitation_id])
