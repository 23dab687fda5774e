"""What corrections have taught: for each topic, tone and request one logistic model that leans on what was read before.

`logit = v * read + w . phi + b`: what was read enters as log-odds, so that with the v and b it starts from and no
weights a head says exactly what was read. phi are hashed stems, pairs of them and pieces of words.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feedback.understanding.fusion import TONES
from feedback.understanding.ngrams import Piece, grams, hashed, pieces
from feedback.understanding.verdicts import CHECK, Reading, Span, TopicVerdict, Verdict
from feedback.understanding.words import Token

if TYPE_CHECKING:
    import numpy as np

STEM_BITS, CHARACTER_BITS = 15, 16
FEATURES = (1 << STEM_BITS) + (1 << CHARACTER_BITS)
SCHEMES = ("topic", "tone", "constructive")
# What heads start from and are drawn back to: v and b. A topic's rule of 0 is no cue, of 1 one that just fires.
START = {"topic": (3.0, -2.0), "tone": (1.0, 0.0), "constructive": (1.0, 0.0)}
UNSURE = 1e-3
# A topic whose cues fell short of firing never enters as more, or less, than this.
MOST_HINT = 0.5
MOST_SPANS = 3


def log_odds(share: float) -> float:
    """ln(p / (1 - p)), within what a probability of a thousandth has."""
    kept = min(max(share, UNSURE), 1 - UNSURE)
    return math.log(kept / (1 - kept))


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def rule_strength(confidence: float) -> float:
    """The rule that makes an untaught head say just this confidence; 0 of a topic that no rule has found."""
    v, b = START["topic"]
    return (log_odds(confidence) - b) / v if confidence else 0.0


@lru_cache(maxsize=60_000)
def of_word(text: str, lemma: str) -> tuple[int, ...]:
    """The places of a word's stem and of its character 2- to 5-grams."""
    start = 1 << STEM_BITS
    return (hashed(f"l {lemma}", STEM_BITS), *(start + hashed(gram, CHARACTER_BITS) for gram in grams(text)))


def features(seen: Sequence[Piece]) -> dict[int, float]:
    """phi: places and values, sublinear in how often each occurs; stems and pieces of words weigh half each."""
    stems: Counter[int] = Counter()
    characters: Counter[int] = Counter()
    for piece in seen:
        stem, *rest = of_word(piece.text, piece.lemma)
        stems[stem] += 1
        characters.update(rest)
    stems.update(hashed(f"{one.lemma} {two.lemma}", STEM_BITS) for one, two in zip(seen, seen[1:], strict=False))
    return {place: value for block in (stems, characters) for place, value in of_length_half(block)}


def of_length_half(counts: Counter[int]) -> list[tuple[int, float]]:
    """The values of one block, their squares adding up to a half."""
    told = [(place, 1 + math.log(count)) for place, count in counts.items()]
    length = math.sqrt(2 * math.fsum(value * value for _place, value in told)) or 1.0
    return [(place, value / length) for place, value in told]


class Learned:
    """The heads of one scheme by name, as `arrays` and `manifest` hold them. Raises ValueError on unusable ones."""

    def __init__(self, arrays: Mapping[str, "np.ndarray"], manifest: Mapping[str, Any], *, version: str) -> None:
        self.version, self.scheme = version, str(manifest["scheme"])
        self.names = [str(name) for name in manifest["names"]]
        self.leans = [(float(v), float(b)) for v, b in arrays["leans"]]
        weights = arrays["weights"].astype("float32")
        shape = (len(arrays["places"]), len(self.names))
        sound = weights.shape == shape and len(self.leans) == len(self.names) and self.scheme in SCHEMES
        if not sound or not all(math.isfinite(number) for number in (float(weights.sum()), *sum(self.leans, ()))):
            raise ValueError("the weights do not fit their description")
        self.rows = dict(zip(arrays["places"].tolist(), range(shape[0]), strict=True))
        self.weights = weights

    def logits(self, seen: Sequence[Piece], read: Mapping[str, float]) -> dict[str, float]:
        """The log-odds of each head; `read` is what was read, a name that is missing counts as 0."""
        return self.of_features(features(seen), read)

    def of_features(self, found: Mapping[int, float], read: Mapping[str, float]) -> dict[str, float]:
        """The same from features that are known."""
        phi = [(row, value) for place, value in found.items() if (row := self.rows.get(place)) is not None]
        told = [0.0] * len(self.names)
        if phi:
            told = ([value for _row, value in phi] @ self.weights[[row for row, _value in phi]]).tolist()
        return {
            name: v * read.get(name, 0.0) + own + b
            for name, (v, b), own in zip(self.names, self.leans, told, strict=True)
        }

    def telling(self, name: str, seen: Sequence[Piece]) -> list[Piece]:
        """The words that speak most for a head, in their order."""
        column = self.names.index(name)

        def weight(piece: Piece) -> float:
            places = of_word(piece.text, piece.lemma)
            return sum(
                float(self.weights[row, column]) for place in places if (row := self.rows.get(place)) is not None
            )

        told = sorted(((weight(piece), at) for at, piece in enumerate(seen)), reverse=True)[:MOST_SPANS]
        return [seen[at] for own, at in sorted(told, key=lambda pair: pair[1]) if own > 0]


