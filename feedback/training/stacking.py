"""Fitting how rules and models are weighed together, on comments that the models had not been trained on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from feedback.training import logistic
from feedback.understanding import fusion
from feedback.understanding.labelled import LANGUAGES, Labelled
from feedback.understanding.student import TONES
from feedback.understanding.topics import default_rules
from feedback.understanding.verdicts import Reading

PENALTY = 2.0
SHARES = ("0.1", "0.2", "0.3", "0.5", "1.0")
DIGITS = 4


def fit(
    rows: Sequence[Labelled], readings: Sequence[Reading], said: Sequence[np.ndarray], outputs: Sequence[str]
) -> dict[str, Any]:
    """Weights per language and scheme; `said` are each model's logits, a row per comment, none of which it had seen."""
    return {
        language: of_language(
            [at for at, row in enumerate(rows) if row.language == language], rows, readings, said, outputs
        )
        for language in LANGUAGES
    }


def of_language(
    places: Sequence[int], rows: Sequence[Labelled], readings: Sequence[Reading], said: Sequence[np.ndarray],
    outputs: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """The weights of one language."""
    models = [fusion.of_models([logits[at] for logits in said], outputs) for at in places]
    rules = [fusion.of_rules(readings[at]) for at in places]
    features = {
        scheme: np.array([m[scheme] + r[scheme] for m, r in zip(models, rules, strict=True)])
        for scheme in ("tone", "mixed", "constructive")
    }
    labels = {
        "tone": np.array([[rows[at].polarity == tone for tone in TONES] for at in places], float),
        "mixed": both(np.array([rows[at].is_mixed for at in places])),
        "constructive": both(np.array([rows[at].is_constructive for at in places])),
    }
    found = {scheme: rounded(logistic.fit(x, labels[scheme], penalty=PENALTY)) for scheme, x in features.items()}
    x, y = of_topics(places, rows, readings, models)
    return found | {"topics": rounded(logistic.fit(x, y, penalty=PENALTY))}


def of_topics(
    places: Sequence[int], rows: Sequence[Labelled], readings: Sequence[Reading],
    models: Sequence[dict[str, list[float]]],
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """A row for each comment and topic."""
    codes = [rule.code for rule in default_rules()]
    features, labels = [], []
    for at, model in zip(places, models, strict=True):
        fired = {verdict.code: verdict.confidence for verdict in readings[at].topics}
        for place, code in enumerate(codes):
            own = model[f"topic:{code}"]
            features.append(fusion.topic_features(own, fired.get(code, 0.0), place, len(codes)))
            labels.append(code in rows[at].topics)
    return np.array(features), both(np.array(labels))


def both(yes: np.ndarray) -> np.ndarray:
    """A yes or no as two classes."""
    return np.stack([~yes, yes], axis=1).astype(float)


def rounded(weights: np.ndarray) -> list[list[float]]:
    """A row of weights per class, its intercept last, as the manifest keeps them."""
    centred = weights - weights.mean(axis=1, keepdims=True)
    return [[round(float(value), DIGITS) for value in column] for column in centred.T]


def unsure(
    rows: Sequence[Labelled], readings: Sequence[Reading], said: np.ndarray, outputs: Sequence[str], weights: Any
) -> dict[str, dict[str, float]]:
    """For each share of comments and language, how sure of its tone a comment must be to be none of the least sure."""
    sure: dict[str, list[float]] = {language: [] for language in LANGUAGES}
    for row, reading, logits in zip(rows, readings, said, strict=True):
        judged = fusion.judge(reading, [logits], outputs, weights[row.language])
        sure[row.language].append(max(judged.tones))
    return {
        share: {
            language: round(float(np.quantile(each, float(share))), DIGITS) if float(share) < 1 else 1.01
            for language, each in sure.items()
        }
        for share in SHARES
    }
