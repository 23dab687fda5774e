"""An erasure as a job: table by table, then the person's own rows; what it was begun with is forgotten at its end."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ground import erasing, holdings, jobs
from ground.holdings import Subject
from ground.jobs import Kind, Progress
from ground.models import Job, User
from ground.named import Word

KIND = "erase"


def start(subject: Subject, *, by: User) -> Job:
    """Put the erasure into the queue; from this moment on it will be done. Raises OSError as `erasing.begin` does."""
    params = {
        "code": erasing.begin(subject),
        "words": [list(word) for word in subject.names.words],
        "keys": sorted(subject.keys),
    }
    return jobs.start(KIND, params=params, author=by, total=len(list(holdings.every())) + 1)


def _subject(job: Job) -> Subject:
    return Subject(keys=set(job.params["keys"]), words={Word(*word) for word in job.params["words"]})


def _step(job: Job) -> Progress:
    """One table, or at last all their own rows: safe to be done twice."""
    if not job.params:  # done before the step was noted
        return Progress(finished=True)
    subject, tables = _subject(job), list(holdings.every())
    at, covered = job.cursor or [0, {}]
    if at < len(tables):
        # This job's own row names them until the end.
        number = erasing.cover(tables[at], subject, but=job.pk if tables[at].table is Job else None)
        return Progress(cursor=[at + 1, covered | ({tables[at].model: number} if number else {})], rows=1)
    holdings.told("cover", subject)
    erasure = erasing.finish(subject, code=job.params["code"], by=job.author, covered=covered)
    Job.objects.filter(pk=job.pk).update(params={})
    return Progress(rows=1, finished=True, result={"counts": erasure.counts})


def _told(job: Job) -> str:
    rows = sum(job.result.get("counts", {}).values())
    return ngettext("%d row was emptied.", "%d rows were emptied.", rows) % rows


# Nobody stops it: it is noted beside the keys, and would be done at the next start.
jobs.register(
    Kind(name=KIND, title=lambda job: _("Erase a person"), step=_step, told=_told, outside=True, has_to_end=True)
)
