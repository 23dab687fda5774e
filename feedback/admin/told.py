"""What a row tells of a comment beside its text: loaded for a whole page at once, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q

from feedback import topics as taxonomy
from feedback.labels import effective, of_last_reading, of_topics
from feedback.models import Comment, CommentTag, CommentTopic, Exclusion, Label, Response, Topic


class Statement(NamedTuple):
    """What `labels.effective` asks of a label, and what it says about the text."""

    pk: int
    comment_id: int
    scheme: str
    topic_id: int | None
    value: str
    source: str
    takes_back_id: int | None
    spans: list[Any]
    author__name: str | None
    author__email: str | None

    @property
    def author(self) -> str:
        """Who said it; "" for the machine."""
        return self.author__name or self.author__email or ""


Labels = dict[tuple[str, int | None], Statement]


class About(NamedTuple):
    """A topic that a comment has, under its name in the reader's language."""

    pk: int
    code: str
    name: str
    confidence: float


@dataclass(slots=True)
class Told:
    """The labels that hold, the topics from the surest on, the tags in their order, and why the row is excluded;
    `labels` are people's and those of the last reading; `seen` is the key of the newest label."""

    holding: Labels = field(default_factory=dict)
    topics: list[About] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    labels: list[Statement] = field(default_factory=list)
    exclusion: Any = ""
    seen: int = 0


def of(rows: Sequence[tuple[Comment | None, Response | None]]) -> list[Told]:
    """What is told of each of these, in their order; five statements however many they are."""
    excluded = _exclusions(rows)
    found = [Told(exclusion=excluded.get(_subject(*row), "")) for row in rows]
    by_comment = {comment.pk: told for (comment, _response), told in zip(rows, found, strict=True) if comment}
    _labels(by_comment)
    _topics(by_comment)
    tags = CommentTag.objects.filter(comment__in=by_comment).order_by("tag__name")
    for comment, name in tags.values_list("comment_id", "tag__name"):
        by_comment[comment].tags.append(name)
    return found


def _subject(comment: Comment | None, response: Response | None) -> tuple[int | None, int | None]:
    """What is excluded with a row: the answer that a text belongs to, else the text itself."""
    return (None, response.pk) if response else (comment and comment.pk, None)


def _exclusions(rows: Sequence[tuple[Comment | None, Response | None]]) -> dict[Any, Any]:
    of_comment = Q(comment__in=[comment.pk for comment, _response in rows if comment])
    of_response = Q(response__in=[response.pk for _comment, response in rows if response])
    holding = Exclusion.objects.filter(of_comment | of_response, lifted_at=None)
    return {
        (comment, response): Exclusion.Reason(reason).label
        for comment, response, reason in holding.values_list("comment_id", "response_id", "reason")
    }


def _labels(by_comment: dict[int, Told]) -> None:
    every: dict[int, list[Statement]] = {}
    for values in Label.objects.filter(comment__in=by_comment).values_list(*Statement._fields):
        label = Statement(*values)
        every.setdefault(label.comment_id, []).append(label)
    for comment, labels in every.items():
        counting = of_last_reading(labels)
        by_comment[comment].holding = effective(counting)
        by_comment[comment].labels = counting
        by_comment[comment].seen = labels[-1].pk


def _topics(by_comment: dict[int, Told]) -> None:
    rows = CommentTopic.objects.filter(comment__in=by_comment).order_by("-confidence", "pk")
    links = list(rows.values_list("comment_id", "topic_id", "confidence"))
    topics = Topic.objects.only("code", "names", "parent", "merged_into").in_bulk() if links else {}
    names, tree = {pk: (pk, topic.code, str(topic)) for pk, topic in topics.items()}, taxonomy.tree_of(topics.values())
    for comment, topic, confidence in links:
        by_comment[comment].topics.append(About(*names[topic], confidence))
    for told in by_comment.values():
        counting = of_topics(told.labels, tree)
        told.holding |= {(Label.Scheme.TOPIC, topic): label for topic, label in counting.items()}
        told.topics = [about for about in told.topics if not _is_implied(about, told, counting)]


def _is_implied(about: About, told: Told, counting: dict[int, Statement]) -> bool:
    """Whether a topic is there only because of one that belongs to it, whose name says more."""
    label = counting.get(about.pk)
    return label is not None and label.topic_id != about.pk and any(label.topic_id == own.pk for own in told.topics)
