"""A comment's text cut at its evidence, so that a template can mark the words without trusting them as HTML."""

from collections.abc import Iterable
from dataclasses import dataclass

from feedback import labels
from feedback.models import Comment, Label

MARKS = {"tone+": "pos", "tone-": "neg", "constructive": "con", "hit": "hit"}


@dataclass(frozen=True)
class Segment:
    """A run of text under the same marks; `marks` is the value of a class attribute, empty for plain text."""

    text: str
    marks: str = ""


def segments(text: str, spans: Iterable[tuple[int, int, str]], *, limit: int | None = None) -> list[Segment]:
    """The text as runs; spans are (start, end, kind) and may overlap or lie outside.

    Above `limit` characters the text is cut at a word and ends in an ellipsis.
    """
    end = _cut(text, limit)
    inside = [(max(0, start), min(stop, end), mark(kind)) for start, stop, kind in spans]
    inside = [span for span in inside if span[0] < span[1] and span[2]]
    edges = sorted({0, end, *(edge for start, stop, _mark in inside for edge in (start, stop))})
    runs = []
    for start, stop in zip(edges, edges[1:], strict=False):
        marks = {name for first, last, name in inside if first <= start and stop <= last}
        runs.append(Segment(text=text[start:stop], marks=" ".join(sorted(marks))))
    return [*runs, Segment(text="…")] if end < len(text) else runs


def _cut(text: str, limit: int | None) -> int:
    if limit is None or len(text) <= limit:
        return len(text)
    space = text.rfind(" ", limit // 2, limit)
    return space if space > 0 else limit


def mark(kind: str) -> str:
    """The class of a kind of evidence; topics are underlined, tone and suggestions tinted."""
    return "tpc" if kind.startswith("topic") else MARKS.get(kind, "")


def evidence(comment: Comment) -> list[tuple[int, int, str]]:
    """The spans of the labels that hold; none while the text waits for its reading, since they tell of an older one."""
    if comment.classified_at is None:
        return []
    topics = {row.topic_id for row in comment.topics.all()}
    return [
        (span[0], span[1], span[2])
        for label in labels.effective(comment.labels.all()).values()
        if label.scheme != Label.Scheme.TOPIC or label.topic_id in topics
        for span in label.spans
    ]
