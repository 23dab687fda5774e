"""Tone of a comment: weighted words and phrases, what surrounds them, waits, marks, and how it all adds up."""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from feedback.understanding import entities, lexicon, marks, scope
from feedback.understanding.constructive import Request
from feedback.understanding.kept import Kept
from feedback.understanding.phrases import CACHED_KEYS, Match, PhraseIndex
from feedback.understanding.verdicts import Span, Verdict
from feedback.understanding.words import Token, Word

BEFORE_BUT = 0.6
AFTER_BUT = 1.3
CONCEDED = 0.7
SHOUTED = 1.2
COURTESY_AMID_BLAME = 0.3
QUOTED_PRAISE = -0.5
ASKED_PRAISE = 0.2
ASKED_BLAME = 0.5
DEMAND = -1.2
NEUTRAL_BAND = 0.15
SMOOTHING = 1.0
MIXED_SHARE = 0.6
MIXED_LEAST = 1.8
CLOSING = 1.5
LONG_STORY = 4
AROUND = 5
PROMPT, PROMPT_MINUTES = 1.6, 60
ASKED_WHY = -0.9
MOCKED = -0.5
LEAST_SHOWN = 0.2

OPENING_QUOTES = '«"“„'
CLOSING_QUOTES = '»"”“'


class Hit(NamedTuple):
    """Evidence over words `first`..`last` (-1 for wordless marks) and characters `start`..`end`; weight signed."""

    first: int
    last: int
    start: int
    end: int
    weight: float


class Tone(NamedTuple):
    """The verdict and the polarity in [-1, 1]."""

    verdict: Verdict
    polarity: float


@lru_cache(maxsize=4)
def index(language: str) -> PhraseIndex:
    """The tone phrases of one language."""
    return PhraseIndex(lexicon.weights(f"tone_{language}"))


def matches(words: Sequence[Token]) -> list[Match]:
    """Tone phrases of both languages; each looks only at the words of its own alphabet."""
    languages = {token.word.language for token in words}
    found: list[Match] = []
    for language in ("ru", "en"):
        if language in languages:
            found += index(language).find(words)
    return sorted(found, key=lambda match: match.positions)


def word_hits(text: str, words: Sequence[Token], stretches: Sequence[entities.Stretch]) -> list[Hit]:
    """The tone phrases with what the words around make of them."""
    found = matches(words)
    timed = {at for stretch in stretches for at in range(stretch.first, stretch.last + 1)}
    owners = {at: match for match in found for at in match.positions}
    hits = []
    for match in found:
        if not match.phrase.weight:
            continue
        first, last = match.positions[0], match.positions[-1]
        lasts = match.phrase.weight < 0 and not timed.isdisjoint(match.positions)
        weight = scope.apply(match.phrase.weight, scope.shift(words, match, owners, lasts=lasts))
        weight *= emphasis(text, words[first], words[last])
        hits.append(Hit(first, last, words[first].start, words[last].end, weight))
    return hits


def emphasis(text: str, first: Token, last: Token) -> float:
    """More for capitals amid small letters; a turn for praise in quotation marks."""
    inside = text[first.start : last.end]
    quoted = (
        text[max(first.start - 1, 0) : first.start] in OPENING_QUOTES
        and text[last.end : last.end + 1] in CLOSING_QUOTES
    )
    if quoted and first.start > 0 and last.end < len(text):
        return 0.0 if inside[0].isupper() else QUOTED_PRAISE
    return SHOUTED if len(inside) > 3 and inside.isupper() and not text.isupper() else 1.0


def wait_weight(minutes: float) -> float:
    """How bad a wait of so many minutes is."""
    return 0.0 if minutes < 10 else -1.2 if minutes < 30 else -2.0 if minutes < 10080 else -2.4


