"""Training the student's first branch: ridge regression of the teacher's logits on hashed words and characters; and
logistic regression on the same, where what is learnt is a yes or no."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from feedback.understanding.ngrams import CHARACTER_BITS, WORD_BITS, Piece, features, pairs

WORDS, ALL = 1 << WORD_BITS, (1 << WORD_BITS) + (1 << CHARACTER_BITS)
STEPS = 25
PENALTY = 8.0
# Of the logistic regression: Newton's steps, those of the intercept before each, and of conjugate gradients within.
NEWTON_STEPS, LEVEL_STEPS, ODDS_STEPS = 3, 3, 7
ODDS_PENALTY, FLATTEST = 1.0, 0.01


class Sparse(NamedTuple):
    """The filled cells of a matrix: row, column and value of each, and how many rows there are."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray
    rows: int

    def times(self, vector: np.ndarray) -> np.ndarray:
        return np.bincount(self.row, weights=self.value * vector[self.column], minlength=self.rows)

    def back(self, vector: np.ndarray) -> np.ndarray:
        return np.bincount(self.column, weights=self.value * vector[self.row], minlength=ALL)


def matrix(texts: Sequence[Sequence[Piece]]) -> Sparse:
    """Each text's features, a block over the root of how many it has in that block."""
    rows, columns, values = [], [], []
    for at, pieces in enumerate(texts):
        told = [features(text, lemma, negated) for text, lemma, negated, _token in pieces]
        words = [place for own, _ in told for place in own] + pairs(pieces)
        characters = [place + WORDS for _, own in told for place in own]
        columns += words + characters
        values += [(len(words) + 1) ** -0.5] * len(words) + [(len(characters) + 1) ** -0.5] * len(characters)
        rows += [at] * (len(words) + len(characters))
    return Sparse(np.array(rows, np.int32), np.array(columns, np.int32), np.array(values, np.float32), len(texts))


def rarity(x: Sparse) -> np.ndarray:
    """The root of the inverse document frequency of each feature, 0 of what never occurs."""
    seen = np.unique(x.row.astype(np.int64) * ALL + x.column) % ALL
    documents = np.bincount(seen, minlength=ALL)
    return np.where(documents > 0, np.log((x.rows + 1) / np.maximum(documents, 1)) ** 0.5, 0)


def fit(x: Sparse, targets: np.ndarray, weights: np.ndarray, *, steps: int | None = None) -> np.ndarray:
    """Weights (features, outputs) by conjugate gradients on the normal equations, `steps` of them."""
    scale, scaled = of_rarity(x)
    told = [
        solve(scaled, scaled.back(weights * column), weights, penalty=PENALTY, steps=steps or STEPS)
        for column in targets.T
    ]
    return np.stack([scale * column for column in told], axis=1)


def of_rarity(x: Sparse) -> tuple[np.ndarray, Sparse]:
    """How much each feature counts, and the texts with it weighed so."""
    scale = rarity(x)
    return scale, x._replace(value=x.value * scale[x.column])


def solve(x: Sparse, left: np.ndarray, bend: np.ndarray, *, penalty: float, steps: int) -> np.ndarray:
    """The solution of (x' bend x + penalty) v = left, where `bend` is a number for each text."""
    found = np.zeros(ALL)
    direction, size = left.copy(), float(left @ left)
    for _step in range(steps):
        pushed = x.back(bend * x.times(direction)) + penalty * direction
        length = size / float(direction @ pushed)
        found += length * direction
        left -= length * pushed
        before, size = size, float(left @ left)
        direction = left + size / before * direction
    return found


def fit_odds(x: Sparse, targets: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (features, outputs) and intercepts of a logistic regression of each output by itself; `targets` are how
    likely it is."""
    scale, scaled = of_rarity(x)
    told = [odds(scaled, column, weights) for column in targets.T]
    return np.stack([scale * found for found, _level in told], axis=1), np.array([level for _found, level in told])


def odds(x: Sparse, target: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """One output by Newton's method."""
    share = float(np.average(target, weights=weights))
    found, level = np.zeros(ALL), float(np.log(share / (1 - share)))
    logits = np.full(x.rows, level)
    for _step in range(NEWTON_STEPS):
        for _shift in range(LEVEL_STEPS):
            p = 1 / (1 + np.exp(-logits))
            shift = float(np.clip((weights @ (target - p)) / (weights @ (p * (1 - p))), -1, 1))
            level, logits = level + shift, logits + shift
        p = 1 / (1 + np.exp(-logits))
        bend = weights * np.maximum(p * (1 - p), FLATTEST)
        slope = x.back(weights * (target - p)) - ODDS_PENALTY * found
        step = solve(x, slope, bend, penalty=ODDS_PENALTY, steps=ODDS_STEPS)
        found, logits = found + step, logits + x.times(step)
    return found, level


def as_bytes(weights: np.ndarray, *, levels: int = 127) -> tuple[np.ndarray, np.ndarray]:
    """The weights as whole numbers of no more than so many levels, and what each column is to be multiplied by."""
    scale = np.abs(weights).max(axis=0) / levels + 1e-12
    return np.round(weights / scale).astype(np.int8), scale.astype(np.float32)
