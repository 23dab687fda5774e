"""Reading comments anew after rules or models have changed; what people said stays what counts."""

import datetime as dt
import time
from collections.abc import Callable, Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import classify, erased
from feedback.models import Comment
from ground import audit, jobs, rowqueue
from ground.jobs import Kind, Progress
from ground.models import Job, User

STEP = 50
PAUSE = 0.5
# When what reads has changed, so much of the past is read anew by itself: shares of one reader alone make a line.
RECENT = dt.timedelta(days=90)
PER_SECOND = 100.0  # what is said meanwhile, and who looks at pages, must not wait for the past


def read_again(
    comments: QuerySet[Comment], *, after: int = 0, per_second: float = 0, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[int, int]]:
    """Read those comments anew in the order of their keys, but for erased ones.

    Yields the last key and how many were read, per bunch.

    A bunch waits in the queue before it is read, so whatever a stop leaves behind the worker reads. Fresh comments go
    first: while any wait, this stands aside, and then reads what no worker has taken, for there may be none.
    `per_second` is the most that are read, 0 as fast as it goes.
    """
    done, comments = 0, comments.exclude(erased.ERASED)
    while True:
        while _stood_aside(sleep):
            pass
        ids = list(comments.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:STEP])
        if not ids:
            return
        began = time.monotonic()
        Comment.objects.filter(pk__in=ids).update(classified_at=None, attempts=0, quarantined_at=None, error="")
        done += classify.classify(ids)
        after = ids[-1]
        if per_second:
            sleep(max(0.0, len(ids) / per_second - (time.monotonic() - began)))
        yield after, done


def _stood_aside(sleep: Callable[[float], None]) -> bool:
    """Whether fresh comments waited: a worker is given time for them, and what none has taken is read here. One that
    failed is tried again so, until it is set aside."""
    waiting = rowqueue.waiting_ids(Comment.objects.waiting(), limit=STEP)
    if waiting:
        sleep(PAUSE)
        classify.classify(waiting)
    return bool(waiting)


# --- as a job ----------------------------------------------------------------------------------------------------

KIND, SINCE = "reclassify", "since"


def start(*, by: User) -> Job:
    """Begin to read everything anew that has been read; the same job while one is going on."""
    going = jobs.waiting().filter(kind=KIND, quarantined_at=None).exclude(params__has_key=SINCE).first()
    if going:
        return going
    job = jobs.start(KIND, params={}, author=by)
    audit.note("comments.read_again", by=by, subject=job)
    return job


def start_recent(*, by: User | None) -> Job:
    """Begin to read the last months anew; the same job while one has not begun."""
    going = jobs.waiting().filter(kind=KIND, quarantined_at=None, params__has_key=SINCE)
    young = going.filter(cursor__isnull=True, leased_until=None)
    return young.first() or jobs.start(KIND, params={SINCE: (timezone.now() - RECENT).isoformat()}, author=by)


def _step(job: Job) -> Progress:
    """A bunch; a step that is repeated reads the same comments once more."""
    every = Comment.objects.all()
    if since := job.params.get(SINCE):
        every = every.filter(said_at__gte=dt.datetime.fromisoformat(since))
    total = every.count() if job.total is None else None

    def sleep(seconds: float) -> None:
        jobs.renew(job)
        time.sleep(seconds)

    if _stood_aside(sleep):
        return Progress(cursor=job.cursor, total=total)  # an import may take long: other jobs get their turn
    found = next(read_again(every, after=job.cursor or 0, per_second=PER_SECOND, sleep=sleep), None)
    if found is None:
        return Progress(cursor=job.cursor, finished=True, total=total)
    return Progress(cursor=found[0], rows=found[1], total=total)


def _title(job: Job) -> str:
    if SINCE in job.params:
        return _("Read the last %d days anew") % RECENT.days
    return _("Read all comments anew")


jobs.register(Kind(name=KIND, title=_title, step=_step, outside=True))
