"""Fitting the heads: Newton's method by conjugate gradients, in steps that lead down.

There is no chance in it, so the same labels give the same weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feedback.understanding.learned import FEATURES, START

LEAN_PENALTY, WEIGHT_PENALTY = 3.0, 0.15
STEPS, INNER_STEPS, SETTLED = 12, 30, 1e-3


@dataclass(frozen=True)
class Example:
    """A comment that people have judged: phi, what was read of each head, and what they said of those they judged."""

    phi: Mapping[int, float]
    read: Mapping[str, float]
    truth: Mapping[str, bool]


class Sparse:
    """The features of some examples, only columns that occur."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.count = len(examples)
        row = [at for at, example in enumerate(examples) for _place in example.phi]
        places = np.array([place for example in examples for place in example.phi], np.int64)
        self.places, column = np.unique(places, return_inverse=True)
        self.row, self.column = np.array(row, np.int64), column.reshape(-1)
        self.value = np.array([value for example in examples for value in example.phi.values()])

    def times(self, vector: np.ndarray) -> np.ndarray:
        return np.bincount(self.row, weights=self.value * vector[self.column], minlength=self.count)

    def back(self, vector: np.ndarray) -> np.ndarray:
        return np.bincount(self.column, weights=self.value * vector[self.row], minlength=len(self.places))


def fit(
    examples: Sequence[Example], name: str, start: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of one head: v and b, the places of its features, and their weights."""
    own = [example for example in examples if name in example.truth]
    x = Sparse(own)
    read = np.array([example.read.get(name, 0.0) for example in own])
    truth = np.array([float(example.truth[name]) for example in own])
    origin = np.concatenate([start, np.zeros(len(x.places))])
    ridge = 2 * np.concatenate([[LEAN_PENALTY] * 2, np.full(len(x.places), WEIGHT_PENALTY)])

    def cost(at: np.ndarray) -> float:
        logits = at[0] * read + at[1] + x.times(at[2:])
        return float((np.logaddexp(0, logits) - truth * logits).sum() + (ridge * (at - origin) ** 2).sum() / 2)

    found = origin.copy()
    for _step in range(STEPS):
        p = 1 / (1 + np.exp(-(found[0] * read + found[1] + x.times(found[2:]))))
        wrong, bend = p - truth, p * (1 - p)
        slope = np.concatenate([[inner(wrong, read), wrong.sum()], x.back(wrong)]) + ridge * (found - origin)

        def curved(way: np.ndarray, bend: np.ndarray = bend) -> np.ndarray:
            pushed = bend * (way[0] * read + way[1] + x.times(way[2:]))
            return np.concatenate([[inner(pushed, read), pushed.sum()], x.back(pushed)]) + ridge * way

        step, before = solve(curved, slope), cost(found)
        # A whole step leads too far where what was read is far from what people say, and the next one as far back.
        while cost(found - step) > before and np.abs(step).max() > SETTLED:
            step /= 2
        found -= step
        if np.abs(step).max() < SETTLED:
            break
    return found[:2], x.places, found[2:]


def inner(one: np.ndarray, two: np.ndarray) -> float:
    """Not `@`: its threads wait for each other on a busy machine, which made a training five times as long."""
    return float((one * two).sum())


def solve(matrix: Callable[[np.ndarray], np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """x with matrix(x) = wanted, by conjugate gradients."""
    found = np.zeros(len(wanted))
    left = wanted.copy()
    way, size = left.copy(), inner(left, left)
    least = 1e-8 * size
    for _step in range(INNER_STEPS):
        if size <= least:
            break
        pushed = matrix(way)
        length = size / inner(way, pushed)
        found += length * way
        left -= length * pushed
        before, size = size, inner(left, left)
        way = left + size / before * way
    return found


def heads(
    examples: Sequence[Example], scheme: str, names: Sequence[str], *, between: Callable[[], None] = lambda: None
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and manifest of a scheme's model, as `learned.Learned` takes them; `between` is called after each head."""
    leans, weights = [], np.zeros((FEATURES, len(names)), np.float32)
    for at, name in enumerate(names):
        lean, places, own = fit(examples, name, START[scheme])
        leans.append(lean)
        weights[places, at] = own
        between()
    used = np.flatnonzero(np.abs(weights).max(axis=1) > 1e-3) if names else np.zeros(0, np.int64)
    arrays: dict[str, np.ndarray] = {
        "leans": np.array(leans, np.float64).reshape(-1, 2),
        "places": used.astype(np.int32),
        "weights": weights[used].astype(np.float16),
    }
    return arrays, {"scheme": scheme, "names": list(names)}
