"""Training the student's first branch: ridge regression of the teacher's logits on hashed words and characters."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from feedback.understanding.ngrams import CHARACTER_BITS, WORD_BITS, Piece, features, pairs

WORDS, ALL = 1 << WORD_BITS, (1 << WORD_BITS) + (1 << CHARACTER_BITS)
STEPS = 25
PENALTY = 8.0


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
    scale = rarity(x)
    scaled = x._replace(value=x.value * scale[x.column])
    return np.stack([scale * solve(scaled, column, weights, steps or STEPS) for column in targets.T], axis=1)


def solve(x: Sparse, target: np.ndarray, weights: np.ndarray, steps: int) -> np.ndarray:
    """One output: minimises sum w (x.v - target)^2 + penalty |v|^2."""
    found = np.zeros(ALL)
    left = x.back(weights * target)
    direction, size = left.copy(), float(left @ left)
    for _step in range(steps):
        pushed = x.back(weights * x.times(direction)) + PENALTY * direction
        length = size / float(direction @ pushed)
        found += length * direction
        left -= length * pushed
        before, size = size, float(left @ left)
        direction = left + size / before * direction
    return found


def as_bytes(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights as whole numbers from -127 to 127, and what each column is to be multiplied by."""
    scale = np.abs(weights).max(axis=0) / 127 + 1e-12
    return np.round(weights / scale).astype(np.int8), scale.astype(np.float32)
