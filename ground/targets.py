"""Chats in which people are told beside their mail, and those of the whole organisation."""

import datetime as dt
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils import timezone

from ground import slack, telegram
from ground.hours import Quiet, after_quiet
from ground.models import NoticeTarget, Organisation, Outgoing, User
from ground.outbound import NotSent

Kind = NoticeTarget.Kind


def of(user: User | None) -> QuerySet[NoticeTarget]:
    """A person's chats; those of the organisation for nobody."""
    return NoticeTarget.objects.filter(user=user).order_by("kind")


def bot_token() -> str:
    """The organisation's bot, which also writes to people's own chats; empty while there is none."""
    return NoticeTarget.objects.filter(user=None, kind=Kind.TELEGRAM).values_list("secret", flat=True).first() or ""


def reachable(user: User | None) -> list[NoticeTarget]:
    """Those of the chats that can be written to: for a person's own in Telegram the organisation has to have a bot."""
    return [one for one in of(user) if one.kind != Kind.TELEGRAM or one.secret or bot_token()]


def keep(user: User | None, kind: str, **given: object) -> NoticeTarget:
    """Store a chat in place of the former one; what went wrong there is forgotten."""
    target, _fresh = NoticeTarget.objects.update_or_create(
        user=user, kind=kind, defaults=given | {"error": "", "failed_at": None, "told_at": None}
    )
    return target


def shown(target: NoticeTarget) -> str:
    """Where it leads, without the secret."""
    return target.address if target.kind == Kind.TELEGRAM else urlsplit(target.secret).netloc


def post(target: NoticeTarget, *, subject: str, text: str) -> Outgoing:
    """Put a message into the queue; one of the organisation waits until its quiet hours are over."""
    due = quiet_until(target, timezone.now())
    return Outgoing.objects.create(
        channel=target.kind, target=target, user=target.user, address=shown(target), subject=subject, text=text,
        leased_until=due,
    )  # fmt: skip


def quiet_until(target: NoticeTarget, now: dt.datetime) -> dt.datetime | None:
    """When the quiet hours end that hold the chat now. A person's own were kept before the message was written."""
    if target.user_id or target.quiet_from is None or target.quiet_until is None:
        return None
    quiet = Quiet(begins=target.quiet_from, until=target.quiet_until)
    moment = after_quiet(now, quiet, Organisation.current().timezone)
    return moment if moment > now else None


def carry(row: Outgoing) -> None:
    """Hand one message over to its chat. Raises NotSent or Unknown."""
    target = row.target
    assert target is not None
    if target.kind == Kind.WEBHOOK:
        slack.send(url=target.secret, text=row.text)
        return
    token = target.secret or bot_token()
    if not token:
        raise NotSent("no bot is set up", passing=True)
    telegram.send(token=token, chat=target.address, text=row.text)


def note(target_id: int, *, error: str) -> None:
    """Remember how the last message went."""
    now = timezone.now()
    changed = {"error": error[:300], "failed_at": now} if error else {"error": "", "failed_at": None, "told_at": now}
    NoticeTarget.objects.filter(pk=target_id).update(**changed)
