"""Statements about comments: how a reading becomes Label rows, and which of them count.

Labels are only ever added. What counts for a scheme is the newest label of the strongest source: a person's, then a
rule's, then a model's; a statement that was taken back and the one that took it back count for nothing. Comment and
CommentTopic repeat what counts, for lists and sums.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from feedback import search
from feedback.models import Comment, CommentTopic, Label
from feedback.topics import Taxonomy, Tree, tree
from feedback.understanding import CHECK, Reading, SecondOpinion, Verdict
from ground import bulk
from ground.models import Change

# A change of these may make a comment speak for an idea, or for none.
ASKS = frozenset(("constructive", "constructive_confidence"))
STRENGTH: dict[str, int] = {Label.Source.HUMAN: 2, Label.Source.RULE: 1, Label.Source.MODEL: 0}

LONGEST, END = 64, 24  # what the column of the version holds, and how much of that a longer one's end gets


def of_reading(comment: Comment, reading: Reading, *, topics: Taxonomy) -> list[Label]:
    """Unsaved labels that say what the machine read."""
    other = reading.second_opinion
    labels = [
        _label(comment, Label.Scheme.LANGUAGE, reading.language),
        # Before the tone: of labels of the same strength the later one counts.
        *([_opinion(comment, other)] if other else []),
        _label(comment, Label.Scheme.TONE, reading.tone, polarity=reading.polarity),
        _label(comment, Label.Scheme.CONSTRUCTIVE, reading.constructive),
    ]
    for verdict in reading.topics:
        key = topics.key(verdict.code, comment)
        if key is not None and verdict.confidence >= CHECK:
            labels.append(of_topic(comment, key, verdict))
    return labels


def _opinion(comment: Comment, other: SecondOpinion) -> Label:
    """What another reader says of the tone."""
    label = _label(comment, Label.Scheme.TONE, other, polarity=other.polarity)
    label.subjectivity = other.subjectivity
    return label


def of_topic(comment: Comment, topic: int, verdict: Verdict, *, value: str = "yes") -> Label:
    """An unsaved label by which the machine says that the comment is about the topic, or not."""
    label = _label(comment, Label.Scheme.TOPIC, verdict)
    label.topic_id, label.value = topic, value
    return label


def _label(comment: Comment, scheme: str, verdict: Verdict, *, polarity: float | None = None) -> Label:
    source, _at, version = verdict.source.partition("@")
    return Label(
        comment=comment,
        scheme=scheme,
        value=verdict.value,
        confidence=verdict.confidence,
        polarity=polarity,
        source=Label.Source.RULE if source == "rule" else Label.Source.MODEL,
        version=_short(verdict.source if source != "rule" else version),
        spans=[[span.start, span.end, span.kind] for span in verdict.spans],
    )


def _short(version: str) -> str:
    """What the column holds: the parts that read come first, what was learned here last, so the middle is let go."""
    return version if len(version) <= LONGEST else f"{version[: LONGEST - END - 1]}…{version[-END:]}"


def strongest(labels: Iterable[Label]) -> Label | None:
    """The label that counts among those of one scheme (and topic): strongest source first, then the newest.

    Whatever part of the machine speaks of a topic, its newest word outweighs the older ones.
    """
    every = list(labels)
    gone = {label.takes_back_id for label in every}
    standing = [label for label in every if label.takes_back_id is None and (label.pk is None or label.pk not in gone)]
    return _outweighing(standing) if standing else None


def _outweighing(labels: list[Label]) -> Label:
    """The heaviest; of those not stored yet, the last is the newest."""
    return max(reversed(labels), key=_weight)


def _weight(label: Label) -> tuple[int, int]:
    is_of_topic, is_human = label.scheme == Label.Scheme.TOPIC, label.source == Label.Source.HUMAN
    return STRENGTH[label.source] if is_human or not is_of_topic else 0, label.pk or 0


def effective(labels: Iterable[Label]) -> dict[tuple[str, int | None], Label]:
    """The label that counts for each scheme, and for each topic."""
    groups: dict[tuple[str, int | None], list[Label]] = {}
    for label in labels:
        groups.setdefault((label.scheme, label.topic_id), []).append(label)
    return {key: best for key, group in groups.items() if (best := strongest(group))}


def of_topics(labels: Iterable[Label], tree: Tree) -> dict[int, Label]:
    """The label that counts for each topic, when some count for others: of those only what says yes is passed on."""
    found: dict[int, list[Label]] = {}
    for (_scheme, topic), label in effective(labels).items():
        if topic is not None:
            for other in tree.counts_for(topic):
                if other == topic or label.value == "yes":
                    found.setdefault(other, []).append(label)
    return {topic: _outweighing(group) for topic, group in found.items()}


@dataclass(frozen=True)
class Prepared:
    """What a reading of one comment will write, unless a person has labelled the comment meanwhile."""

    reading: Reading
    machine: list[Label]
    rows: list[list[Any]]
    text: str
    columns: dict[str, Any]


# Of a comment, what its labels depend on beside its text.
DECIDING = ("team_id", "survey_id", "constructive")


def prepare(comments: dict[int, Comment], readings: dict[int, Reading], *, topics: Taxonomy) -> dict[int, Prepared]:
    """Most of the work of storing readings: all that can be done before the write lock is taken."""
    found, kept = {}, _of_archived(comments, topics)
    for pk, reading in readings.items():
        machine = of_reading(comments[pk], reading, topics=topics) + kept.get(pk, [])
        text = search.text(reading.lemmas)
        columns = _repeated(comments[pk], machine, reading, text=text)
        found[pk] = Prepared(reading, machine, bulk.values(Label, map(vars, machine)), text, columns)
    return found


def _of_archived(comments: dict[int, Comment], topics: Taxonomy) -> dict[int, list[Label]]:
    """What the machine said of archived topics when it last read these comments, to be said again: they keep it."""
    if not topics.archived:
        return {}
    about = [Label.Scheme.LANGUAGE, Label.Scheme.TOPIC]  # labels of the language begin each reading
    told: dict[int, list[Label]] = {}
    machine = Label.objects.filter(comment__in=list(comments), scheme__in=about).exclude(source=Label.Source.HUMAN)
    for label in machine:
        told.setdefault(label.comment_id, []).append(label)
    return {
        pk: [
            _again(label, comments[pk])
            for (_scheme, topic), label in effective(of_last_reading(said)).items()
            if topic in topics.archived and label.value == "yes"
        ]
        for pk, said in told.items()
    }


def _again(label: Label, comment: Comment) -> Label:
    """The same statement once more, unsaved; words that an edit has taken away do not prove it."""
    spans = [span for span in label.spans if span[1] <= len(comment.text)]
    names = ("scheme", "topic_id", "value", "confidence", "source", "version")
    return Label(comment=comment, spans=spans, **{name: getattr(label, name) for name in names})


def store(comments: dict[int, Comment], prepared: dict[int, Prepared]) -> None:
    """Add the labels of these readings and bring what counts up to date; call inside a transaction.

    The comments are those that were prepared for, and nothing of DECIDING has changed since. What a person said about
    a comment stays what counts.
    """
    bulk.insert_values(Label, (row for own in prepared.values() for row in own.rows))
    by_people: dict[int, list[Label]] = {}
    for label in Label.objects.filter(comment__in=list(prepared), source=Label.Source.HUMAN):
        by_people.setdefault(label.comment_id, []).append(label)
    columns, new_topics, whole = {}, [], tree()
    for pk, own in prepared.items():
        labels = own.machine + by_people.get(pk, [])
        columns[pk] = _repeated(comments[pk], labels, own.reading, text=own.text) if pk in by_people else own.columns
        new_topics += _topics(comments[pk], labels, whole)
    bulk.update_each(Comment, columns)
    _replace_topics(new_topics, of=list(prepared))
    search.remember({pk: own.text for pk, own in prepared.items()})
    Change.mark("comment", *{comments[pk].said_at for pk in prepared})


def bring_up_to_date(*comments: Comment) -> None:
    """Make the columns and topics of comments, read under a lock, repeat their stored labels; call in a transaction.

    Comments that change alike share one statement.
    """
    said: dict[int, list[Label]] = {comment.pk: [] for comment in comments}
    for label in Label.objects.filter(comment__in=said).defer("spans"):
        said[label.comment_id].append(label)
    standing = {pk: of_last_reading(labels) for pk, labels in said.items()}
    alike: dict[tuple[Any, ...], list[int]] = {}
    for comment in comments:
        columns = _counting(standing[comment.pk], polarity=_read_polarity(standing[comment.pk]))
        changed = tuple((name, value) for name, value in columns.items() if getattr(comment, name) != value)
        alike.setdefault(changed, []).append(comment.pk)
    for changed, ids in alike.items():
        if changed:
            asks = {"waits_for_idea": True} if ASKS & dict(changed).keys() else {}
            Comment.objects.filter(pk__in=ids).update(**dict(changed), **asks)
    whole = tree()
    _replace_topics(
        [row for comment in comments for row in _topics(comment, standing[comment.pk], whole)], of=list(said)
    )
    Change.mark("comment", *(comment.said_at for comment in comments))


def _read_polarity(labels: list[Label]) -> float:
    read = strongest(
        label for label in labels if label.scheme == Label.Scheme.TONE and label.source != Label.Source.HUMAN
    )
    return read.polarity if read and read.polarity is not None else 0.0


def _replace_topics(rows: list[CommentTopic], *, of: list[int]) -> None:
    CommentTopic.objects.filter(comment__in=of).delete()
    bulk.insert_each(CommentTopic, [vars(row) for row in rows])


def of_last_reading(labels: Iterable[Label]) -> list[Label]:
    """Every person's labels, and the machine's since it last named the language, which begins each reading."""
    every = list(labels)
    machine = [label for label in every if label.source != Label.Source.HUMAN]
    began = max((label.pk for label in machine if label.scheme == Label.Scheme.LANGUAGE), default=0)
    return [label for label in every if label.source == Label.Source.HUMAN or label.pk >= began]


def _repeated(comment: Comment, labels: list[Label], reading: Reading, *, text: str) -> dict[str, Any]:
    """The columns of Comment that a reading brings; `text` is what a search looks through."""
    counting = _counting(labels, polarity=reading.polarity)
    return counting | {
        "language": reading.language.value,
        "lemmas": text,
        "classified_at": timezone.now(),
        "waits_for_idea": bool(counting["constructive"] or comment.constructive),
    }


def _counting(labels: list[Label], *, polarity: float) -> dict[str, Any]:
    """The columns of Comment that repeat what counts; `polarity` is the machine's, for a tone that names none."""
    counting = effective(labels)
    tone, asks = counting.get((Label.Scheme.TONE, None)), counting.get((Label.Scheme.CONSTRUCTIVE, None))
    return {
        "tone": tone.value if tone else "",
        "tone_confidence": tone.confidence if tone else 0.0,
        "polarity": tone.polarity if tone and tone.polarity is not None else polarity,
        "constructive": asks.value == "yes" if asks else None,
        "constructive_confidence": asks.confidence if asks else 0.0,
        "is_topicless": not any(topic and label.value == "yes" for (_scheme, topic), label in counting.items()),
    }


def _topics(comment: Comment, labels: list[Label], tree: Tree) -> list[CommentTopic]:
    return [
        CommentTopic(comment=comment, topic_id=topic, confidence=label.confidence)
        for topic, label in of_topics(labels, tree).items()
        if label.value == "yes"
    ]
