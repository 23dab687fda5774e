"""Handing over: mails of every kind leave here, one by one, and `sweep` names those whose end nobody knows.

At most once: a row says "sending" before the mail server hears of it. When the worker dies after that, nobody knows
whether the mail left, so it is called uncertain, shown, and not sent again. A worker takes a bunch of mails, decides
about all of them in one transaction, and then says "sending" for one at a time, in the transaction that also stores
what became of the one before: never more than one mail is uncertain when it dies.
"""

import datetime as dt
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, F, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from ground import halting, quick, rowqueue
from ground.limits import Limit
from ground.models import Change, Organisation, reporting_day
from ground.quick import Statement
from ground.rowqueue import Claim
from surveys import bounces, channels, invitations, pace, reminders, thanks
from surveys.attempts import FREE, Ready, Withdrawn
from surveys.models import AskingPolicy, Invitation, Message

log = logging.getLogger(__name__)

Kind = Message.Kind
MAILS: dict[str, ModuleType] = {
    Kind.INVITATION: invitations,
    Kind.REMINDER1: reminders,
    Kind.REMINDER2: reminders,
    Kind.THANKS: thanks,
}
# What was decided about a bunch holds this long, seconds; what has not begun by then is decided again.
FRESH_SECONDS = 5.0
WORKER_DIED = "the worker died while sending"
# So many more mails to a crowded provider are put off at once, to let those behind them through.
PUT_OFF = 1000


def send(ids: list[int]) -> int:
    """Send those of the invitations that are due and free; returns how many the mail server took."""
    return _send(ids, invitations)


def remind(ids: list[int]) -> int:
    """Send the reminders of these invitations that are due; returns how many the mail server took."""
    return _send(ids, reminders)


def thank(ids: list[int]) -> int:
    """Send the thank-you mails of these invitations that are due; returns how many the mail server took."""
    return _send(ids, thanks)


def _send(ids: list[int], mails: ModuleType) -> int:
    if halting.is_halted():
        return 0
    claimed = rowqueue.claim(mails.waiting(), ids=ids, counts_attempt=False)
    if not claimed.ids:
        return 0
    until = time.monotonic() + FRESH_SECONDS
    taken = _hand_over(_ready(claimed, mails), mails, claimed, until=until)
    rowqueue.owned(Invitation, claimed).update(**FREE)
    return taken


# --- deciding about a bunch --------------------------------------------------------------------------------------


def _ready(claimed: Claim, mails: ModuleType) -> list[Ready]:
    """What may leave; one that cannot even be decided about does not hold up the others."""
    try:
        return _look(claimed, mails)
    except Exception as error:
        if len(claimed.ids) == 1:
            log.error("invitation %d could not be decided about: %s", claimed.ids[0], type(error).__name__)
            Invitation.objects.filter(pk=claimed.ids[0]).update(attempts=F("attempts") + 1)
            rowqueue.fail(Invitation, claimed, claimed.ids[0], error=type(error).__name__, delay=30)
            return []
    alone = (Claim(lease=claimed.lease, ids=(pk,), until=claimed.until) for pk in claimed.ids)
    return [mail for one in alone for mail in _ready(one, mails)]


@transaction.atomic
def _look(claimed: Claim, mails: ModuleType) -> list[Ready]:
    rows = list(
        rowqueue.owned(Invitation, claimed)
        .select_related("interaction")
        .prefetch_related("survey", "version", "rule")  # few for many: read, and their texts parsed, once
        .order_by("pk")
    )
    invitations.lock_customers(rows)
    organisation = Organisation.current()
    ready = [replace(mail, organisation=organisation) for mail in mails.look(rows)]
    return _within_limits(ready, mails)


def _within_limits(ready: list[Ready], mails: ModuleType) -> list[Ready]:
    policy = AskingPolicy.current()
    shares = pace.share_out(ready, policy)
    for mail, moment in shares.later:
        Invitation.objects.filter(pk=mail.invitation.pk).update(**mails.put_off(moment), **FREE)
    if limit := pace.domain_limit(policy):
        for domain in sorted({mail.domain for mail, _moment in shares.later}):
            _put_off_others(domain, mails, limit)
    return shares.passed


def _put_off_others(domain: str, mails: ModuleType, limit: Limit) -> None:
    """What else waits for a crowded provider makes way for those behind it."""
    free = mails.waiting().filter(rowqueue.free())
    others = free.filter(customer__email__iendswith=f"@{domain}").order_by("pk")
    keys = list(others.values_list("pk", flat=True)[:PUT_OFF])
    for moment, some in pace.put_off(domain, keys, limit).items():
        free.filter(pk__in=some).update(**mails.put_off(moment))


# --- one by one --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class End:
    """How one try ended, not stored yet."""

    mail: Ready
    message: Message
    at: dt.datetime
    error: Exception | None = None


def _hand_over(ready: Sequence[Ready], mails: ModuleType, claimed: Claim, *, until: float) -> int:
    """Hand over, one by one, while what was decided is fresh; returns how many were taken."""
    last: End | None = None
    taken = 0
    for mail in ready:
        if time.monotonic() > until:
            break
        if last and last.error:
            _store(last, mails, claimed)
            last = None
        message = _begin(mail, mails, claimed, after=last)
        last = _deliver(mail, message) if message else None
        taken += last is not None and last.error is None
    if last:
        _store(last, mails, claimed)
    return taken


