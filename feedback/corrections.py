"""What people say about a comment against the machine: each correction is one more Label, and so is taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from feedback import labels, reading, topics
from feedback.models import Comment, Label, Topic
from ground.models import User


class Overtaken(Exception):
    """Somebody else has said something about the same thing since the author looked; nothing was written."""

    def __init__(self, label: Label) -> None:
        super().__init__(f"label {label.pk}")
        self.label = label


@dataclass(frozen=True)
class Word:
    """What somebody says: the value of a scheme, and of which topic when the scheme is that."""

    scheme: str
    value: str
    topic: Topic | None = None

    @property
    def topic_id(self) -> int | None:
        return self.topic.pk if self.topic else None


@dataclass(frozen=True)
class Came:
    """What a word about many comments came to, by comment: the labels that were added, and the words of others since.

    The comments in neither had the same said about them by a person before.
    """

    labels: dict[int, Label]
    overtaken: dict[int, Label]


@dataclass(frozen=True)
class Undone:
    """What was taken back: a label, or (None) that the comment is done."""

    label: Label | None


def correct_tone(comment: Comment, tone: str, *, author: User, seen: int) -> Label | None:
    """State the tone. `seen` is the primary key of the newest label that the author saw.

    Returns None when a person's word says the same already. Raises ValueError on an unknown tone, and Overtaken.
    """
    return _state(comment, Label.Scheme.TONE, Comment.Tone(tone).value, author=author, seen=seen)


def set_constructive(comment: Comment, yes: bool, *, author: User, seen: int) -> Label | None:
    """State whether the text suggests something; returns and raises as `correct_tone`."""
    return _state(comment, Label.Scheme.CONSTRUCTIVE, "yes" if yes else "no", author=author, seen=seen)


def set_topic(comment: Comment, topic: Topic, yes: bool, *, author: User, seen: int) -> Label | None:
    """State whether the text is about the topic; returns and raises as `correct_tone`."""
    return _state(comment, Label.Scheme.TOPIC, "yes" if yes else "no", author=author, seen=seen, topic=topic)


@transaction.atomic
def _state(
    comment: Comment, scheme: Label.Scheme, value: str, *, author: User, seen: int, topic: Topic | None = None
) -> Label | None:
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    came = state_all([row], Word(scheme, value, topic), author=author, seen=seen)
    if row.pk in came.overtaken:
        raise Overtaken(came.overtaken[row.pk])
    return came.labels.get(row.pk)


def state_all(comments: Sequence[Comment], word: Word, *, author: User, seen: int) -> Came:
    """Say one thing about many comments, which the caller has locked, in a fixed number of statements.

    Where somebody else has spoken on the matter after the label `seen`, nothing is written.
    """
    came = _weighed([comment.pk for comment in comments], word, author=author, seen=seen)
    Label.objects.bulk_create(came.labels.values())
    labels.bring_up_to_date(*(comment for comment in comments if comment.pk in came.labels))
    return came


def state_each(
    comments: Sequence[Comment], words: Sequence[Word], *, author: User, seen: int
) -> dict[int, list[Label]]:
    """Say several things about each of these comments, which the caller has locked; returns what was added, by comment.

    A comment of which somebody else has said something different since `seen` is left alone altogether. Raises
    Overtaken when that is the only one.
    """
    keys = [comment.pk for comment in comments]
    told = [_weighed(keys, word, author=author, seen=seen) for word in words]
    overtaken = {
        pk: label
        for word, came in zip(words, told, strict=True)
        for pk, label in came.overtaken.items()
        if label.value != word.value
    }
    if len(keys) == 1 and overtaken:
        raise Overtaken(overtaken[keys[0]])
    free = [comment for comment in comments if comment.pk not in overtaken]
    fresh = {comment.pk: [came.labels[comment.pk] for came in told if comment.pk in came.labels] for comment in free}
    Label.objects.bulk_create([label for added in fresh.values() for label in added])
    labels.bring_up_to_date(*(comment for comment in free if fresh[comment.pk]))
    return fresh


def counting(comment: Comment) -> dict[tuple[str, int | None], Label]:
    """The label that counts for each scheme, and for each topic, of the last reading."""
    return labels.effective(labels.of_last_reading(comment.labels.defer("spans").select_related("topic")))


def _weighed(comments: Sequence[int], word: Word, *, author: User, seen: int) -> Came:
    """The unsaved labels by which one thing is said about these comments, and who has spoken on it since."""
    fresh: dict[int, Label] = {}
    overtaken: dict[int, Label] = {}
    for pk, said in _said(comments, word.scheme, word.topic_id).items():
        counts = labels.strongest(said)
        if since := _spoken_since(said, author=author, seen=seen):
            overtaken[pk] = since
        elif not (counts and counts.source == Label.Source.HUMAN and counts.value == word.value):
            fresh[pk] = Label(
                comment_id=pk, scheme=word.scheme, topic=word.topic, value=word.value, confidence=1,
                source=Label.Source.HUMAN, author=author,
            )  # fmt: skip
    return Came(labels=fresh, overtaken=overtaken)


def _said(comments: Sequence[int], scheme: str, topic: int | None) -> dict[int, list[Label]]:
    """Every label about one thing by comment, the oldest first; comments without any have an empty list.

    Of the topics that were merged into this one only what says yes is about it.
    """
    every: dict[int, list[Label]] = {pk: [] for pk in comments}
    merged = topics.tree().absorbed(topic) if topic else set()
    wanted = Q(scheme=scheme, topic=topic) | Q(scheme=scheme, topic__in=merged) | Q(scheme=Label.Scheme.LANGUAGE)
    # Labels of the language begin each reading.
    for label in Label.objects.filter(wanted, comment__in=every).defer("spans"):
        every[label.comment_id].append(label)

    def is_about_it(label: Label) -> bool:
        passed_on = label.topic_id in merged and (label.value == "yes" or label.takes_back_id is not None)
        return label.scheme == scheme and (label.topic_id == topic or passed_on)

    return {pk: list(filter(is_about_it, labels.of_last_reading(told))) for pk, told in every.items()}


def _spoken_since(said: list[Label], *, author: User, seen: int) -> Label | None:
    """The last word of another person after the label `seen`."""
    others = (label for label in reversed(said) if label.source == Label.Source.HUMAN and label.author_id != author.pk)
    return next((label for label in others if label.pk > seen), None)


@transaction.atomic
def undo(comment: Comment, *, author: User) -> Undone | None:
    """Take back the author's last act on this comment: a label, by adding what counted before it, or that it is done.

    Returns None when there is nothing to take back. Raises Overtaken when somebody has spoken on the matter since.
    """
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    own = Label.objects.filter(comment=row, author=author, source=Label.Source.HUMAN, takes_back=None)
    last = own.filter(taken_back_by=None).select_related("topic", "author").order_by("-pk").first()
    if row.done_at and row.done_by_id == author.pk and (last is None or last.created_at <= row.done_at):
        reading.reopen(row)
        return Undone(label=None)
    if last is None:
        return None
    said = _said([row.pk], last.scheme, last.topic_id)[row.pk]
    if since := _spoken_since(said, author=author, seen=last.pk):
        raise Overtaken(since)
    _taking_back(last, said, author=author).save()
    labels.bring_up_to_date(row)
    return Undone(label=last)


def take_back_all(stated: Sequence[Label], comments: Sequence[Comment], *, author: User) -> set[int]:
    """Take back one word about many comments, which the caller has locked, wherever it still counts.

    `stated` are the labels that said it. Returns the primary keys of the comments that changed.
    """
    if not stated:
        return set()
    said = _said([comment.pk for comment in comments], stated[0].scheme, stated[0].topic_id)
    standing = {pk: counts.pk for pk, told in said.items() if (counts := labels.strongest(told))}
    fresh = {
        label.comment_id: _taking_back(label, said[label.comment_id], author=author)
        for label in stated
        if standing.get(label.comment_id) == label.pk
    }
    Label.objects.bulk_create(fresh.values())
    labels.bring_up_to_date(*(comment for comment in comments if comment.pk in fresh))
    return set(fresh)


def _taking_back(last: Label, said: list[Label], *, author: User) -> Label:
    before = labels.strongest(label for label in said if label.pk != last.pk)
    return Label(
        comment_id=last.comment_id, scheme=last.scheme, topic_id=last.topic_id, takes_back=last, author=author,
        source=Label.Source.HUMAN, value=before.value if before else "", confidence=before.confidence if before else 0,
    )  # fmt: skip
