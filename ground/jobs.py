"""Long work as a row: steps of a few hundred milliseconds, each with its cursor in one transaction.

A kind of job is registered by the module that does the work, and `settings.JOB_MODULES` names those modules. A worker
that dies loses at most the step it was in; another one goes on at the stored cursor.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ground import rowqueue
from ground.models import Job, User

# One call of `work` goes on with a job for so long, seconds; then others get their turn.
TURN_SECONDS = 5.0


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

    A step runs inside the transaction that stores its cursor, so it happens once. With `outside`, it runs before that
    transaction, holds no lock meanwhile, and must stand being repeated from the same cursor.
    """

    name: str
    title: Callable[[Job], str]
    step: Callable[[Job], Progress]
    undo: str = ""
    outside: bool = False


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


@cache
def _load() -> None:
    for module in settings.JOB_MODULES:
        import_module(module)


def kind_of(job: Job) -> Kind:
    """The kind of a job. Raises KeyError when nobody registered it."""
    _load()
    return _kinds[job.kind]


def start(
    kind: str, *, params: dict[str, Any], author: User | None, total: int | None = None, undoes: Job | None = None
) -> Job:
    """Put a job into the queue; a worker takes it up within a second or two."""
    return Job.objects.create(kind=kind, params=params, author=author, total=total, undoes=undoes)


def waiting() -> QuerySet[Job]:
    """The queue: jobs neither finished nor cancelled."""
    return Job.objects.filter(finished_at=None, cancelled_at=None)


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


def cancel(job: Job) -> bool:
    """Stop before the next step; what is done stays done. False when it was over already."""
    return bool(waiting().filter(pk=job.pk).update(cancelled_at=timezone.now()))


def _turn(claimed: rowqueue.Claim, *, until: float) -> None:
    pk = claimed.ids[0]
    try:
        while _step(claimed):
            if time.monotonic() >= until:
                rowqueue.owned(Job, claimed).update(lease="", leased_until=None, attempts=0)
                return
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
    with transaction.atomic():
        job = ours.select_for_update(of=("self",)).first()
        if job is None:
            return False
        _store(job, progress or kind.step(job))
    if not job.finished_at:
        rowqueue.renew(Job, claimed)
    return not job.finished_at


def _store(job: Job, progress: Progress) -> None:
    job.cursor = progress.cursor
    job.done += progress.rows
    job.total = job.total if progress.total is None else progress.total
    job.result |= progress.result
    # A job may take hours: only failures in a row count against it.
    job.attempts = 1
    changed = ["cursor", "done", "total", "result", "attempts"]
    if progress.finished:
        job.finished_at, job.lease, job.leased_until = timezone.now(), "", None
        changed += ["finished_at", "lease", "leased_until"]
    job.save(update_fields=changed)
