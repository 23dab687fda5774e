"""The teacher: kernel ridge regression of tone, suggestion and mixed feelings on the sentence embedding."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from feedback.understanding import embedding
from feedback.understanding.fusion import TONES
from feedback.understanding.labelled import Labelled

PENALTY = 0.5
LEVELS = 63  # half of what a byte holds: as good to a thousandth, and packs a seventh smaller
BUNCH = 1000
# What makes log-odds of answers between -1 and 1, found in four folds: factor and shift.
LIFT = np.array([2.4, 2.4, 2.4, 5.4, 8.3])
SHIFT = np.array([0.0, 0.0, 0.0, 0.9, 3.5])


class Heads(NamedTuple):
    """Learnt rows as whole numbers of a step from the middle, how far they reach, and what each of them says."""

    middle: np.ndarray
    step: np.ndarray
    rows: np.ndarray
    reach: np.ndarray
    weights: np.ndarray
    level: np.ndarray

    def logits(self, embedded: np.ndarray) -> np.ndarray:
        """Centred log-odds of the tones, and the log-odds of each yes-or-no output."""
        rows, told = self.rows * self.step, []
        norms = embedding.norms(rows)
        for start in range(0, len(embedded), BUNCH):
            near = embedding.nearness(embedded[start : start + BUNCH], self.middle, rows, norms, self.reach)
            told.append(near @ self.weights + self.level)
        return np.vstack(told)

    def slopes(self) -> np.ndarray:
        """How each output rises along the numbers of an embedding, amid the rows."""
        rows = self.rows * self.step
        near = embedding.nearness(self.middle[None], self.middle, rows, embedding.norms(rows), self.reach)[0]
        return np.asarray(2 / self.reach * rows.T @ (near[:, None] * self.weights))


def outputs() -> list[str]:
    """The columns, in order."""
    return [*TONES, "constructive", "mixed"]


def truth(rows: Sequence[Labelled]) -> np.ndarray:
    """The labels as columns of 0 and 1 in the order of `outputs`."""
    told = [[row.polarity == tone for tone in TONES] + [row.is_constructive, row.is_mixed] for row in rows]
    return np.array(told, np.float64)


def fit(embedded: np.ndarray, rows: Sequence[Labelled], *, toned: int = 0) -> Heads:
    """Heads for these rows: of a text they say what is known of the rows near it, the more the nearer.

    Of the last `toned` rows nothing but their tone is known.
    """
    embedded = np.asarray(embedded, np.float32)
    middle = embedded.mean(axis=0)
    away = embedded - middle
    step = np.abs(away).max() / np.float32(LEVELS)
    whole = np.round(away / step).astype(np.int8)
    reach = (away**2).sum(axis=1).mean()
    learnt = whole * step
    near = embedding.nearness(learnt + middle, middle, learnt, embedding.norms(learnt), reach).astype(np.float64)
    answers = truth(rows) * 2 - 1
    level, weights = np.zeros(len(outputs())), np.zeros_like(answers)
    tones, others = slice(0, len(TONES)), slice(len(TONES), None)
    for told, columns in ((len(rows), tones), (len(rows) - toned, others)):
        level[columns] = answers[:told, columns].mean(axis=0)
        known = near[:told, :told] + PENALTY * np.eye(told)
        weights[:told, columns] = np.linalg.solve(known, answers[:told, columns] - level[columns])
    weights *= LIFT
    level = level * LIFT + SHIFT
    weights[:, tones] -= weights[:, tones].mean(axis=1, keepdims=True)
    level[tones] -= level[tones].mean()
    return Heads(middle, step, whole, reach, weights, level)
