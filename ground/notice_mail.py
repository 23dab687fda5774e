"""One mail of everything that is due to a person: written in their language, asked again whether they may know it."""

import datetime as dt
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from ground import brand, logo, mjml, notices, targets
from ground.access import scope_of
from ground.hours import after_quiet
from ground.models import Notice, Organisation, Outgoing, User
from ground.notices import GATHER, Pace, Section
from ground.text import clean_line

log = logging.getLogger(__name__)

MOST_LINES = 50
# A mail that could not be written is tried again after this time.
PAUSE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def due_people(*, limit: int) -> list[int]:
    """The people to whom something is due, by primary key."""
    due = Notice.objects.filter(told_at=None, due_at__lte=timezone.now()).order_by()
    return list(due.values_list("user_id", flat=True).distinct()[:limit])


def gather(user_ids: Iterable[int]) -> int:
    """Put one mail for each of the people into the queue, of what is due to them; returns how many mails."""
    count = 0
    for user in User.objects.filter(pk__in=list(user_ids)):
        try:
            count += _gather(user, _due(user))
        except Exception:
            kinds = _due(user).order_by("kind").values_list("kind", flat=True).distinct()
            count += sum(_gather_kind(user, kind) for kind in list(kinds))
    return count


def _gather_kind(user: User, kind: str) -> bool:
    """A mail of one kind alone, so that one that cannot be written keeps no other from being told."""
    rows = _due(user).filter(kind=kind)
    try:
        return _gather(user, rows)
    except Exception as error:
        # The kind of the error alone: its text may hold what a customer wrote.
        log.error("notices for person %d not written: %s", user.pk, type(error).__name__)
        rows.update(due_at=timezone.now() + PAUSE)
        return False


def _due(user: User) -> QuerySet[Notice]:
    """What is due or would be within a minute: it may as well go along."""
    return notices.waiting(user).filter(due_at__lte=timezone.now() + GATHER)


def _gather(user: User, due: QuerySet[Notice]) -> bool:
    now = timezone.now()
    allowed_at = after_quiet(now, notices.quiet_of(user), notices.zone_of(user))
    if allowed_at > now:
        due.update(due_at=allowed_at)
        return False
    rows = list(due.order_by("pk"))
    letter = write(user, rows) if rows and user.is_active else None
    with transaction.atomic():
        told = notices.waiting(user).filter(pk__in=[row.pk for row in rows]).update(told_at=now)
        if told != len(rows):
            transaction.set_rollback(True)  # another worker was faster
        elif letter:
            post(user, letter)
            for target in targets.reachable(user):
                targets.post(target, subject=letter.subject, text=chat_text(letter))
            return True
    return False


def post(user: User, letter: Letter) -> Outgoing:
    """Put a letter to a person into the queue of mails."""
    return Outgoing.objects.create(
        user=user, address=user.email, subject=letter.subject, text=letter.text, html=letter.html
    )


def write(user: User, rows: Sequence[Notice]) -> Letter | None:
    """The letter that tells of those rows which the person still may and wants to hear of; None when none are left."""
    scope, left = scope_of(user), MOST_LINES
    wanted = notices.paces_of(user, scope)
    sections: list[Section] = []
    with speaking_to(user):
        for kind in notices.kinds():
            own = [row for row in rows if row.kind == kind.name and wanted[kind.name] != Pace.NEVER]
            section = kind.section(user, scope, own, left) if own else None
            if section:
                sections.append(section)
                left -= len(section.lines)
        return compose(sections) if sections else None


@contextmanager
def speaking_to(user: User) -> Iterator[None]:
    """Words in the block are in the person's language, times on the person's clock."""
    language = user.language or Organisation.current().language
    with translation.override(language), timezone.override(notices.zone_of(user)):
        yield


def take_back(paths: Collection[str]) -> None:
    """Drop what has not left and leads to one of these pages; what the mails told of is told anew, as it is by then.

    Of a mail that may have left nothing is told again.
    """
    waiting = Outgoing.objects.filter(sent_at=None).iterator(chunk_size=200)
    for row in [row for row in waiting if any(path in row.text for path in paths)]:
        if row.target_id is None and row.quarantined_at is None:
            lately = {"told_at__gt": row.created_at - GATHER, "told_at__lte": row.created_at}
            Notice.objects.filter(user=row.user, **lately).update(told_at=None)
        row.delete()


def chat_text(letter: Letter) -> str:
    """A letter as it is told in a chat: without the foot, which leads to the choices about mails."""
    return letter.text.rpartition("\n-- \n")[0].strip()


def announce(section: Callable[[], Section | None]) -> int:
    """Tell the organisation's chats, in its language, in the caller's transaction; returns how many there are."""
    chats = list(targets.of(None))
    organisation = Organisation.current()
    with translation.override(organisation.language), timezone.override(organisation.timezone):
        told = section() if chats else None
        if told is None:
            return 0
        letter = compose([told])
    for target in chats:
        targets.post(target, subject=letter.subject, text=chat_text(letter))
    return len(chats)


def compose(sections: Sequence[Section]) -> Letter:
    """A letter of these sections in the language in force; every link is absolute and starts with BASE_URL."""
    organisation = Organisation.current()
    subject = ", ".join(section.count for section in sections)
    context = {
        "language": translation.get_language(),
        "organisation": organisation,
        "initial": organisation.name[:1].upper(),
        "look": brand.look(organisation.colour),
        "logo_url": logo.url(organisation),
        "direction": "ltr",
        "start": "left",
        "subject": subject,
        "sections": sections,
        "base_url": settings.BASE_URL,
        "choices_url": choices_url(),
    }
    return Letter(
        subject=clean_line(subject)[:200],
        text=re.sub(r"\n{3,}", "\n\n", render_to_string("emails/notice.txt", context).strip()) + "\n",
        html=mjml.render("notice", context),
    )


def choices_url() -> str:
    """The page on which people choose what they are told of."""
    return settings.BASE_URL + reverse("desk:notifications")