def _begin(mail: Ready, mails: ModuleType, claimed: Claim, *, after: End | None) -> Message | None:
    """Say "sending" for all to see, and that the mail before it was accepted; None when the row changed since it was
    decided about."""
    now = timezone.now()
    until = now + dt.timedelta(seconds=settings.EMAIL_TIMEOUT + settings.LEASE_SECONDS)
    changes = mails.begun(mail) | {"leased_until": until}
    where = f"id = %s AND lease = %s AND {mails.STILL}"
    message = Message(
        invitation=mail.invitation,
        kind=mail.kind,
        channel=mail.channel,
        address=mail.address,
        message_id=channels.message_id(mail.invitation, mail.kind),
        state=Message.State.SENDING,
        created_at=now,
        handed_over_at=now,
    )
    message.organisation = mail.organisation
    key = quick.together(
        [
            *(_accepted(after.message, at=after.at) if after else ()),
            quick.update(Invitation, changes, where=where, params=[mail.invitation.pk, claimed.lease]),
            quick.insert(message, follows=True),
        ]
    )
    if key is None:
        return None
    quick.stored(message, key)
    return message


def _deliver(mail: Ready, message: Message) -> End:
    error: Exception | None = None
    try:
        channels.get(message.channel).send(mail.invitation, message)
    except (channels.NotSent, channels.Unknown) as raised:
        error = raised
    return End(mail=mail, message=message, at=timezone.now(), error=error)


@transaction.atomic
def _store(end: End, mails: ModuleType, claimed: Claim) -> None:
    """Store how a try ended. The server's yes holds whoever has the row now; anything else only while it is ours."""
    if end.error is None:
        record_accepted(end.message, at=end.at)
        return
    why, row = str(end.error)[:300], rowqueue.owned(Invitation, claimed).filter(pk=end.mail.invitation.pk)
    is_unknown = isinstance(end.error, channels.Unknown)
    state = Message.State.UNCERTAIN if is_unknown else Message.State.FAILED
    Message.objects.filter(pk=end.message.pk).update(state=state, error=why)
    if isinstance(end.error, channels.Unknown):
        row.update(**mails.unknown(end.mail.invitation, end.message, why), **FREE)
        Invitation.mark_days([end.mail.invitation.pk])
    elif isinstance(end.error, Withdrawn):
        row.update(**mails.withdrawn(end.mail, why), **FREE)
    elif isinstance(end.error, channels.NotSent):
        row.update(**mails.refused(end.mail, why, passing=end.error.passing), **FREE)
        bounces.turned_away(end.message, end.error.said)


def record_accepted(message: Message, *, at: dt.datetime) -> None:
    """The mail server took it at that moment. What a sweep called uncertain meanwhile becomes certain again."""
    quick.together(_accepted(message, at=at))


def _accepted(message: Message, *, at: dt.datetime) -> list[Statement]:
    # A report of the mail service may have been faster than its word.
    silent = "id = %s AND state IN ('sending', 'uncertain')"
    changes = MAILS[message.kind].accepted(message.invitation, at) | FREE
    statements = [
        quick.update(Message, {"state": Message.State.ACCEPTED}, where=silent, params=[message.pk]),
        quick.update(Invitation, changes, where="id = %s", params=[message.invitation_id]),
    ]
    if "sent_at" in changes:
        statements.append(quick.insert(Change(scope="invitation", day=reporting_day(at))))
    return statements


# --- what a dead worker left -------------------------------------------------------------------------------------


def sweep() -> int:
    """Settle every mail whose worker died between "sending" and the server's word; returns how many."""
    found = [message for message in _lost() if _settle(message)]
    return len(found) + sum(_settle_alone(invitation) for invitation in invitations.lost())


def _lost() -> QuerySet[Message]:
    """Messages that still say "sending" though nobody holds their row any more.

    The state stands in the statement itself, since SQLite takes a partial index only for a constant.
    """
    is_sending = RawSQL("surveys_message.state = 'sending'", (), output_field=BooleanField())
    lost = Message.objects.filter(rowqueue.run_out(path="invitation__"), is_sending)
    return lost.select_related("invitation__survey")


@transaction.atomic
def _settle(message: Message) -> bool:
    """Conditional on what was seen: the server's late word may be faster."""
    row = Message.objects.filter(pk=message.pk, state=Message.State.SENDING)
    if not row.update(state=Message.State.UNCERTAIN, error=WORKER_DIED):
        return False
    changes = MAILS[message.kind].unknown(message.invitation, message, WORKER_DIED)
    Invitation.objects.filter(pk=message.invitation_id).update(**changes, **FREE)
    Invitation.mark_days([message.invitation_id])
    return True


@transaction.atomic
def _settle_alone(invitation: Invitation) -> bool:
    """One that says "sending" without a message that does."""
    changes = {"state": Invitation.State.UNCERTAIN, "sent_at": timezone.now(), "error": WORKER_DIED}
    settled = bool(invitations.lost().filter(pk=invitation.pk).update(**changes, **FREE))
    Invitation.mark_days([invitation.pk] if settled else [])
    return settled
