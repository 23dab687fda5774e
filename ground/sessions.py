"""Open log-ins as rows of their own: whose they are, since when and from where, so that each can be ended."""

import datetime as dt
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime

from ground.models import Session, User
from ground.programs import named
from ground.unavailable import is_unavailable, note_unavailable

# How often a session that is used is noted as such, and what is kept of the program that opened it.
SEEN_EVERY = dt.timedelta(minutes=5)
LONGEST_PROGRAM = 200


class SessionStore(DatabaseSessions):
    """Django's own store in the database over our table, chosen by SESSION_ENGINE."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.user_id = data.get("_auth_user_id")
        row.address = data.get("address", "")
        row.program = data.get("program", "")
        row.began_at, row.seen_at = (parse_datetime(data.get(name, "")) for name in ("began", "seen"))
        return row

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as error:
            # Django takes whatever the database says for a session that was ended meanwhile.
            fault = error.__context__
            if isinstance(fault, DatabaseError) and is_unavailable(fault):
                raise fault from fault.__cause__  # by which it is told from others
            raise


def begin(request: HttpRequest, *, address: str) -> None:
    """Note in a session that has just begun where it was opened."""
    now = timezone.now().isoformat()
    program = request.headers.get("User-Agent", "")[:LONGEST_PROGRAM]
    request.session.update({"began": now, "seen": now, "address": address[:45], "program": program})


def note_use(request: HttpRequest) -> None:
    """Remember when a session was last used, to five minutes; pages that only show open without it, too."""
    seen, now = parse_datetime(request.session.get("seen", "")), timezone.now()
    # One from the future was noted by a clock that has been set back since.
    if seen is not None and abs(now - seen) <= SEEN_EVERY:
        return
    was_modified = request.session.modified
    request.session["seen"] = now.isoformat()
    try:
        request.session.save()
    except UpdateError:
        pass  # somebody ended it meanwhile: it is saved once more after the page, which tells so
    except DatabaseError as error:
        if not is_unavailable(error):
            raise
        note_unavailable(error)
        request.session.modified = was_modified


def of(user: User) -> QuerySet[Session]:
    """A person's open sessions, the one used last first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at", "-expire_date")


def shown(user: User, *, current: str = "") -> list[dict[str, Any]]:
    """A person's open sessions as a page tells them."""
    return [
        {"mark": mark(row), "program": named(row.program), "address": row.address, "began": row.began_at,
         "seen": row.seen_at, "is_current": row.pk == current}
        for row in of(user)
    ]  # fmt: skip


def mark(session: Session) -> str:
    """What a page may call it: whoever knows its key has the session."""
    return salted_hmac("ground.sessions", session.pk, algorithm="sha256").hexdigest()[:32]


def end(user: User, *, marked: str = "", keep: str = "") -> int:
    """End one of a person's sessions by its mark, or all but `keep`; returns how many.

    It holds at the very next request, in every process.
    """
    rows = Session.objects.filter(user=user).exclude(pk=keep)
    if marked:
        rows = rows.filter(pk__in=[row.pk for row in rows if mark(row) == marked])
    return rows.delete()[0]


def forget_expired() -> int:
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
