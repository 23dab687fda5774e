"""Cues one by one: what is wrong with a line and where each stands in a text; topics without the rest of a reading."""

from collections.abc import Sequence
from typing import NamedTuple

from feedback.understanding import language, topics, words
from feedback.understanding.verdicts import TopicRule, TopicVerdict
from feedback.understanding.words import Token

LONGEST_CUE, MOST_WORDS, MOST_CUES = 80, 6, 300
SHORT, ENTITY, EMPTY, LONG = "short", "entity", "empty", "long"


class Hit(NamedTuple):
    """A cue found in a text: its place among the lines, what it weighs, and the words it was found in."""

    line: int
    weight: float
    spans: tuple[tuple[int, int], ...]


def fault(line: str) -> str:
    """Why a line can be no cue: its beginning is too short, its entity unknown, it has no word, or it is too long."""
    body = line.strip().lstrip("-? ")
    parts = body.split()
    if len(line) > LONGEST_CUE or len(parts) > MOST_WORDS:
        return LONG
    if any(("{" in part or "}" in part) and part not in topics.ENTITIES for part in parts):
        return ENTITY
    if any(part.endswith("*") and not topics.cue_words(part) for part in parts):
        return SHORT
    return "" if topics.cue_words(body) else EMPTY


def read_tokens(text: str) -> Sequence[Token]:
    """The words of a text as topics are looked for in them; none when its language is not read."""
    spoken = language.detect(text)
    return words.tokens(text, translit=spoken.translit) if spoken.readable else ()


def read_topics(texts: Sequence[str], *, rules: Sequence[TopicRule]) -> list[tuple[TopicVerdict, ...]]:
    """The topics of each text by these rules, as `read` finds them, at a fraction of its cost."""
    matcher = topics.compile_rules(tuple(rules))
    return [topics.read(read_tokens(text), matcher) for text in texts]


class Lines:
    """Cues of one topic, each with its line."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.matcher = topics.compile_rules((TopicRule("", tuple(lines)),))
        # Of lines that mean the same the last one counts, as the matcher has it.
        self.places = {topics.read_cue(line)[1]: place for place, line in enumerate(lines)}

    def hits(self, found: Sequence[Token]) -> list[Hit]:
        """Each cue that these words hold."""
        told = [token for token in found if token.kind in ("word", "number", "sign")]
        return [
            Hit(self.places[cue.words], cue.weight, tuple((told[at].start, told[at].end) for at in positions))
            for cue, positions in self.matcher.find(told)
        ]


def fires(hits: Sequence[Hit]) -> bool:
    """Whether cues that were found make the topic."""
    return sum(hit.weight for hit in hits) >= topics.FIRES
