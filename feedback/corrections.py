"""What people say about a comment against the machine: each correction is one more Label, and so is taking it back."""

from dataclasses import dataclass

from django.db import transaction

from feedback import labels, reading
from feedback.models import Comment, Label, Topic
from ground.models import User


class Overtaken(Exception):
    """Somebody else has said something about the same thing since the author looked; nothing was written."""

    def __init__(self, label: Label) -> None:
        super().__init__(f"label {label.pk}")
        self.label = label


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
    said = _said(row, scheme, topic.pk if topic else None)
    _refuse_overtaken(said, author=author, seen=seen)
    counts = labels.strongest(said)
    if counts and counts.source == Label.Source.HUMAN and counts.value == value:
        return None
    label = Label.objects.create(
        comment=row, scheme=scheme, topic=topic, value=value, confidence=1, source=Label.Source.HUMAN, author=author
    )
    labels.bring_up_to_date(row)
    return label


def _said(comment: Comment, scheme: str, topic: int | None) -> list[Label]:
    """Every label about one thing, the oldest first."""
    every = Label.objects.filter(comment=comment).select_related("author", "topic")
    return [label for label in labels.of_last_reading(every) if (label.scheme, label.topic_id) == (scheme, topic)]


def _refuse_overtaken(said: list[Label], *, author: User, seen: int) -> None:
    for label in reversed(said):
        if label.source == Label.Source.HUMAN and label.pk > seen and label.author_id != author.pk:
            raise Overtaken(label)


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
    said = _said(row, last.scheme, last.topic_id)
    _refuse_overtaken(said, author=author, seen=last.pk)
    _take_back(last, before=labels.strongest(label for label in said if label.pk != last.pk), author=author)
    labels.bring_up_to_date(row)
    return Undone(label=last)


def _take_back(last: Label, *, before: Label | None, author: User) -> None:
    Label.objects.create(
        comment_id=last.comment_id, scheme=last.scheme, topic=last.topic, takes_back=last, source=Label.Source.HUMAN,
        author=author, value=before.value if before else "", confidence=before.confidence if before else 0,
    )  # fmt: skip
