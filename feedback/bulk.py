"""One act on many comments, a selection or all that a filter finds, as a job that can be taken back.

The author's scope holds at the moment of each step, and comments that came in after the author looked are not touched.
What a step changed is noted as BulkStep rows in the step's own transaction.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from feedback import anonymous, filters, tags
from feedback.bulk_acts import ACTS, TOPIC_ACTS, Changed, author_of
from feedback.models import BulkStep, Comment, Label, Topic
from ground import access, audit, jobs
from ground.jobs import Kind, Progress
from ground.models import Job, Role, User
from surveys.models.questionnaire import in_language

# So many comments are changed under one lock: some 60 ms of work, which leaves room on a busy machine.
STEP = 100
# A selection is what one page of the list can hold.
MOST_CHOSEN = 100
DONE, UNDONE = "bulk_comments", "bulk_undo"


def all_found(
    params: dict[str, str], *, reader: User, newest: int, looked: dt.datetime | None = None
) -> QuerySet[Comment]:
    """The comments up to the key `newest` that these filters show the reader and that the reader manages.

    Keys that were drawn at random tell nothing of time: of those, the ones that had come in when the author `looked`.
    """
    scope = access.scope_of(reader)
    found = filters.comments_found(params, reader=reader, scope=scope)
    was_there = Q(pk__lte=newest)
    if looked is not None:
        was_there |= Q(pk__gt=newest, pk__gte=anonymous.FIRST) & Q(received_at__lte=looked)
    return found.filter(scope.rows(least=Role.MANAGER), was_there)


def chosen(ids: Sequence[int], *, reader: User) -> QuerySet[Comment]:
    """Those of the comments that the reader manages."""
    return Comment.objects.filter(access.scope_of(reader).rows(least=Role.MANAGER), pk__in=ids)


def newest_at(moment: dt.datetime) -> tuple[int, int]:
    """The keys of the newest label and of the newest comment that there were at a moment, 0 without any; of comments,
    below the keys that are drawn at random."""
    label = Label.objects.filter(created_at__lte=moment).order_by("-pk").values_list("pk", flat=True).first()
    ordinary = Comment.objects.filter(received_at__lte=moment, pk__lt=anonymous.FIRST).order_by("-pk")
    return label or 0, ordinary.values_list("pk", flat=True).first() or 0


def start(
    act: str, value: str, *, by: User, seen: int, newest: int = 0, ids: Sequence[int] | None = None,
    found_by: dict[str, str] | None = None, looked: dt.datetime | None = None,
) -> Job:  # fmt: skip
    """Begin an act on the comments `ids`, or on all that the parameters `found_by` show.

    `seen` and `newest` are the keys of the newest label and comment that the author could see when they `looked`.
    Raises ValueError on an act that nobody offers.
    """
    params = {"act": act, "seen": seen, "newest": newest} | meant(act, value)
    if act == "tag_on":
        params["value"] = tags.take(value).pk
    if found_by is not None:
        params |= {"looked": looked.isoformat()} if looked else {}
        total = all_found(found_by, reader=by, newest=newest, looked=looked).count()
        return _begun(params | {"list": found_by}, by=by, total=total)
    one_each = list(dict.fromkeys(ids or ()))
    return _begun(params | {"ids": one_each}, by=by, total=len(one_each))


@transaction.atomic
def _begun(params: dict[str, Any], *, by: User, total: int) -> Job:
    job = jobs.start(DONE, params=params, author=by, total=total)
    audit.note("comments.bulk", by=by, subject=job, kind=params["act"], count=total)
    return job


def meant(act: str, value: str) -> dict[str, Any]:
    """What an act is about, as a job keeps it: the value, and the names to tell of it by. Raises ValueError."""
    if act == "tone":
        return {"value": Comment.Tone(value).value}
    if act == "constructive" and value in ("yes", "no"):
        return {"value": value}
    if act in TOPIC_ACTS:
        offered = Topic.objects.filter(is_active=True) if act == "topic_on" else Topic.objects.all()
        topic = {topic.code: topic for topic in offered}.get(value)
        if topic:
            return {"value": topic.pk, "names": topic.names, "name": topic.code}
    if act == "tag_on":
        return {"value": "", "name": tags.clean(value)}
    if act == "tag_off" and (known := tags.named(tags.clean(value))):
        return {"value": known.pk, "name": known.name}
    if act in ("done", "reopen", "read", "unread"):
        return {"value": ""}
    raise ValueError(act)


def _find(job: Job) -> list[tuple[int, str]]:
    """The keys and moments of the next comments, the newest first: the order in which the list itself walks."""
    params = job.params
    if "ids" in params:
        return [(pk, "") for pk in params["ids"][job.cursor or 0 :][:STEP]]
    looked = dt.datetime.fromisoformat(params["looked"]) if "looked" in params else None
    found = all_found(params["list"], reader=author_of(job), newest=params["newest"], looked=looked)
    if job.cursor:
        at, pk = dt.datetime.fromisoformat(job.cursor[0]), job.cursor[1]
        # The first condition says nothing more, but it is what SQLite can search its index by.
        found = found.filter(Q(said_at__lte=at), Q(said_at__lt=at) | Q(pk__lt=pk))
    rows = found.order_by("-said_at", "-pk").values_list("pk", "said_at")[:STEP]
    return [(pk, at.isoformat()) for pk, at in rows]


def _locked(ids: Sequence[int], *, by: User) -> list[Comment]:
    """The author's own of these comments, in one order for every job, so that two of them never wait for each other."""
    return list(chosen(ids, reader=by).select_for_update(of=("self",)).order_by("pk"))


