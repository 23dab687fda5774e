"""Long work as a row: steps of a few hundred milliseconds, each with its cursor in one transaction.

A kind of job is registered by the module that does the work, and `settings.JOB_MODULES` names those modules. A worker
that dies loses at most the step it was in; another one goes on at the stored cursor.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ground import audit, rowqueue
from ground.models import Job, User

# One call of `work` goes on with a job for so long, seconds; then others get their turn.
TURN_SECONDS = 5.0
# Jobs of so few rows are done at once, while their author waits.
SMALL = 50


NOBODYS = gettext_noop("This version knows no such work: another one began it. Stop it, or try again after an upgrade.")


class GaveUp(Exception):
    """Why a job cannot go on, for people: a sentence of the catalogue in English (`gettext_noop`)."""


@dataclass(frozen=True)
class Progress:
    """What a step came to: where the next one begins, how many rows it dealt with, and whether that was all.

    `result` is merged into the job's; `total` is set when the step found out how many rows there are.
    """

    cursor: Any = None
    rows: int = 0
    finished: bool = False
    total: int | None = None
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """How jobs of one kind are called and done; `undo` names the kind that takes such a job back.

    A step runs inside the transaction that stores its cursor, so it happens once; what `find` looked up before that
    transaction, without any lock, is its second argument. With `outside`, the step itself runs before the transaction
    and must stand being repeated from the same cursor. `told` says what a job came to. A kind with an `undo` keeps
    the number of rows it changed in its result, as "changed". `page` is the name of the page that shows the result;
    `file` says what the file is that the job left. One that `has_to_end` is stopped by nobody.
    """

    name: str
    title: Callable[[Job], str]
    step: Callable[..., Progress]
    find: Callable[[Job], Any] | None = None
    told: Callable[[Job], str] | None = None
    dropped: Callable[[Job], None] | None = None
    undo: str = ""
    outside: bool = False
    page: str = ""
    file: Callable[[Job], str] | None = None
    has_to_end: bool = False


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


@cache
def _load() -> None:
    for module in settings.JOB_MODULES:
        import_module(module)


def kind_of(job: Job) -> Kind:
    """The kind of a job; one that only another version knows gives up and says so."""
    _load()
    return _kinds.get(job.kind) or Kind(job.kind, title=_unknown, step=_give_up, told=lambda job: _(NOBODYS))


def _unknown(job: Job) -> str:
    return _("Unknown work (%s)") % job.kind


def _give_up(job: Job) -> Progress:
    raise GaveUp(NOBODYS)


def start(
    kind: str, *, params: dict[str, Any], author: User | None, total: int | None = None, undoes: Job | None = None
) -> Job:
    """Put a job into the queue; a worker takes it up within a second or two."""
    return Job.objects.create(kind=kind, params=params, author=author, total=total, undoes=undoes)


def waiting() -> QuerySet[Job]:
    """The queue: jobs neither finished nor cancelled."""
    return Job.objects.filter(finished_at=None, cancelled_at=None)


def due(*, limit: int) -> list[int]:
    """The primary keys of jobs that nobody holds; the one that has waited longest for a turn comes first."""
    free = waiting().filter(rowqueue.free())
    return list(free.order_by(F("leased_until").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:limit])


def work(ids: list[int]) -> None:
    """Go on with those of the jobs that nobody holds, each for one turn."""
    for pk in ids:
        claimed = rowqueue.claim(waiting(), ids=[pk])
        if claimed.ids:
            _turn(claimed, until=time.monotonic() + TURN_SECONDS)


def finish_now(job: Job) -> Job:
    """Do a small job at once, in the caller's process; the row tells of it as of any other."""
    claimed = rowqueue.claim(waiting(), ids=[job.pk])
    if claimed.ids:
        _turn(claimed, until=float("inf"))
    job.refresh_from_db()
    return job


def renew(job: Job) -> bool:
    """Keep a job through a step that may take long; False when it was cancelled or another worker has it."""
    until = timezone.now() + dt.timedelta(seconds=settings.LEASE_SECONDS)
    return bool(waiting().filter(pk=job.pk, lease=job.lease).update(leased_until=until))


def cancel(job: Job) -> bool:
    """Stop before the next step; what is done stays done. False when it was over already, or has to come to its end."""
    kind = kind_of(job)
    cancelled = not kind.has_to_end and bool(waiting().filter(pk=job.pk).update(cancelled_at=timezone.now()))
    if cancelled and kind.dropped:
        kind.dropped(job)
    return cancelled


def retry(job: Job) -> bool:
    """Let a job that was set aside go on where it stopped; False when it was not set aside."""
    return bool(rowqueue.retry(waiting().filter(pk=job.pk)))


def may_undo(job: Job) -> bool:
    """Whether the job is over, changed something that can be taken back, and nobody has taken it back."""
    over = job.finished_at or job.cancelled_at
    changed = job.result.get("changed")
    return bool(kind_of(job).undo and over and changed) and getattr(job, "undone_by", None) is None


def undo(job: Job, *, by: User) -> Job | None:
    """The job that takes this one back, begun by whoever asked first; None when there is nothing to take back."""
    if not may_undo(job):
        return Job.objects.filter(undoes=job).first()
    try:
        with transaction.atomic():
            audit.note("job.undone", by=by, subject=job, count=job.result["changed"])
            return start(kind_of(job).undo, params={}, author=by, total=job.result["changed"], undoes=job)
    except IntegrityError:  # somebody else asked at the same moment
        return Job.objects.get(undoes=job)


def _turn(claimed: rowqueue.Claim, *, until: float) -> None:
    pk = claimed.ids[0]
    try:
        while _step(claimed):
            if time.monotonic() >= until:
                # The end of the lease stays, as the moment of the last turn.
                rowqueue.owned(Job, claimed).update(lease="", leased_until=timezone.now(), attempts=0)
                return
    except GaveUp as error:
        rowqueue.owned(Job, claimed).update(
            quarantined_at=timezone.now(), error=str(error)[:300], lease="", leased_until=None
        )
    except Exception as error:
        # The kind of the error alone: its text may hold what a customer wrote.
        rowqueue.fail(Job, claimed, pk, error=type(error).__name__, delay=1)


def _step(claimed: rowqueue.Claim) -> bool:
    """One step and its cursor; False when there is nothing more to do."""
    ours = rowqueue.owned(Job, claimed).filter(cancelled_at=None, finished_at=None)
    seen = ours.first()
    if seen is None:
        return False
    kind = kind_of(seen)
    progress = kind.step(seen) if kind.outside else None
    found = (kind.find(seen),) if kind.find else ()
    with transaction.atomic():
        job = ours.select_for_update(of=("self",)).first()
        if job is None:
            return False
        _store(job, progress or kind.step(job, *found))
    return not job.finished_at


def _store(job: Job, progress: Progress) -> None:
    now = timezone.now()
    job.cursor = progress.cursor
    job.done += progress.rows
    job.total = job.total if progress.total is None else progress.total
    job.result |= progress.result
    # A job may take hours: only failures in a row count against it.
    job.attempts = 1
    job.leased_until = now + dt.timedelta(seconds=settings.LEASE_SECONDS)
    if progress.finished:
        job.finished_at, job.lease, job.leased_until = now, "", None
    job.save(update_fields=["cursor", "done", "total", "result", "attempts", "leased_until", "finished_at", "lease"])
