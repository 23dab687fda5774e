"""Fitting how rules and models are weighed together, on comments that the models had not been trained on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from feedback.training import logistic
from feedback.understanding import fusion
from feedback.understanding.labelled import LANGUAGES, Labelled
from feedback.understanding.verdicts import Reading

PENALTY = 2.0
SHARES = ("0.1", "0.2", "0.3", "0.5", "1.0")
DIGITS = 4


def fit(
    rows: Sequence[Labelled], readings: Sequence[Reading], said: Sequence[np.ndarray], outputs: Sequence[str],
    *, strange: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """Weights per language and scheme; `said` are each model's logits, a row per comment, none of which it had seen.

    The share `strange` of the comments comes once more, with what the models say of others: on texts unlike the
    labelled ones models are worth less than they are here, the rules are not.
    """
    found = {}
    for language in LANGUAGES:
        own = places(rows, language)
        die = np.random.default_rng(1)
        again, others = die.permutation(len(own))[: int(strange * len(own))], die.permutation(len(own))
        first = [*own, *(own[at] for at in again)]
        heard = [*own, *(own[at] for at in others[: len(again)])]
        found[language] = of_language(
            [rows[at] for at in first], [readings[at] for at in first], [logits[heard] for logits in said], outputs
        )
    return found


def places(rows: Sequence[Labelled], language: str) -> list[int]:
    """Where the comments of a language stand."""
    return [at for at, row in enumerate(rows) if row.language == language]


def of_language(
    rows: Sequence[Labelled], readings: Sequence[Reading], said: Sequence[np.ndarray], outputs: Sequence[str]
) -> dict[str, Any]:
    """The weights of one language."""
    tones = np.array([[row.polarity == tone for tone in fusion.TONES] for row in rows])
    asks = np.array([[row.is_constructive] for row in rows])
    labels = {
        "joint": np.hstack([tones & ~asks, tones & asks]).astype(float),
        "mixed": both(np.array([row.is_mixed for row in rows])),
    }
    features = fusion.features(readings, said, outputs)
    return {scheme: rounded(logistic.fit(x, labels[scheme], penalty=PENALTY)) for scheme, x in features.items()}


def both(yes: np.ndarray) -> np.ndarray:
    """A yes or no as two classes."""
    return np.stack([~yes, yes], axis=1).astype(float)


def rounded(weights: np.ndarray) -> list[list[float]]:
    """A row of weights per class, its intercept last, as the manifest keeps them."""
    centred = weights - weights.mean(axis=1, keepdims=True)
    return [[round(float(value), DIGITS) for value in column] for column in centred.T]


def unsure(
    rows: Sequence[Labelled],
    readings: Sequence[Reading],
    said: Sequence[np.ndarray],
    outputs: Sequence[str],
    weights: Any,
) -> dict[str, dict[str, float]]:
    """For each share of comments and language, how sure a comment must be to be none of the least sure."""
    found: dict[str, dict[str, float]] = {share: {} for share in SHARES}
    for language in LANGUAGES:
        own = places(rows, language)
        judged = fusion.judge([readings[at] for at in own], [each[own] for each in said], outputs, weights[language])
        sure = [each.sure for each in judged]
        for share in SHARES:
            least = np.quantile(sure, float(share)) if float(share) < 1 else 1.01
            found[share][language] = round(float(least), DIGITS)
    return found
