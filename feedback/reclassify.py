"""Reading comments anew after rules or models have changed; what people said stays what counts."""

import time
from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from feedback import classify
from feedback.models import Comment
from ground import rowqueue

STEP = 50
PAUSE = 0.5


def read_again(
    comments: QuerySet[Comment], *, after: int = 0, per_second: float = 0, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[int, int]]:
    """Read those comments anew in the order of their keys; yields the last key and how many were read, per bunch.

    A bunch waits in the queue before it is read, so whatever a stop leaves behind the worker reads. Fresh comments go
    first: while any wait, this stands aside. `per_second` is the most that are read, 0 as fast as it goes.
    """
    done = 0
    while True:
        ids = list(comments.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:STEP])
        if not ids:
            return
        while rowqueue.waiting_ids(Comment.objects.waiting(), limit=1):
            sleep(PAUSE)
        began = time.monotonic()
        Comment.objects.filter(pk__in=ids).update(classified_at=None, attempts=0, quarantined_at=None, error="")
        done += classify.classify(ids)
        after = ids[-1]
        if per_second:
            sleep(max(0.0, len(ids) / per_second - (time.monotonic() - began)))
        yield after, done
