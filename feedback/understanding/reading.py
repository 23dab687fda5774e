"""Everything about a comment in one pass: rules first, then the models that are there, then both weighed together."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from feedback.understanding import (
    constructive,
    embedding,
    english,
    entities,
    evidence,
    fusion,
    language,
    prior,
    student,
    tone,
    words,
)
from feedback.understanding import topics as taxonomy
from feedback.understanding.fusion import TONES, Judgement
from feedback.understanding.learned import Lessons
from feedback.understanding.ngrams import Piece, pieces
from feedback.understanding.topics import Cued
from feedback.understanding.verdicts import Reading, SecondOpinion, Span, TopicRule, Verdict
from feedback.understanding.words import Token

CLEAR = 0.9  # a tone as sure as this is not mixed: of the labelled comments read as both, fewer than half were
BUNCH = 512  # the tokens of so many texts are held at once
KINDS = {"negative": "tone-", "positive": "tone+"}
Begun = Callable[[int], None]
Step = TypeVar("Step")


def unwatched(_texts: int) -> None:
    """Nobody keeps the time."""


class Opened(NamedTuple):
    """A text with its language, its tokens, those that tell something, and the stretches of time among these."""

    text: str
    spoken: language.Spoken
    found: Sequence[Token]
    words: Sequence[Token]
    times: Sequence[entities.Stretch]


class Read(NamedTuple):
    """A text with its tokens, what the rules say of all but topics, and what the cues of those say."""

    text: str
    found: Sequence[Token]
    reading: Reading
    cued: Cued

    def whole(self) -> Reading:
        """The reading with the topics that the cues name; where models read, they name them."""
        return replace(self.reading, topics=self.cued.verdicts, hints=self.cued.hints)


class Told(NamedTuple):
    """A text's pieces, what the student says of them, and the topics that come of it."""

    pieces: Sequence[Piece]
    spoken: student.Spoken
    topics: prior.Topics


def read(
    texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None, deep: float = 0.0,
    lessons: Lessons | None = None, begun: Begun = unwatched,
) -> list[Reading]:  # fmt: skip
    """A reading per text, in order; without `topics`, the default taxonomy.

    About the share `deep` of the texts, the least sure, also goes through the sentence embedding where that is
    installed. `lessons` are what corrections have taught here. Of each text the first 5,000 characters are read. Never
    raises for any string. `begun` is told how many texts the next step is about, so that a watch can be set for it.
    """
    told: list[Reading] = []
    for start in range(0, len(texts), BUNCH):
        so_far = examine(texts[start : start + BUNCH], topics=topics, deep=deep, begun=begun)
        told += [reading if lessons is None else lessons.applied(found, reading) for found, reading in so_far]
    return told


def examine(
    texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None, deep: float = 0.0, begun: Begun = unwatched,
) -> list[tuple[Sequence[Token], Reading]]:  # fmt: skip
    """The tokens of each text and what is read without any lessons."""
    rules = taxonomy.default_rules() if topics is None else tuple(topics)
    told = first(texts, rules, begun)
    begun(max(1, len(texts)))
    model, weights = student.load(), fusion.weights()
    if model is not None and weights is not None:
        readings = second(told, rules, model, weights, deep=deep, begun=begun)
    else:
        readings = [each.whole() for each in told]
    return [(each.found, reading) for each, reading in zip(told, readings, strict=True)]


def warm(*, deep: bool) -> None:
    """Load dictionaries and models into this process, with `deep` the sentence embedding too.

    All that is there then stays as long as the process: the collector need not walk through it at each bunch, nor look
    for garbage before a bunch is through with its tokens, since reading leaves none that points at itself.
    """
    read(["хорошо", "good"], deep=1.0 if deep else 0.0)
    gc.freeze()
    gc.set_threshold(100_000, 10, 100)


def by_rules(texts: Sequence[str], *, topics: Sequence[TopicRule] | None = None) -> list[Reading]:
    """What the rules alone say, with TextBlob as second opinion on English."""
    rules = taxonomy.default_rules() if topics is None else tuple(topics)
    return [each.whole() for each in first(texts, rules)]


def first(texts: Sequence[str], rules: tuple[TopicRule, ...], begun: Begun = unwatched) -> list[Read]:
    """The tier of the rules."""
    matcher = taxonomy.compile_rules(rules)

    def each(step: Callable[..., Step], *given: Sequence[Any]) -> list[Step]:
        """One step for all texts before the next: what it looks up then stays in the core's own memory, which makes all
        of them a quarter faster than one text after the other."""
        told = []
        for own in zip(*given, strict=True):
            begun(1)
            told.append(step(*own))
        return told

    every = each(opened, texts)
    known = [own for own in every if own.spoken.readable]
    asked = each(lambda own: constructive.read(own.found), known)
    felt = each(felt_in, known, asked)
    cued = each(lambda own: taxonomy.weigh(own.words, own.times, matcher), known)
    readable = map(by_rules_alone, known, asked, felt, cued, each(opinion_on, known))
    return [next(readable) if own.spoken.readable else unread(own) for own in every]


def opened(text: str) -> Opened:
    """The language of a text and its tokens."""
    spoken = language.detect(text)
    found = words.tokens(text, translit=spoken.translit)
    told = words.telling(found)
    return Opened(text, spoken, found, told, entities.durations(told))


def felt_in(own: Opened, asked: constructive.Request) -> tone.Tone:
    """The tone by the rules."""
    return tone.read(own.text[: words.LONGEST_TEXT], own.found, own.words, own.times, asked)


def opinion_on(own: Opened) -> SecondOpinion | None:
    """What TextBlob says of English."""
    return english.second_opinion(own.text) if own.spoken.verdict.value == "en" else None