class Lessons:
    """The models that hold here, each with the languages that it is good enough for."""

    def __init__(self, models: Sequence[tuple[Learned, Sequence[str]]]) -> None:
        self.models = {model.scheme: (model, frozenset(languages)) for model, languages in models}

    def applied(self, found: Sequence[Token], reading: Reading) -> Reading:
        """The reading as corrections have taught it; unchanged in languages that no model holds for."""
        seen: list[Piece] | None = None
        for scheme, apply in APPLY.items():
            model, languages = self.models.get(scheme, (None, frozenset()))
            if model is not None and reading.language.value in languages:
                seen = pieces(found) if seen is None else seen
                reading = apply(model, seen, found, reading)
        return reading


def priors(scheme: str, reading: Reading) -> dict[str, float]:
    """What was read, as the heads of a scheme take it; nothing of a tone when the rules alone have read."""
    if scheme == "topic":
        hints = {code: max(-MOST_HINT, min(MOST_HINT, total)) for code, total in reading.hints}
        return hints | {verdict.code: rule_strength(verdict.confidence) for verdict in reading.topics}
    if scheme == "tone":
        return {name: log_odds(share) for name, share in zip(TONES, reading.tones, strict=False)}
    asked = reading.constructive
    return {"yes": log_odds(asked.confidence if asked.value == "yes" else 1 - asked.confidence)}


def topics(model: Learned, seen: Sequence[Piece], found: Sequence[Token], reading: Reading) -> Reading:
    """Topics that the model holds likely enough; those it has no head for stay as they were read."""
    before = {verdict.code: verdict for verdict in reading.topics}
    told = [verdict for verdict in reading.topics if verdict.code not in model.names]
    for code, logit in model.logits(seen, priors("topic", reading)).items():
        sure = round(probability(logit), 3)
        if sure >= CHECK:
            spans = before[code].spans if code in before else ()
            spans = spans or of_pieces(model.telling(code, seen), found, f"topic:{code}")
            told.append(TopicVerdict(code, sure, spans, model.version))
    return replace(reading, topics=tuple(sorted(told, key=lambda verdict: -verdict.confidence)))


def tone(model: Learned, seen: Sequence[Piece], found: Sequence[Token], reading: Reading) -> Reading:
    """The three tones weighed anew; a comment read as mixed stays so."""
    if not reading.tones:
        return reading
    told = model.logits(seen, priors("tone", reading))
    shares = [probability(told[name]) if name in told else own for name, own in zip(TONES, reading.tones, strict=True)]
    tones = tuple(round(share / sum(shares), 4) for share in shares)
    polarity = round(tones[2] - tones[0], 3)
    source = f"{reading.tone.source}+{model.version}"
    if reading.tone.value == "mixed":
        return replace(reading, tones=tones, sure=None, polarity=polarity, tone=replace(reading.tone, source=source))
    best = max(range(len(TONES)), key=lambda at: tones[at])
    verdict = replace(reading.tone, value=TONES[best], confidence=round(tones[best], 3), source=source)
    if TONES[best] != reading.tone.value and TONES[best] != "neutral":
        kind = "tone-" if TONES[best] == "negative" else "tone+"
        own = tuple(span for span in reading.tone.spans if span.kind == kind)
        verdict = replace(verdict, spans=own or of_pieces(model.telling(TONES[best], seen), found, kind))
    return replace(reading, tones=tones, sure=None, polarity=polarity, tone=verdict)


def constructive(model: Learned, seen: Sequence[Piece], found: Sequence[Token], reading: Reading) -> Reading:
    """Whether a change is asked for, weighed anew."""
    asks = probability(model.logits(seen, priors("constructive", reading))["yes"])
    spans = reading.constructive.spans if asks >= 0.5 else ()
    if asks >= 0.5 and not spans:
        spans = of_pieces(model.telling("yes", seen), found, "constructive")
    source = f"{reading.constructive.source}+{model.version}"
    value = "yes" if asks >= 0.5 else "no"
    return replace(reading, sure=None, constructive=Verdict(value, round(max(asks, 1 - asks), 3), spans, source))


APPLY = {"topic": topics, "tone": tone, "constructive": constructive}


def of_pieces(telling: Sequence[Piece], found: Sequence[Token], kind: str) -> tuple[Span, ...]:
    """Where these pieces stand in the text."""
    return tuple(Span(found[piece.token].start, found[piece.token].end, kind) for piece in telling)
