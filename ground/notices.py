"""What people are told of by themselves: the kinds there are, what each person chose, and when the next mail is due.

The module that knows a kind of event registers it, and `settings.NOTICE_MODULES` names those modules. An event becomes
one row for each person; `ground.notice_mail` makes one mail of those that are due.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from ground.access import Scope, scopes_of
from ground.hours import Quiet, after_quiet, next_at
from ground.models import Notice, NoticeChoice, Organisation, Role, User

Pace = NoticeChoice.Pace
# "At once" waits for so long, so that events of one minute share a mail, and mails to one person keep this distance.
GATHER = dt.timedelta(seconds=60)
APART = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=30)
BUNCH = 500


@dataclass(frozen=True)
class Line:
    """One event in a mail: who and where, what was said, when unless it is of no one moment, and its page's path."""

    about: str
    text: str
    at: dt.datetime | None
    path: str


@dataclass(frozen=True)
class Section:
    """The events of one kind in a mail, in the reader's language: `count` is like "3 contact requests".

    `more` were left out, and `path` leads to them all.
    """

    count: str
    lines: tuple[Line, ...]
    more: int = 0
    path: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of event. `default` is the pace of who has not chosen; `section` tells of those rows, at most so many
    lines, that this person may still hear of at this moment, and is None when there are none. `concerns` says who can
    hear of such events at all, and so has a choice. `paces` are those to choose from. `preview` is the section that
    would be told of now. `ripe` says when what happens at a moment becomes an event, where that is not at once."""

    name: str
    title: Any
    explains: Any
    default: Callable[[Scope], str]
    section: Callable[[User, Scope, Sequence[Notice], int], Section | None]
    concerns: Callable[[Scope], bool] = lambda scope: True
    paces: Sequence[str] = (Pace.IMMEDIATE, Pace.DAILY, Pace.NEVER)
    preview: Callable[[User, Scope], Section | None] | None = None
    ripe: Callable[[dt.datetime], dt.datetime] | None = None


@dataclass(frozen=True)
class Event:
    """Something to be told to one person; `key` names it, and the same key is told to a person once.

    Before `not_before` nobody can know whether it is true.
    """

    user: User
    key: str
    data: dict[str, Any]
    not_before: dt.datetime | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


@cache
def _load() -> None:
    for module in settings.NOTICE_MODULES:
        import_module(module)


def kinds() -> list[Kind]:
    """Every kind there is, in the order of registration."""
    _load()
    return list(_kinds.values())


def kinds_for(scope: Scope) -> list[Kind]:
    """The kinds that somebody has a choice about."""
    return [kind for kind in kinds() if kind.concerns(scope)]


def leads(scope: Scope) -> bool:
    """Whether somebody is a manager of anything: the usual ground for a default."""
    return scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))


# --- who, and how soon -------------------------------------------------------------------------------------------


def audience(team_ids: Iterable[int]) -> list[tuple[User, Scope]]:
    """Everybody who can log in and has a role in one of the teams or in the whole organisation, with their scopes."""
    roles = Q(memberships__team__in=set(team_ids)) | Q(memberships__team=None, memberships__isnull=False)
    people = list(User.objects.filter(roles | Q(is_superuser=True), is_active=True).order_by("pk").distinct())
    scopes = scopes_of(people)
    return [(user, scopes[user.pk]) for user in people]


def paces(users: Iterable[User], kind: Kind) -> dict[int, str]:
    """How soon each person wants to hear of the kind, by primary key; two statements whatever their number."""
    people = {user.pk: user for user in users}
    chosen = dict(NoticeChoice.objects.filter(user__in=people, kind=kind.name).values_list("user_id", "pace"))
    others = scopes_of(user for pk, user in people.items() if pk not in chosen)
    return chosen | {pk: kind.default(scope) for pk, scope in others.items()}


def paces_of(user: User, scope: Scope) -> dict[str, str]:
    """The person's pace of every kind, by its name."""
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("kind", "pace"))
    return {kind.name: chosen.get(kind.name) or kind.default(scope) for kind in kinds()}


def zone_of(user: User) -> dt.tzinfo:
    return user.timezone or Organisation.current().timezone


def quiet_of(user: User) -> Quiet | None:
    if user.quiet_from is None or user.quiet_until is None:
        return None
    return Quiet(begins=user.quiet_from, until=user.quiet_until)


def due_at(user: User, pace: str, *, now: dt.datetime, zone: dt.tzinfo, last: dt.datetime | None = None) -> dt.datetime:
    """When somebody who heard something `last` is to hear of an event of this moment."""
    # Who tells of a week tells of it once, on the day it is over.
    if pace in (Pace.DAILY, Pace.WEEKLY):
        moment = next_at(now, user.daily_at, zone)
    else:
        moment = now + GATHER if last is None else max(now + GATHER, last + APART)
    return after_quiet(moment, quiet_of(user), zone)


# --- telling -----------------------------------------------------------------------------------------------------


def tell(users: Iterable[User], *, kind: str, key: str, data: dict[str, Any] | None = None) -> int:
    """Write down that these people are to be told of one event, in the caller's transaction; returns how many are.

    Who does not want to hear of the kind gets no row, and who was told of the key before no second one.
    """
    return tell_all([Event(user=user, key=key, data=data or {}) for user in users], kind=kind)


def tell_all(events: Sequence[Event], *, kind: str) -> int:
    """`tell` for many events of one kind; the number of statements does not grow with them."""
    if not events:
        return 0
    _load()
    now, users = timezone.now(), {event.user.pk: event.user for event in events}
    wanted = {pk: pace for pk, pace in paces(users.values(), _kinds[kind]).items() if pace != Pace.NEVER}
    last, fallback = _last_told(wanted, now=now), Organisation.current().timezone
    due = {
        pk: due_at(users[pk], pace, now=now, zone=users[pk].timezone or fallback, last=last.get(pk))
        for pk, pace in wanted.items()
    }
    rows = [
        Notice(
            user=event.user, kind=kind, key=event.key, data=event.data, created_at=now,
            due_at=max(due[event.user.pk], event.not_before or now), not_before=event.not_before,
        )
        for event in events
        if event.user.pk in due
    ]  # fmt: skip
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BUNCH)
    return len(rows)


def _last_told(users: Iterable[int], *, now: dt.datetime) -> dict[int, dt.datetime]:
    """When each of the people last got a mail, if that is not long ago."""
    lately = Notice.objects.filter(user__in=list(users), told_at__gt=now - APART).order_by()
    return dict(lately.values("user").annotate(last=Max("told_at")).values_list("user", "last"))


def waiting(user: User) -> QuerySet[Notice]:
    """What a person has not been told of yet."""
    return Notice.objects.filter(user=user, told_at=None)


def reschedule(user: User, scope: Scope) -> None:
    """Bring what waits in line with the person's choices and hours; what they do not want to hear of is dropped."""
    now, zone = timezone.now(), zone_of(user)
    for kind, pace in paces_of(user, scope).items():
        rows = waiting(user).filter(kind=kind)
        if pace == Pace.NEVER:
            rows.delete()
        else:
            moment = due_at(user, pace, now=now, zone=zone)
            rows.update(due_at=moment)
            rows.filter(not_before__gt=moment).update(due_at=F("not_before"))


def forget_old() -> int:
    """Delete what people were told of long ago; returns how many rows."""
    return Notice.objects.filter(told_at__lt=timezone.now() - KEPT).delete()[0]
