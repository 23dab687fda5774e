"""Going through a comment's labels: a person's word on all of them at once, confirmed or corrected, and taken back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from feedback import corrections, lanes
from feedback.corrections import Word
from feedback.models import Check, Comment, Label, Topic
from feedback.models.comments import COMPARED, UNCHECKED, is_short
from ground import access
from ground.access import Scope
from ground.models import Role, User

Scheme, State = Label.Scheme, Check.State
MOST_SAME = 100
RATED = 10


class ReadAnew(Exception):
    """The machine has read the text again since the person looked, or is about to: it may be another text."""


@dataclass(frozen=True)
class Verdict:
    """What a person says of a whole comment: its tone, whether it suggests something, and topics that are there or
    are not. Of topics that are not named nothing is said."""

    tone: str
    constructive: bool
    topics: dict[Topic, bool] = field(default_factory=dict)

    def words(self) -> list[Word]:
        """The same as single statements. Raises ValueError on an unknown tone."""
        return [
            Word(Scheme.TONE, Comment.Tone(self.tone).value),
            Word(Scheme.CONSTRUCTIVE, _yes(self.constructive)),
            *(Word(Scheme.TOPIC, _yes(there), topic) for topic, there in self.topics.items()),
        ]


def _yes(there: bool) -> str:
    return "yes" if there else "no"


@transaction.atomic
def check(comment: Comment, verdict: Verdict, *, by: User, seen: int) -> Check:
    """Store what a person says of all labels of a comment; where they agree, that they do.

    `seen` is the key of the newest label that they saw. Raises ValueError on an unknown tone, Overtaken when somebody
    has said something else since, and ReadAnew.
    """
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if row.classified_at is None or row.labels.filter(scheme=Scheme.LANGUAGE, pk__gt=seen).exists():
        raise ReadAnew
    added = corrections.state_each([row], verdict.words(), author=by, seen=seen)[row.pk]
    given = Check.objects.filter(comment=row, user=by, state=State.GIVEN).first()
    mark = given or Check(comment=row, user=by, lane=Check.Lane.DIRECT, until=timezone.now())
    return _checked([mark], {row.pk: added})[0]


def _checked(marks: Sequence[Check], added: dict[int, list[Label]]) -> list[Check]:
    """Note who has checked what just now, and by which labels."""
    now = timezone.now()
    for mark in marks:
        mark.state, mark.done_at = State.CHECKED, now
        mark.labels = [label.pk for label in added[mark.comment_id]]
        mark.save()
    Comment.objects.filter(pk__in=added).update(checked_at=now, checked_by=marks[0].user if marks else None)
    return list(marks)


@transaction.atomic
def skip(comment: Comment, *, by: User) -> None:
    """Leave the comment to others; this person is not given it again for a day."""
    until = timezone.now() + lanes.AWAY
    given = Check.objects.filter(comment=comment, user=by, state=State.GIVEN)
    if not given.update(state=State.SKIPPED, until=until):
        Check.objects.create(comment=comment, user=by, lane=Check.Lane.DIRECT, state=State.SKIPPED, until=until)


def same(comment: Comment, scope: Scope) -> QuerySet[Comment]:
    """The unchecked comments that say the same in the same words, in any form, and that nobody has spoken on.

    The random sample is not among them: what is checked there has to be chosen by chance alone.
    """
    if not 0 < len(comment.lemmas) <= COMPARED:
        return Comment.objects.none()
    others = Comment.objects.filter(
        UNCHECKED, is_short(), scope.rows(least=Role.MANAGER), lemmas=comment.lemmas, is_sample=False
    ).exclude(pk=comment.pk)  # fmt: skip
    return others.exclude(labels__source=Label.Source.HUMAN).order_by("pk")


@transaction.atomic
def apply_to_same(first: Check) -> list[Check]:
    """Say of the other comments with the same words what was said of this one, up to a hundred of them."""
    scope = access.scope_of(first.user)
    keys = list(same(first.comment, scope).values_list("pk", flat=True)[:MOST_SAME])
    rows = list(Comment.objects.select_for_update(of=("self",)).filter(UNCHECKED, pk__in=keys).order_by("pk"))
    words = [
        Word(label.scheme, label.value, label.topic)
        for label in corrections.counting(first.comment).values()
        if label.source == Label.Source.HUMAN
    ]
    seen = Label.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    added = corrections.state_each(rows, words, author=first.user, seen=seen) if rows else {}
    Check.objects.filter(comment__in=added, state=State.GIVEN).delete()
    copies = [
        Check(comment_id=key, user=first.user, lane=Check.Lane.SAME, until=timezone.now(), origin=first)
        for key in added
    ]  # fmt: skip
    return _checked(copies, added)


def last(by: User) -> Check | None:
    """What this person checked last."""
    return Check.objects.filter(user=by, state=State.CHECKED).order_by("-done_at", "origin", "pk").first()


@transaction.atomic
def undo(*, by: User) -> Check | None:
    """Take back what this person checked last, with all comments when it was said of many; None without any.

    What somebody has said since stays.
    """
    newest = last(by)
    if newest is None:
        return None
    group = Check.objects.filter(user=by, state=State.CHECKED, done_at=newest.done_at)
    marks = list(group.filter(origin=newest.origin) if newest.origin else group.filter(pk=newest.pk))
    managed = access.scope_of(by).rows(least=Role.MANAGER)
    keys = [mark.comment_id for mark in marks]
    rows = list(Comment.objects.select_for_update(of=("self",)).filter(managed, pk__in=keys).order_by("pk"))
    stated: dict[tuple[str, int | None], list[Label]] = {}
    for label in Label.objects.filter(pk__in=[key for mark in marks for key in mark.labels], comment__in=rows):
        stated.setdefault((label.scheme, label.topic_id), []).append(label)
    for labels in stated.values():
        corrections.take_back_all(labels, rows, author=by)
    Comment.objects.filter(pk__in=[row.pk for row in rows], checked_by=by).update(checked_at=None, checked_by=None)
    Check.objects.filter(pk__in=[mark.pk for mark in marks]).update(state=State.TAKEN_BACK, until=timezone.now())
    return newest


@dataclass(frozen=True)
class Pace:
    """How many comments a person has checked today, and how many a minute just now (None when that is not known)."""

    today: int
    a_minute: float | None


def pace(person: User) -> Pace:
    """The person's day begins on the clock that is set."""
    began = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    own = Check.objects.filter(user=person, given_at__gte=began, state=State.CHECKED).exclude(lane=Check.Lane.SAME)
    times = list(own.order_by("-done_at").values_list("done_at", flat=True)[:1000])
    return Pace(today=len(times), a_minute=_a_minute(times[:RATED]))


def _a_minute(times: Sequence[dt.datetime | None]) -> float | None:
    """The rate of the last few, unless they are old or too few to tell."""
    known = [at for at in times if at and timezone.now() - at < lanes.LEASE]
    if len(known) < 3 or known[0] == known[-1]:
        return None
    return (len(known) - 1) * 60 / (known[0] - known[-1]).total_seconds()
