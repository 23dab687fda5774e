"""Cues one by one: what is wrong with a line and where each stands in a text; topics without the rest of a reading."""

from collections.abc import Sequence
from typing import NamedTuple

from feedback.understanding import entities, language, prior, student, topics, words
from feedback.understanding.learned import Lessons
from feedback.understanding.ngrams import pieces
from feedback.understanding.verdicts import Reading, TopicRule, TopicVerdict, Verdict
from feedback.understanding.words import Token

LONGEST_CUE, MOST_WORDS, MOST_CUES = 80, 6, 300
SHORT, ENTITY, EMPTY, LONG = "short", "entity", "empty", "long"


class Hit(NamedTuple):
    """A cue found in a text: the places of its lines, what it weighs, and the words it was found in."""

    lines: tuple[int, ...]
    weight: float
    spans: tuple[tuple[int, int], ...]


class Opened(NamedTuple):
    """A text as topics are looked for in it: its language and its words; none of those when it is not read."""

    language: Verdict
    found: Sequence[Token]


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


def opened(text: str) -> Opened:
    """The words of a text."""
    spoken = language.detect(text)
    return Opened(spoken.verdict, words.tokens(text, translit=spoken.translit) if spoken.readable else ())


def read_topics(
    texts: Sequence[str], *, rules: Sequence[TopicRule], lessons: Lessons | None = None
) -> list[tuple[TopicVerdict, ...]]:
    """The topics of each text, as `read` finds them by these rules and lessons, at a fraction of its cost."""
    matcher = topics.compile_rules(tuple(rules))
    return [_topics(opened(text), rules, matcher, lessons) for text in texts]


def _topics(
    text: Opened, rules: Sequence[TopicRule], matcher: topics.Matcher, lessons: Lessons | None
) -> tuple[TopicVerdict, ...]:
    told = words.telling(text.found)
    cued = topics.weigh(told, entities.durations(told), matcher)
    about, hints = cued.verdicts, cued.hints
    model = student.load()
    as_shipped = prior.shipped(rules)
    if model is not None and as_shipped and any(each.kind == "word" for each in text.found):
        seen = pieces(text.found)
        said = model.read([seen])
        about, hints = prior.weighed(cued, as_shipped, prior.by_words(said)[0], said[0], seen, text.found)
    if lessons is None or not text.found:
        return about
    bare = Reading(text.language, Verdict("", 0.0), 0.0, Verdict("no", 0.0), about, None, "", hints=hints)
    return lessons.applied(text.found, bare).topics


class Lines:
    """Cues of one topic, each with its lines: two that mean the same are found together, and weigh once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.matcher = topics.compile_rules((TopicRule("", tuple(lines)),))
        self.places: dict[tuple[frozenset[str], ...], tuple[int, ...]] = {}
        for place, line in enumerate(lines):
            words_of_it = topics.read_cue(line)[1]
            self.places[words_of_it] = (*self.places.get(words_of_it, ()), place)

    def hits(self, found: Sequence[Token]) -> list[Hit]:
        """Each cue that these words hold."""
        told = words.telling(found)
        return [
            Hit(self.places[cue.words], cue.weight, tuple((told[at].start, told[at].end) for at in positions))
            for cue, positions in self.matcher.find(told, entities.durations(told))
        ]


def fires(hits: Sequence[Hit]) -> bool:
    """Whether cues that were found make the topic."""
    return sum(hit.weight for hit in hits) >= topics.FIRES