def by_rules_alone(
    own: Opened, asked: constructive.Request, felt: tone.Tone, cued: Cued, opinion: SecondOpinion | None
) -> Read:
    """What the rules' steps have found, put together."""
    reading = Reading(
        language=own.spoken.verdict,
        tone=felt.verdict if opinion is None else english.confirmed(felt.verdict, opinion),
        polarity=felt.polarity,
        constructive=asked.verdict,
        topics=(),
        second_opinion=opinion,
        lemmas=words.lemma_text(own.found),
    )
    return Read(own.text, own.found, reading, cued)


def unread(own: Opened) -> Read:
    """A text in a language that is not read: everything unsure, words kept for searching."""
    reading = Reading(
        language=own.spoken.verdict,
        tone=Verdict("", 0.0),
        polarity=0.0,
        constructive=Verdict("no", 0.0),
        topics=(),
        second_opinion=None,
        lemmas=words.lemma_text(own.found),
    )
    return Read(own.text, own.found, reading, Cued({}, {}))


def is_for_models(each: Read) -> bool:
    """Whether a text has words of a language that was learnt; marks and figures alone are the rules' business."""
    return bool(each.reading.tone.value) and any(token.kind == "word" for token in each.found)


def second(
    told: Sequence[Read], rules: Sequence[TopicRule], model: student.Student, weights: Any, *, deep: float,
    begun: Begun = unwatched,
) -> list[Reading]:  # fmt: skip
    """The rules' readings corrected by the models."""
    as_shipped = prior.shipped(rules)
    tongues = [tongue_of(each) if is_for_models(each) else "" for each in told]
    readings = [each.reading if tongue else each.whole() for each, tongue in zip(told, tongues, strict=True)]
    for tongue in ("ru", "en"):
        places = [at for at, own in enumerate(tongues) if own == tongue]
        own = [told[at] for at in places]
        seen = [pieces(each.found) for each in own]
        said = model.read(seen)
        leanings = prior.by_words(said)
        spoken = [
            Told(pieces_of, says, prior.weighed(each.cued, as_shipped, leaning, says, pieces_of, each.found))
            for each, pieces_of, says, leaning in zip(own, seen, said, leanings, strict=True)
        ]
        for at, reading in zip(places, corrected(own, spoken, model, weights, tongue, deep, begun), strict=True):
            readings[at] = reading
    return readings


def tongue_of(each: Read) -> str:
    """The language whose weights count."""
    return "en" if each.reading.language.value == "en" else "ru"


def corrected(
    told: Sequence[Read], spoken: Sequence[Told], model: student.Student, weights: Any, tongue: str,
    deep: float, begun: Begun,
) -> list[Reading]:  # fmt: skip
    """The readings of texts of one language: weighed with the student, the least sure with the embedding too."""
    if not told:
        return []
    np = model.np
    rules = [each.reading for each in told]
    branches = [np.array([each.spoken.first for each in spoken]), np.array([each.spoken.second for each in spoken])]
    judged = fusion.judge(rules, branches, model.outputs, weights["student"][tongue])
    names = [weights["source"]["student"]] * len(told)
    unsure = deepest(judged, weights, tongue, deep)
    more = embedding.read([told[at].text for at in unsure], begun) if unsure else None
    if more is not None:
        again = fusion.judge(
            [rules[at] for at in unsure],
            [*(own[unsure] for own in branches), more],
            model.outputs,
            weights["embedding"][tongue],
        )
        for at, judgement in zip(unsure, again, strict=True):
            judged[at], names[at] = judgement, weights["source"]["embedding"] + embedding.version()
    return [
        fused(each, own, judgement, model.outputs, source=name)
        for each, own, judgement, name in zip(told, spoken, judged, names, strict=True)
    ]


def deepest(judged: Sequence[Judgement], weights: Any, tongue: str, deep: float) -> list[int]:
    """Which texts are among the least sure share `deep`, told from each alone, so that no text changes another's."""
    if not deep:
        return []
    least = weights["unsure"][fusion.step(weights, deep)][tongue]
    return [at for at, each in enumerate(judged) if each.sure < least]


def fused(each: Read, told: Told, judged: Judgement, outputs: Sequence[str], *, source: str) -> Reading:
    """The reading that the judgement makes of the rules' one."""
    rules, shares = each.reading, told.spoken.shares

    def own(name: str, kind: str, against: Sequence[str] = ()) -> tuple[Span, ...]:
        return evidence.of_student(evidence.towards(shares, outputs, name, against), told.pieces, each.found, kind)

    sure = max(judged.tones)
    value = TONES[judged.tones.index(sure)]
    spans = rules.tone.spans
    if value in KINDS and not any(span.kind == KINDS[value] for span in spans):
        spans = tuple(sorted((*spans, *own(value, KINDS[value], TONES)), key=lambda span: span.start))
    if judged.mixed >= 0.5 and sure < CLEAR:
        value, sure = "mixed", judged.mixed
    asks = judged.asks >= 0.5
    asked = rules.constructive.spans if asks and rules.constructive.value == "yes" else ()
    if asks and not asked:
        asked = own("constructive", "constructive")
    about, hints = told.topics
    return Reading(
        language=rules.language,
        second_opinion=rules.second_opinion,
        lemmas=rules.lemmas,
        topics=about,
        hints=hints,
        tone=Verdict(value, round(sure, 3), spans, source),
        tones=judged.tones,
        polarity=round(judged.tones[2] - judged.tones[0], 3),
        sure=judged.sure,
        constructive=Verdict("yes" if asks else "no", round(max(judged.asks, 1 - judged.asks), 3), asked, source),
    )
