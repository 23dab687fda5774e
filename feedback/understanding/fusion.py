"""What counts in the end: rules, student and, where it was asked, the sentence embedding weighed together per language.

The weights were fitted on comments that the parts had not been trained on, so the probabilities are calibrated.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from feedback.understanding import artefact, topics
from feedback.understanding.verdicts import Reading, TopicRule

NAME = "fusion"
TONES = ("negative", "neutral", "positive")
LEAST_KEPT = 0.5
Weights = Sequence[Sequence[float]]


class Judgement(NamedTuple):
    """Probabilities: of the three tones, of mixed feelings, of a request, and of each default topic by its code."""

    tones: tuple[float, float, float]
    mixed: float
    asks: float
    topics: Mapping[str, float]


def of_rules(reading: Reading) -> dict[str, list[float]]:
    """What the rules and the second opinion say, as numbers for each scheme."""
    tone, opinion = reading.tone, reading.second_opinion
    sure = {name: tone.confidence if tone.value == name else 0.0 for name in ("negative", "neutral", "positive")}
    mixed = float(tone.value == "mixed")
    asks = reading.constructive.confidence * (1 if reading.constructive.value == "yes" else -1)
    return {
        "tone": [*sure.values(), mixed, reading.polarity, asks, opinion.polarity if opinion else 0.0],
        "mixed": [mixed, abs(reading.polarity)],
        "constructive": [asks, float(asks > 0)],
    }


def of_models(said: Sequence[Any], outputs: Sequence[str]) -> dict[str, list[float]]:
    """The logits of each model for each scheme; a topic by its output's name."""
    columns = {name: [float(logits[at]) for logits in said] for at, name in enumerate(outputs)}
    return columns | {"tone": [value for name in TONES for value in columns[name]]}


def weigh(features: Sequence[float], weights: Weights) -> list[float]:
    """Probabilities of the classes: softmax of the features, with a one put behind them, times the weights."""
    scores = [sum(f * w for f, w in zip((*features, 1.0), column, strict=True)) for column in weights]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]


def topic_features(said: Sequence[float], confidence: float, place: int, count: int) -> list[float]:
    """The models' logits, whether and how surely the rules fire, and which topic it is."""
    return [*said, float(confidence > 0), confidence, *(float(at == place) for at in range(count))]


def judge(reading: Reading, said: Sequence[Any], outputs: Sequence[str], weights: Any) -> Judgement:
    """The probabilities for one comment from its reading by rules and the logits of each model."""
    rules, models = of_rules(reading), of_models(said, outputs)
    tones = weigh(models["tone"] + rules["tone"], weights["tone"])
    fired = {verdict.code: verdict.confidence for verdict in reading.topics}
    codes = [name.removeprefix("topic:") for name in outputs if name.startswith("topic:")]
    about = {
        code: weigh(
            topic_features(models[f"topic:{code}"], fired.get(code, 0.0), place, len(codes)), weights["topics"]
        )[1]
        for place, code in enumerate(codes)
    }
    return Judgement(
        tones=(tones[0], tones[1], tones[2]),
        mixed=weigh(models["mixed"] + rules["mixed"], weights["mixed"])[1],
        asks=weigh(models["constructive"] + rules["constructive"], weights["constructive"])[1],
        topics=about,
    )


@lru_cache(maxsize=1)
def defaults() -> dict[str, TopicRule]:
    """The topics that the models were taught, by code."""
    return {rule.code: rule for rule in topics.default_rules()}


@lru_cache(maxsize=256)
def is_taught(rule: TopicRule) -> bool:
    """Whether a topic is still what the models were taught: of its default cues at least half are left."""
    known = defaults().get(rule.code)
    if known is None:
        return False
    before, after = {*known.cues_ru, *known.cues_en}, {*rule.cues_ru, *rule.cues_en}
    return len(before & after) >= LEAST_KEPT * len(before)


def weights() -> dict[str, Any] | None:
    """The manifest of the fused weights, or None when there is none."""
    return artefact.read_manifest(NAME)
