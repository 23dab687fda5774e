"""How well vectors of suggestions group what is the same: on suggestions written for that, a few words each."""

import csv
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).resolve().parent.parent / "labelled" / "suggestions.tsv"
TUNED_ON, HELD_OUT = 0, 1
ORDERS = 10
THRESHOLDS = np.arange(0.16, 0.70, 0.02)


class Wording(NamedTuple):
    """One suggestion and the thing that it asks for; every other thing is held out from tuning."""

    thing: str
    language: str
    text: str


class Grouped(NamedTuple):
    """How good a grouping is: pairs that are rightly together, and B-cubed (Bagga, Baldwin 1998)."""

    pair_precision: float
    pair_recall: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of B-cubed precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def every() -> list[Wording]:
    """All suggestions."""
    with open(FILE, encoding="utf-8", newline="") as file:
        return [Wording(row["thing"], row["language"], row["text"]) for row in csv.DictReader(file, delimiter="\t")]


def half(rows: Sequence[Wording], which: int) -> list[int]:
    """The places of the suggestions about every other thing."""
    things = list(dict.fromkeys(row.thing for row in rows))
    return [at for at, row in enumerate(rows) if things.index(row.thing) % 2 == which]


def greedy(vectors: np.ndarray, order: Sequence[int], threshold: float) -> list[int]:
    """The group of each vector when they come in that order: the nearest centre if near enough, else a new one."""
    centres: list[np.ndarray] = []
    group = [0] * len(vectors)
    for at in order:
        close = [float(vectors[at] @ centre / (np.linalg.norm(centre) + 1e-9)) for centre in centres]
        best = int(np.argmax(close)) if close else -1
        if best < 0 or close[best] < threshold:
            centres.append(np.zeros_like(vectors[at]))
            best = len(centres) - 1
        centres[best] = centres[best] + vectors[at]
        group[at] = best
    return group


def judged(group: Sequence[int], truth: Sequence[str]) -> Grouped:
    """A grouping against what the suggestions are about."""
    both = Counter(zip(group, truth, strict=True))
    found, real = Counter(group), Counter(truth)
    n = len(group)
    together = sum(count * (count - 1) for count in both.values())
    return Grouped(
        pair_precision=together / max(1, sum(count * (count - 1) for count in found.values())),
        pair_recall=together / max(1, sum(count * (count - 1) for count in real.values())),
        precision=sum(count * count / found[one] for (one, _thing), count in both.items()) / n,
        recall=sum(count * count / real[thing] for (_one, thing), count in both.items()) / n,
    )


def measured(vectors: np.ndarray, rows: Sequence[Wording], which: int, threshold: float) -> Grouped:
    """The mean over some orders in which the suggestions of one half may come."""
    places = half(rows, which)
    own, truth = vectors[places], [rows[at].thing for at in places]
    told = []
    for seed in range(ORDERS):
        order = list(range(len(places)))
        random.Random(seed).shuffle(order)
        told.append(judged(greedy(own, order, threshold), truth))
    return Grouped(*(float(np.mean(each)) for each in zip(*told, strict=True)))


def tuned(vectors: np.ndarray, rows: Sequence[Wording]) -> float:
    """The threshold with the best B-cubed F1 on the half that is for tuning."""
    scores = [measured(vectors, rows, TUNED_ON, each).f1 for each in THRESHOLDS]
    return round(float(THRESHOLDS[int(np.argmax(scores))]), 2)
