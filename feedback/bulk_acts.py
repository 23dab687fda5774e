"""What one act does to many comments that the caller has locked, and how exactly that much is taken back.

Whatever a job writes carries the moment at which the job was asked for: what bears another moment by the time of the
undo was said by somebody since, and stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from feedback import corrections, tags
from feedback.models import BulkStep, Comment, CommentTag, Label, ReadMark, Topic
from ground.jobs import GaveUp
from ground.models import Job, User

Rows = Sequence[Comment]
TOPIC_ACTS = {"topic_on": "yes", "topic_off": "no"}


@dataclass(frozen=True)
class Changed:
    """The comments that an act changed, each with the label that did it; on `others` somebody has spoken meanwhile.

    `done` says of those that were opened again when they had been done, and by whom.
    """

    labels: dict[int, Label | None] = field(default_factory=dict)
    others: int = 0
    done: dict[int, tuple[Any, int | None]] = field(default_factory=dict)

    @classmethod
    def to(cls, ids: Sequence[int]) -> "Changed":
        return cls(labels=dict.fromkeys(ids))


@dataclass(frozen=True)
class Act:
    """`do` gets the job and the comments; `undo` the job that takes back, its comments and the steps of the first."""

    do: Callable[[Job, Rows], Changed]
    undo: Callable[[Job, Rows, Sequence[BulkStep]], set[int]]


def author_of(job: Job) -> User:
    """Who asked for the job; a bulk act always has somebody."""
    assert job.author is not None
    return job.author


def _first(job: Job) -> Job:
    """The job that this one takes back."""
    assert job.undoes is not None
    return job.undoes


def _close(job: Job, rows: Rows) -> Changed:
    ids = [row.pk for row in rows if row.done_at is None]
    Comment.objects.filter(pk__in=ids).update(done_at=job.created_at, done_by=job.author)
    _mark_read(job, ids)
    return Changed.to(ids)


def _unclose(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    first = _first(job)
    ids = {row.pk for row in rows if row.done_at == first.created_at and row.done_by_id == first.author_id}
    Comment.objects.filter(pk__in=ids).update(done_at=None, done_by=None)
    _marks(first, ids).filter(at=first.created_at).delete()
    return ids


def _reopen(job: Job, rows: Rows) -> Changed:
    done = {row.pk: (row.done_at, row.done_by_id) for row in rows if row.done_at is not None}
    Comment.objects.filter(pk__in=done).update(done_at=None, done_by=None)
    return Changed(labels=dict.fromkeys(done), done=done)


def _unreopen(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    """Done as it was, by whom and when: how soon a complaint was met is told by it."""
    known = {step.comment_id: step for step in steps}
    back = [row for row in rows if row.done_at is None]
    for row in back:
        step = known[row.pk]
        row.done_at, row.done_by_id = step.done_at or job.created_at, step.done_by_id or job.author_id
    Comment.objects.bulk_update(back, ["done_at", "done_by"])
    return {row.pk for row in back}


def _marks(job: Job, ids: Any) -> Any:
    """What the job's author has read of these comments."""
    return ReadMark.objects.filter(user=job.author, comment__in=ids)


def _mark_read(job: Job, ids: Sequence[int]) -> list[int]:
    known = set(_marks(job, ids).values_list("comment", flat=True))
    fresh = [pk for pk in ids if pk not in known]
    marks = [ReadMark(user=job.author, comment_id=pk, at=job.created_at) for pk in fresh]
    ReadMark.objects.bulk_create(marks, ignore_conflicts=True)
    return fresh


def _read(job: Job, rows: Rows) -> Changed:
    return Changed.to(_mark_read(job, [row.pk for row in rows]))


def _unread(job: Job, rows: Rows) -> Changed:
    found = _marks(job, [row.pk for row in rows])
    ids = list(found.values_list("comment", flat=True))
    found.delete()
    return Changed.to(ids)


def _undo_read(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    found = _marks(_first(job), [row.pk for row in rows]).filter(at=_first(job).created_at)
    ids = set(found.values_list("comment", flat=True))
    found.delete()
    return ids


def _undo_unread(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    return set(_mark_read(_first(job), [row.pk for row in rows]))


def _say(job: Job, rows: Rows) -> Changed:
    came = corrections.state_all(rows, _word(job), author=author_of(job), seen=job.params["seen"])
    return Changed(labels=dict(came.labels), others=len(came.overtaken))


def _word(job: Job) -> corrections.Word:
    act, value = job.params["act"], job.params["value"]
    if act not in TOPIC_ACTS:
        return corrections.Word(act, value)
    topic = Topic.objects.filter(pk=value).first()
    if topic is None:
        raise GaveUp(gettext_noop("This topic is gone."))
    return corrections.Word(Label.Scheme.TOPIC, TOPIC_ACTS[act], topic)


def _unsay(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    stated = [step.label for step in steps if step.label]
    return corrections.take_back_all(stated, rows, author=author_of(job))


def _tagged(job: Job, rows: Rows) -> Any:
    tag = tags.held(job.params["value"])
    if tag is None:
        raise GaveUp(gettext_noop("This tag is gone."))
    return CommentTag.objects.filter(tag=tag, comment__in=[row.pk for row in rows])


def _put_tag(first: Job, rows: Rows, *, by: Job) -> list[int]:
    """Tag the comments that have not got the first job's tag, as the author and at the moment of `by`."""
    known = set(_tagged(first, rows).values_list("comment", flat=True))
    fresh = [row.pk for row in rows if row.pk not in known]
    tag = first.params["value"]
    CommentTag.objects.bulk_create(
        [CommentTag(comment_id=pk, tag_id=tag, author=by.author, at=by.created_at) for pk in fresh],
        ignore_conflicts=True,
    )
    return fresh


def _drop_tags(found: Any) -> list[int]:
    ids = list(found.values_list("comment", flat=True))
    found.delete()
    return ids


def _tag_on(job: Job, rows: Rows) -> Changed:
    return Changed.to(_put_tag(job, rows, by=job))


def _untag_on(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    first = _first(job)
    return set(_drop_tags(_tagged(first, rows).filter(author=first.author, at=first.created_at)))


def _tag_off(job: Job, rows: Rows) -> Changed:
    return Changed.to(_drop_tags(_tagged(job, rows)))


def _untag_off(job: Job, rows: Rows, steps: Sequence[BulkStep]) -> set[int]:
    return set(_put_tag(_first(job), rows, by=job))


ACTS = {
    "done": Act(_close, _unclose),
    "reopen": Act(_reopen, _unreopen),
    "read": Act(_read, _undo_read),
    "unread": Act(_unread, _undo_unread),
    "tone": Act(_say, _unsay),
    "constructive": Act(_say, _unsay),
    "topic_on": Act(_say, _unsay),
    "topic_off": Act(_say, _unsay),
    "tag_on": Act(_tag_on, _untag_on),
    "tag_off": Act(_tag_off, _untag_off),
}
