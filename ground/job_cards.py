"""What a page shows of a job: its name, how far it is, what came of it, and what may be done with it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ground import jobfiles, jobs
from ground.access import Scope
from ground.models import Job, Role, User


@dataclass(frozen=True)
class Card:
    """`share` is the percentage done, None while nobody has counted; `look` is busy, done, stopped or failed.

    `file` is what the button says that fetches the job's file, "" when there is none.
    """

    pk: int
    title: str
    author: str
    at: dt.datetime
    state: str
    look: str
    done: int
    total: int | None
    share: int | None
    said: str
    may_stop: bool
    may_undo: bool
    file: str
    file_until: dt.datetime | None
    page: str

    @property
    def is_busy(self) -> bool:
        return self.look == "busy"

    @property
    def has_failed(self) -> bool:
        return self.look == "failed"


def theirs(person: User, scope: Scope) -> QuerySet[Job]:
    """The jobs that a person may know of: one's own, to administrators everybody's."""
    known = Job.objects.select_related("author", "undoes", "undone_by")
    return known if scope.covers_all(least=Role.ADMINISTRATOR) else known.filter(author=person)


def title(job: Job) -> str:
    """What people call the job."""
    return jobs.kind_of(job).title(job)


def card(job: Job) -> Card:
    kind = jobs.kind_of(job)
    state, look = _state(job)
    return Card(
        pk=job.pk,
        title=kind.title(job),
        author=str(job.author or ""),
        at=job.created_at,
        state=state,
        look=look,
        done=job.done,
        total=job.total,
        share=min(100, job.done * 100 // job.total) if job.total else None,
        said=_said(job, kind),
        may_stop=look in ("busy", "failed") and not kind.has_to_end,
        may_undo=jobs.may_undo(job),
        file=kind.file(job) if kind.file and jobfiles.path_of(job) else "",
        file_until=job.file_until,
        page=reverse(kind.page, args=[job.pk]) if kind.page and job.finished_at else "",
    )


def _state(job: Job) -> tuple[str, str]:
    if job.finished_at:
        return _("finished"), "done"
    if job.cancelled_at:
        return _("stopped"), "stopped"
    if job.quarantined_at:
        return _("failed"), "failed"
    return (_("at work") if job.done or job.lease else _("waits its turn")), "busy"


def _said(job: Job, kind: jobs.Kind) -> str:
    """What the job came to; of a failed one, why: a sentence of the catalogue, or the name of an error."""
    if job.finished_at or job.cancelled_at:
        return kind.told(job) if kind.told else ""
    if job.error.isidentifier():
        again = _("It failed three times: %s. Try again; when that does not help, tell an administrator.")
        return again % job.error if job.quarantined_at else ""
    return _(job.error) if job.error else ""
