"""What managers do to the tree of topics: each act keeps codes and labels, and is written into the audit log."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import topic_work
from feedback.models import Topic
from ground import audit
from ground.models import Job, User
from surveys import codes

Cues = dict[str, list[str]]


class Refused(ValueError):
    """Nothing was done; the message is for people."""


def _locked(*keys: int) -> dict[int, Topic]:
    return {
        topic.pk: topic for topic in Topic.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }


@transaction.atomic
def merge(topic: Topic, into: Topic, *, by: User) -> Job:
    """Let what the topic found, and will be found by its cues, count for another one. Raises Refused.

    Its labels stay as they are, so that `part` brings everything back. The job reaches the comments.
    """
    rows = _locked(topic.pk, into.pk)
    if len(rows) < 2 or any(row.merged_into_id for row in rows.values()) or not rows[into.pk].is_active:
        raise Refused(_("Choose another topic that is in use."))
    if Topic.objects.filter(parent=topic).exists():
        raise Refused(_("Other topics belong to this one: move or merge them first."))
    gone, stays = rows[topic.pk], rows[into.pk]
    gone.brought = {
        language: fresh for language, cues in gone.cues.items()
        if (fresh := [cue for cue in cues if cue not in stays.cues.get(language, ())])
    }  # fmt: skip
    stays.cues = _joined(stays.cues, gone.brought)
    gone.merged_into, gone.is_active = stays, False
    gone.save(update_fields=["brought", "merged_into", "is_active"])
    stays.save(update_fields=["cues"])
    audit.note("topic.merged", by=by, subject=gone, into=stays.code)
    return topic_work.recount(gone, by=by)


@transaction.atomic
def part(topic: Topic, *, by: User) -> Job:
    """Take a merge back: the topic has its labels and cues for itself again. Raises Refused when it was not merged.

    What was found by those cues meanwhile is told apart once both are applied to the past.
    """
    gone = _locked(topic.pk)[topic.pk]
    if gone.merged_into is None:
        raise Refused(_("This topic is not merged into another."))
    into, now = gone.merged_into.code, timezone.now()
    stays = _bereft(gone.merged_into.pk, brought=gone.brought, at=now)
    gone.merged_into, gone.is_active, gone.brought, gone.changed_at = None, True, {}, now
    gone.save(update_fields=["brought", "merged_into", "is_active", "changed_at"])
    audit.note("topic.parted", by=by, subject=gone, into=into)
    return topic_work.recount(stays, by=by)


def _bereft(key: int, *, brought: Cues, at: dt.datetime) -> Topic:
    """Take the cues that a topic brought from the one it was merged into, and from those that this one was merged into
    since; returns the last of them, which the comments count for."""
    row = _locked(key)[key]
    passed_on = {
        language: [cue for cue in lines if cue in brought.get(language, ())] for language, lines in row.brought.items()
    }
    row.cues, row.brought, row.changed_at = _without(row.cues, brought), _without(row.brought, passed_on), at
    row.save(update_fields=["cues", "brought", "changed_at"])
    return _bereft(row.merged_into_id, brought=passed_on, at=at) if row.merged_into_id else row


@transaction.atomic
def split(topic: Topic, *, names: Mapping[str, str], cues: Cues, by: User) -> tuple[Topic, Job]:
    """Make a topic of some of another one's cues; the job reads the past for both. Raises Refused."""
    whole = _locked(topic.pk)[topic.pk]
    chosen = {language: [cue for cue in whole.cues.get(language, []) if cue in cues.get(language, [])]
              for language in cues}  # fmt: skip
    chosen = {language: lines for language, lines in chosen.items() if lines}
    if not chosen:
        raise Refused(_("Choose the cue words that go to the new topic."))
    if not any(names.values()):
        raise Refused(_("The new topic needs a name."))
    now = timezone.now()
    fresh = Topic.objects.create(
        code=code_for(names), names={key: name for key, name in names.items() if name}, cues=chosen,
        parent_id=whole.parent_id, position=whole.position, changed_at=now,
    )  # fmt: skip
    fresh.teams.set(whole.teams.all())
    fresh.surveys.set(whole.surveys.all())
    whole.cues, whole.changed_at = _without(whole.cues, chosen), now
    whole.save(update_fields=["cues", "changed_at"])
    audit.note("topic.split", by=by, subject=whole, into=fresh.code)
    return fresh, topic_work.apply([whole, fresh], by=by)


@transaction.atomic
def archive(topic: Topic, *, by: User) -> None:
    """Find the topic in no comment any more; those that have it keep it. Raises Refused while others count for it."""
    if Topic.objects.filter(parent=topic, is_active=True).exists():
        raise Refused(_("Topics in use belong to this one and count for it: archive or move them first."))
    if Topic.objects.filter(pk=topic.pk, is_active=True).update(is_active=False):
        audit.note("topic.archived", by=by, subject=topic)


@transaction.atomic
def restore(topic: Topic, *, by: User) -> None:
    """Find an archived topic again; comments that came in meanwhile have not been read for it."""
    row = Topic.objects.filter(pk=topic.pk, is_active=False, merged_into=None)
    if row.update(is_active=True, changed_at=timezone.now()):
        audit.note("topic.restored", by=by, subject=topic)


def code_for(names: Mapping[str, str]) -> str:
    """A code that no topic has, made of a name."""
    taken = set(Topic.objects.values_list("code", flat=True))
    return codes.make(names.get("en") or next(filter(None, names.values()), ""), taken=taken, otherwise="topic")


def _joined(cues: Cues, more: Cues) -> Cues:
    return cues | {language: [*cues.get(language, []), *lines] for language, lines in more.items()}


def _without(cues: Cues, gone: Mapping[str, Iterable[str]]) -> Cues:
    left = {language: [cue for cue in lines if cue not in gone.get(language, ())] for language, lines in cues.items()}
    return {language: lines for language, lines in left.items() if lines}