def _do(job: Job, found: list[tuple[int, str]]) -> Progress:
    params, ids = job.params, [pk for pk, _at in found]
    rows = _locked(ids, by=author_of(job))
    came = ACTS[params["act"]].do(job, rows)
    BulkStep.objects.bulk_create(_steps(job, came))
    chosen_one_by_one = "ids" in params
    done = job.done + len(found)
    finished = done >= len(params["ids"]) if chosen_one_by_one else len(found) < STEP
    result = {
        "changed": len(came.labels),
        "others": came.others,
        "same": len(rows) - len(came.labels) - came.others,
        "missing": len(found) - len(rows) + (max(0, (job.total or 0) - done) if finished else 0),
    }
    return Progress(
        cursor=done if chosen_one_by_one else list(reversed(found[-1])) if found else job.cursor,
        rows=len(found), finished=finished, result=_added(job, result),
    )  # fmt: skip


def _steps(job: Job, came: Changed) -> Iterator[BulkStep]:
    for pk, label in came.labels.items():
        done_at, done_by = came.done.get(pk, (None, None))
        yield BulkStep(job=job, comment_id=pk, label=label, done_at=done_at, done_by_id=done_by)


def _added(job: Job, counts: dict[str, int]) -> dict[str, int]:
    return {name: job.result.get(name, 0) + count for name, count in counts.items()}


def _undo(job: Job) -> Progress:
    first = job.undoes
    assert first is not None
    steps = BulkStep.objects.filter(job=first, comment__gt=job.cursor or 0).select_related("label")
    taken = list(steps.order_by("comment_id")[:STEP])  # "comment" would follow its own order
    rows = _locked([step.comment_id for step in taken], by=author_of(job))
    ours = {row.pk for row in rows}
    back = ACTS[first.params["act"]].undo(job, rows, [step for step in taken if step.comment_id in ours])
    return Progress(
        cursor=taken[-1].comment_id if taken else job.cursor,
        rows=len(taken), finished=len(taken) < STEP,
        result=_added(job, {"changed": len(back), "others": len(taken) - len(back)}),
    )  # fmt: skip


def act_name(params: dict[str, Any]) -> str:
    """What an act is called, with what it is about."""
    act, value = params["act"], params["value"]
    if act == "tone":
        return _("Tone: %s") % Comment.Tone(value).label
    if act == "constructive":
        return _("Suggestion: yes") if value == "yes" else _("Suggestion: no")
    plain = {"done": _("Done"), "reopen": _("Open again"), "read": pgettext("act", "Read"),
             "unread": pgettext("act", "Unread")}  # fmt: skip
    named = {"topic_on": _("Add topic: %s"), "topic_off": _("Remove topic: %s"),
             "tag_on": _("Add tag: %s"), "tag_off": _("Remove tag: %s")}  # fmt: skip
    if act in plain:
        return plain[act]
    return named[act] % (in_language(params.get("names", {}), get_language() or "") or params["name"])


def _title(job: Job) -> str:
    total = job.total or 0
    comments = ngettext("%d comment", "%d comments", total) % total
    return f"{act_name(job.params)} · {comments}"


def _undo_title(job: Job) -> str:
    assert job.undoes is not None
    return _("Take back: %s") % _title(job.undoes)


def _told(job: Job) -> str:
    """What the job changed and what it left alone, and why."""
    count = job.result.get
    changed, others = count("changed", 0), count("others", 0)
    said = (_("Taken back: %d.") if job.undoes_id else _("Changed: %d.")) % changed
    since = _("changed since or not yours: %d") if job.undoes_id else _("others have spoken since: %d")
    why = [(_("already so: %d"), count("same", 0)), (since, others),
           (_("no longer there or not yours: %d"), count("missing", 0))]  # fmt: skip
    left = sum(number for _why, number in why)
    if not left:
        return said
    reasons = ", ".join(words % number for words, number in why if number)
    return f"{said} " + _("Left alone: %(count)d (%(why)s).") % {"count": left, "why": reasons}


jobs.register(Kind(name=DONE, title=_title, find=_find, step=_do, told=_told, undo=UNDONE))
jobs.register(Kind(name=UNDONE, title=_undo_title, step=_undo, told=_told))
