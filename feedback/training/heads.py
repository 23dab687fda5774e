"""The teacher: logistic heads for tone, suggestion and mixed feelings on the sentence embedding."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from feedback.training import logistic
from feedback.understanding.fusion import TONES
from feedback.understanding.labelled import Labelled

PENALTY = {"tone": 250.0, "constructive": 120.0, "mixed": 60.0}


class Heads(NamedTuple):
    """What an embedding is shifted and divided by, and the weights with their intercepts in the last row."""

    middle: np.ndarray
    spread: np.ndarray
    weights: np.ndarray

    def logits(self, embedded: np.ndarray) -> np.ndarray:
        """Centred log-odds of the tones, and the log-odds of each yes-or-no output."""
        return logistic.with_one((embedded - self.middle) / self.spread) @ self.weights


def outputs() -> list[str]:
    """The columns, in order."""
    return [*TONES, "constructive", "mixed"]


def truth(rows: Sequence[Labelled]) -> np.ndarray:
    """The labels as columns of 0 and 1 in the order of `outputs`."""
    told = [[row.polarity == tone for tone in TONES] + [row.is_constructive, row.is_mixed] for row in rows]
    return np.array(told, np.float64)


def fit(embedded: np.ndarray, rows: Sequence[Labelled]) -> Heads:
    """Heads for these rows; their embeddings are standardised first."""
    embedded = np.asarray(embedded, np.float64)
    middle, spread = embedded.mean(axis=0), embedded.std(axis=0) + 1e-9
    x, y = (embedded - middle) / spread, truth(rows)
    tones = logistic.fit(x, y[:, : len(TONES)], penalty=PENALTY["tone"])
    columns = [tones - tones.mean(axis=1, keepdims=True)]
    for at, name in enumerate(outputs()[len(TONES) :], start=len(TONES)):
        pair = logistic.fit(x, np.stack([1 - y[:, at], y[:, at]], axis=1), penalty=PENALTY[name])
        columns.append((pair[:, 1] - pair[:, 0])[:, None])
    return Heads(middle, spread, np.hstack(columns))
