"""A comment's text cut at its evidence, so that a template can mark the words without trusting them as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedback import erased
from feedback.admin.told import Told
from feedback.masking import GONE, HIDDEN
from feedback.models import Comment, Label
from ground import personal

BOX = "pii"
BEYOND = 100  # a number at the cut is told by what follows it
MARKS = {"tone+": "pos", "tone-": "neg", "constructive": "con", "hit": "hit"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text under the same marks; `marks` is the value of a class attribute, empty for plain text.

    Under the mark `BOX` the text is a word of ours that stands for what it hides.
    """

    text: str
    marks: str = ""

    @property
    def is_box(self) -> bool:
        return self.marks == BOX


def segments(
    text: str, spans: Iterable[tuple[int, int, str]], *, begin: int = 0, limit: int | None = None, bare: bool = False
) -> list[Segment]:
    """The text from `begin` on as runs; spans are (start, end, kind) and may overlap or lie outside.

    Above `limit` characters the text is cut at a word and ends in an ellipsis. Personal data stands as a word for it,
    whatever the spans say, unless it is shown `bare`.
    """
    if text in erased.TEXTS:
        return [Segment(text=str(GONE), marks=BOX)]
    seen = len(text) if limit is None else begin + limit + BEYOND
    hidden = [] if bare else personal.find(text[:seen])
    begin = next((span.start for span in hidden if span.start < begin < span.end), begin)
    end = _cut(text, begin, limit)
    inside = [(max(begin, start), min(stop, end), mark(kind)) for start, stop, kind in spans]
    inside = [span for span in inside if span[0] < span[1] and span[2]]
    runs, at = [], begin
    for span in hidden:
        if begin <= span.start < end:
            runs += [*_runs(text, at, span.start, inside), Segment(text=str(HIDDEN[span.kind]), marks=BOX)]
            at = min(span.end, end)
    runs += _runs(text, at, end, inside)
    return [*runs, Segment(text="…")] if end < len(text) else runs


def _runs(text: str, begin: int, end: int, inside: Sequence[tuple[int, int, str]]) -> list[Segment]:
    """What stands between two places, cut wherever a mark begins or ends."""
    places = {edge for start, stop, _mark in inside for edge in (start, stop) if begin < edge < end}
    edges = sorted({begin, end, *places})
    return [
        Segment(
            text=text[start:stop],
            marks=" ".join(sorted({name for first, last, name in inside if first <= start and stop <= last})),
        )
        for start, stop in zip(edges, edges[1:], strict=False)
    ]


def _cut(text: str, begin: int, limit: int | None) -> int:
    if limit is None or len(text) - begin <= limit:
        return len(text)
    space = text.rfind(" ", begin + limit // 2, begin + limit)
    return space if space > 0 else begin + limit


def mark(kind: str) -> str:
    """The class of a kind of evidence; topics are underlined, tone and suggestions tinted."""
    return "tpc" if kind.startswith("topic") else MARKS.get(kind, "")


def evidence(comment: Comment, told: Told) -> list[tuple[int, int, str]]:
    """The spans of the labels that hold; none while the text waits for its reading, since they tell of an older one."""
    if comment.classified_at is None:
        return []
    topics = {topic.pk for topic in told.topics}
    return [
        (span[0], span[1], span[2])
        for (scheme, topic), label in told.holding.items()
        if scheme != Label.Scheme.TOPIC or topic in topics
        for span in label.spans
    ]
