"""Long work about topics: counting them anew once the tree has changed, and reading older comments for them.

What people said stays: only the machine says something new, and only about these topics.
"""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from feedback import erased, labels, topics
from feedback.learning import lessons
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.understanding import RULE_SOURCE, TopicVerdict, Verdict, read_topics
from ground import audit, jobs, rowqueue
from ground.jobs import Kind, Progress
from ground.models import Job, User
from surveys.models.questionnaire import in_language

RECOUNT, APPLY = "topic_recount", "topic_apply"
STEP = 100
# At most so many comments a second are read again, and none while fresh ones wait.
PER_SECOND, PAUSE = 400, 0.5


def recount(topic: Topic, *, by: User) -> Job:
    """Let the comments of a topic count by the tree as it stands."""
    return jobs.start(RECOUNT, params={"topic": topic.pk, "names": [topic.names | {"": topic.code}]}, author=by)


def _with_topic(job: Job) -> list[int]:
    rows = CommentTopic.objects.filter(topic=job.params["topic"])
    if job.cursor:
        rows = rows.filter(comment__lt=job.cursor)
    return list(rows.order_by("-comment_id").values_list("comment_id", flat=True)[:STEP])


def _recount(job: Job, ids: list[int]) -> Progress:
    labels.bring_up_to_date(*Comment.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    if len(ids) == STEP:
        return Progress(cursor=ids[-1], rows=len(ids))
    # A comment that was read while the topic was being merged may have come in behind us.
    left = Topic.objects.filter(pk=job.params["topic"]).exclude(merged_into=None).exists() and (
        CommentTopic.objects.filter(topic=job.params["topic"]).exists()
    )
    return Progress(cursor=None, rows=len(ids), finished=not left)


def applying(topic: Topic) -> Job | None:
    """The job under way that reads older comments for this topic."""
    return next((job for job in jobs.waiting().filter(kind=APPLY) if topic.pk in job.params["topics"]), None)


@transaction.atomic
def apply(wanted: Iterable[Topic], *, by: User) -> Job:
    """Read every comment that has been read before for these topics, the newest first."""
    every = list(wanted)
    job = jobs.start(
        APPLY, author=by,
        params={"topics": [topic.pk for topic in every], "names": [topic.names | {"": topic.code} for topic in every]},
    )  # fmt: skip
    audit.note("topic.applied", by=by, subject=every[0] if len(every) == 1 else None,
               topics=[topic.code for topic in every])  # fmt: skip
    return job


class Read(NamedTuple):
    """What a step looked up before its transaction: texts by comment, and what is said of the topics in each."""

    texts: dict[int, str]
    said: dict[int, dict[int, TopicVerdict]]
    topics: list[int]
    total: int | None
    is_last: bool


def _read(job: Job) -> Read | None:
    """The next comments read for the topics; None while fresh ones wait."""
    if rowqueue.waiting_ids(Comment.objects.waiting(), limit=1):
        time.sleep(PAUSE)
        return None
    began = time.monotonic()
    chosen = list(Topic.objects.filter(pk__in=job.params["topics"], is_active=True))
    known = Comment.objects.exclude(classified_at=None).order_by("-pk")
    total = known.count() if job.cursor is None else None
    rows = list((known.filter(pk__lt=job.cursor) if job.cursor else known).only("text", "team", "survey")[:STEP])
    limits, keys = topics.limits_of(chosen), {topic.code: topic.pk for topic in chosen}
    said: dict[int, dict[int, TopicVerdict]] = {}
    lessons.refresh()
    rules = [topics.rule(topic) for topic in chosen]
    verdicts = read_topics([row.text for row in rows], rules=rules, lessons=lessons.held())
    for row, found in zip(rows, verdicts, strict=True):
        by_key = {keys[verdict.code]: verdict for verdict in found if verdict.code in keys}
        said[row.pk] = {key: verdict for key, verdict in by_key.items() if limits.get(key, topics.ANYWHERE).lets(row)}
    time.sleep(max(0.0, len(rows) / PER_SECOND - (time.monotonic() - began)))
    texts = {row.pk: row.text for row in rows}
    return Read(texts, said, [topic.pk for topic in chosen], total, is_last=len(rows) < STEP)


def _apply(job: Job, found: Read | None) -> Progress:
    if found is None:
        return Progress(cursor=job.cursor)
    rows = Comment.objects.select_for_update(of=("self",)).filter(pk__in=list(found.texts)).exclude(classified_at=None)
    # A text that was edited meanwhile is read by the worker; of one that was erased, what was read in it stays.
    known = {pk: text for pk, text in found.texts.items() if text not in erased.TEXTS}
    same = [row for row in rows.order_by("pk") if row.text == known.get(row.pk)]
    fresh = list(_differences(same, found))
    changed = {label.comment_id for label in fresh}
    before = _pairs(changed, found.topics)
    Label.objects.bulk_create(fresh)
    labels.bring_up_to_date(*(row for row in same if row.pk in changed))
    after = _pairs(changed, found.topics)
    if found.is_last:
        Topic.objects.filter(pk__in=found.topics).update(applied_at=job.created_at)
    count = job.result.get
    return Progress(
        cursor=min(found.texts, default=job.cursor), rows=len(found.texts), finished=found.is_last, total=found.total,
        result={"added": count("added", 0) + len(after - before), "removed": count("removed", 0) + len(before - after)},
    )  # fmt: skip


def _differences(rows: list[Comment], found: Read) -> Iterable[Label]:
    """A label for each topic of which the machine says something else than it said before."""
    known = _machine_says([row.pk for row in rows], found.topics)
    for row in rows:
        for topic in found.topics:
            verdict, was = found.said[row.pk].get(topic), known.get((row.pk, topic))
            if verdict and not (was and was.value == "yes" and was.confidence == verdict.confidence):
                yield labels.of_topic(row, topic, verdict)
            elif was and was.value == "yes" and not verdict:
                yield labels.of_topic(row, topic, Verdict("", was.confidence, source=RULE_SOURCE), value="no")


def _machine_says(comments: list[int], wanted: list[int]) -> dict[tuple[int, int | None], Label]:
    """The machine's last word about each of the topics since it last read each comment."""
    told: dict[int, list[Label]] = {}
    for label in Label.objects.filter(comment__in=comments).exclude(source=Label.Source.HUMAN).defer("spans"):
        told.setdefault(label.comment_id, []).append(label)
    last = {pk: labels.effective(labels.of_last_reading(said)) for pk, said in told.items()}
    return {(pk, topic): says[Label.Scheme.TOPIC, topic] for pk, says in last.items() for topic in wanted
            if (Label.Scheme.TOPIC, topic) in says}  # fmt: skip


def _pairs(comments: Iterable[int], wanted: list[int]) -> set[tuple[int, int]]:
    return set(
        CommentTopic.objects.filter(comment__in=comments, topic__in=wanted).values_list("comment_id", "topic_id")
    )


def _names(job: Job) -> str:
    language = get_language() or ""
    return ", ".join(in_language(names, language) or names[""] for names in job.params["names"][:5]) + (
        "…" if len(job.params["names"]) > 5 else ""
    )


def _recount_title(job: Job) -> str:
    return _("Counting the topic anew: %s") % _names(job)


def _apply_title(job: Job) -> str:
    return _("Topics applied to the past: %s") % _names(job)


def _recounted(job: Job) -> str:
    return ngettext("%d comment", "%d comments", job.done) % job.done


def _applied(job: Job) -> str:
    count: Any = job.result.get
    return _("Topic found in %(added)d comments more; in %(removed)d no longer.") % {
        "added": count("added", 0), "removed": count("removed", 0),
    }  # fmt: skip


jobs.register(Kind(name=RECOUNT, title=_recount_title, find=_with_topic, step=_recount, told=_recounted))
jobs.register(Kind(name=APPLY, title=_apply_title, find=_read, step=_apply, told=_applied))