def time_hits(words: Sequence[Token], times: Sequence[entities.Stretch]) -> list[Hit]:
    """Blame for long waits, praise for things done within minutes."""
    hits = []
    for stretch in times:
        clause = words[stretch.first].clause
        around = [
            at
            for at in range(max(stretch.first - AROUND, 0), min(stretch.last + AROUND, len(words)))
            if words[at].clause == clause
        ]
        waits = any(scope.is_any(words[at].word, "waiting") for at in around)
        denied = any(scope.ROLES[words[at].word].negates for at in around)
        ahead = words[max(stretch.first - 2, 0) : stretch.first]
        within = any(scope.is_any(token.word, "within") for token in ahead)
        since = stretch.drags or any(scope.is_any(token.word, "since") for token in ahead)
        weight = 0.0
        if within and not waits and not denied and stretch.minutes <= PROMPT_MINUTES:
            weight = PROMPT
        elif waits or (since and denied):
            weight = wait_weight(stretch.minutes)
        if weight:
            first, last = words[stretch.first], words[stretch.last]
            hits.append(Hit(stretch.first, stretch.last, first.start, last.end, weight))
    return hits


def complaint_questions(text: str, words: Sequence[Token]) -> list[Hit]:
    """«Почему…?», "why…?" at the beginning of a sentence blame a little."""
    hits: list[Hit] = []
    if "?" not in text:
        return hits
    for at, token in enumerate(words):
        opens = at == 0 or words[at - 1].sentence != token.sentence
        if opens and token.word.language and scope.is_any(token.word, "asks_why"):
            last = at
            while last + 1 < len(words) and words[last + 1].sentence == token.sentence:
                last += 1
            if "?" in text[words[last].end : words[last].end + 4]:
                hits.append(Hit(at, at, token.start, token.end, ASKED_WHY))
    return hits


def turns_on(word: Word) -> bool:
    """Whether a word opens a contrast or a concession."""
    return scope.is_any(word, "contrast") or scope.is_any(word, "concession")


TURNING: Kept[Word, bool] = Kept(turns_on, CACHED_KEYS)


def weigh_clauses(words: Sequence[Token], hits: Sequence[Hit]) -> list[Hit]:
    """Hits before a «но» weigh less, after it more, and those of a «хотя» clause less."""
    weights: list[Hit] = []
    if not hits:
        return weights
    turns = [
        (token.sentence, at, scope.is_any(token.word, "contrast"))
        for at, token in enumerate(words)
        if TURNING[token.word]
    ]
    if not turns:
        return list(hits)
    for hit in hits:
        factor = 1.0
        for sentence, at, contrast in turns if hit.first >= 0 else ():
            if words[hit.first].sentence != sentence or hit.first <= at <= hit.last:
                continue
            if contrast:
                factor = AFTER_BUT if hit.first > at else min(factor, BEFORE_BUT)
            elif hit.first > at and words[hit.first].clause == words[at].clause:
                factor *= CONCEDED
        weights.append(hit._replace(weight=hit.weight * factor))
    return weights


def weigh_closing(words: Sequence[Token], hits: Sequence[Hit]) -> list[Hit]:
    """In a story of several sentences the last one with any tone sums it up."""
    told = [words[hit.first].sentence for hit in hits if hit.first >= 0]
    if not told or words[-1].sentence < LONG_STORY:
        return list(hits)
    last = max(told)
    return [
        hit._replace(weight=hit.weight * CLOSING) if hit.first >= 0 and words[hit.first].sentence == last else hit
        for hit in hits
    ]


def doubt_courtesy(words: Sequence[Token], hits: Sequence[Hit]) -> list[Hit]:
    """A thanks amid blame («спасибо, что ждал час») is courtesy or sarcasm: it weighs little."""
    blame = sum(-hit.weight for hit in hits if hit.weight < 0)
    if not blame:
        return list(hits)
    polite = [
        hit.weight > 0
        and hit.first >= 0
        and any(scope.is_any(words[at].word, "courtesy") for at in range(hit.first, hit.last + 1))
        for hit in hits
    ]
    praise = sum(hit.weight for hit, courtesy in zip(hits, polite, strict=True) if hit.weight > 0 and not courtesy)
    if praise > blame:
        return list(hits)
    return [
        hit._replace(weight=hit.weight * COURTESY_AMID_BLAME) if courtesy else hit
        for hit, courtesy in zip(hits, polite, strict=True)
    ]


def mock(words: Sequence[Token], hits: Sequence[Hit], waits: Sequence[Hit]) -> list[Hit]:
    """Applause beside a long wait («Отлично, третий день без воды. Браво!») mocks: it weighs as blame."""
    if not any(hit.weight < 0 for hit in waits):
        return list(hits)
    stands = Counter(token.clause for token in words)
    return [
        hit._replace(weight=MOCKED)
        if hit.weight > 0 and stands[words[hit.first].clause] == 1 and scope.is_any(words[hit.first].word, "applause")
        else hit
        for hit in hits
    ]


def confidence(value: str, praise: float, blame: float, length: int) -> float:
    """How sure a tone is, from the size and the unanimity of its evidence; fitted on labelled comments. The words
    count of a neutral one only."""
    if value == "neutral":
        if praise + blame:
            return 0.4
        return 0.6 if length <= 2 else 0.48 if length <= 6 else 0.35 if length <= 15 else 0.3
    if value == "mixed":
        return min(0.4 + 0.05 * min(praise, blame), 0.65)
    margin = abs(praise - blame)
    unanimity = margin / (praise + blame)
    return 0.36 + 0.53 * (1 - math.exp(-margin / 1.4)) * (0.5 + 0.5 * unanimity)


def settle(hits: Sequence[Hit], praise: float, blame: float) -> tuple[str, float]:
    """The tone's name and the polarity for the sums; `hits` are the evidence as told, whichever clause weighs more."""
    polarity = (praise - blame) / (praise + blame + SMOOTHING)
    least, most = sorted(sums(hits))
    if least >= MIXED_LEAST and least >= MIXED_SHARE * most:
        return "mixed", polarity
    if abs(polarity) < NEUTRAL_BAND:
        return "neutral", polarity
    return ("positive" if polarity > 0 else "negative"), polarity


def sums(hits: Sequence[Hit]) -> tuple[float, float]:
    """Praise and blame added up, both positive."""
    weights = [hit.weight for hit in hits]
    praise = sum([weight for weight in weights if weight > 0])
    return praise, praise - sum(weights)


def soften_requests(words: Sequence[Token], hits: Sequence[Hit], sentences: frozenset[int]) -> list[Hit]:
    """In a sentence that asks for a change, a good word names what is wanted, and a bad one what is to go."""
    if not sentences:
        return list(hits)
    return [
        hit._replace(weight=hit.weight * (ASKED_PRAISE if hit.weight > 0 else ASKED_BLAME))
        if hit.first >= 0 and words[hit.first].sentence in sentences
        else hit
        for hit in hits
    ]


def read(
    text: str, found: Sequence[Token], words: Sequence[Token], times: Sequence[entities.Stretch], asked: Request
) -> Tone:
    """The tone of a text with its tokens, those of them that tell something, the stretches of time among these, and
    what it asks for; spans are the words and marks that praise or blame."""
    waits = time_hits(words, times)
    hits = mock(words, word_hits(text, words, times), waits) + waits + complaint_questions(text, words)
    hits += [Hit(-1, -1, mark.start, mark.end, mark.weight) for mark in marks.find(text, found)]
    hits += [Hit(-1, -1, start, end, DEMAND) for start, end in asked.demands]
    told = doubt_courtesy(words, soften_requests(words, hits, asked.sentences))
    hits = weigh_closing(words, weigh_clauses(words, told))
    praise, blame = sums(hits)
    value, polarity = settle(told, praise, blame)
    shown = [
        Span(hit.start, hit.end, "tone+" if hit.weight > 0 else "tone-")
        for hit in sorted(hits, key=attrgetter("start"))
        if abs(hit.weight) >= LEAST_SHOWN
    ]
    length = sum(token.kind == "word" for token in words) if value == "neutral" else 0
    sure = confidence(value, praise, blame, length)
    return Tone(Verdict(value, round(sure, 3), tuple(shown)), round(polarity, 3))
