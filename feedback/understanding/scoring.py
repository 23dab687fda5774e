"""How good guesses are beside the truth: F1 by class, calibration, and what is gained by keeping only the surest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BINS = 10


@dataclass(frozen=True)
class Guess:
    """One answer and how sure it is, 0 to 1."""

    value: str
    confidence: float


def share(part: float, whole: float) -> float:
    """part / whole, 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0


def of_class(hits: int, *, guessed: int, n: int) -> dict[str, float]:
    """Precision, recall, F1 and n of one class; F1 = 2 hits / (guessed + n)."""
    return {
        "precision": share(hits, guessed),
        "recall": share(hits, n),
        "f1": share(2 * hits, guessed + n),
        "n": n,
    }


def ece(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over ten equal bins: |accuracy - mean confidence|, weighted by rows (Naeini 2015)."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, hit in zip(sure, right, strict=True):
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, hit))
    gaps = (abs(sum(hit for _, hit in rows) - sum(confidence for confidence, _ in rows)) for rows in bins)
    return share(sum(gaps), len(sure))


def coverage_curve(sure: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Accuracy on the surest 10 %, 20 % ... of all rows, with the confidence that cuts them off."""
    order = sorted(range(len(sure)), key=lambda at: -sure[at])
    curve = []
    for tenth in range(1, BINS + 1):
        kept = order[: max(1, round(len(order) * tenth / BINS))] if order else []
        hits = sum(right[at] for at in kept)
        least = sure[kept[-1]] if kept else 0.0
        curve.append({"coverage": tenth / BINS, "accuracy": share(hits, len(kept)), "confidence": round(least, 3)})
    return curve


def score(truth: Sequence[str], guesses: Sequence[Guess]) -> dict[str, Any]:
    """The whole report of one-of-many labels; the macro mean runs over classes that were true or guessed."""
    right = [guess.value == value for guess, value in zip(guesses, truth, strict=True)]
    sure = [guess.confidence for guess in guesses]
    per_class = {}
    for name in sorted({*truth, *(guess.value for guess in guesses)}):
        hits = sum(hit for hit, value in zip(right, truth, strict=True) if value == name)
        guessed = sum(guess.value == name for guess in guesses)
        per_class[name] = of_class(hits, guessed=guessed, n=list(truth).count(name))
    return {
        "n": len(truth),
        "accuracy": share(sum(right), len(right)),
        "macro_f1": share(sum(row["f1"] for row in per_class.values()), len(per_class)),
        "per_class": per_class,
        "ece": ece(sure, right),
        "coverage_curve": coverage_curve(sure, right),
    }


def score_sets(truth: Sequence[frozenset[str]], guesses: Sequence[Sequence[Guess]]) -> dict[str, Any]:
    """The whole report of any-of-many labels.

    `coverage` is the share of rows with at least one guess, `p_at_1` how often the surest of them is right, `accuracy`
    how often the whole set is.
    """
    named = [{guess.value for guess in row} for row in guesses]
    per_class = {}
    hits = guessed = n = 0
    for name in sorted(frozenset().union(*truth, *named)):
        both = sum(name in real and name in told for real, told in zip(truth, named, strict=True))
        told_here, real_here = sum(name in told for told in named), sum(name in real for real in truth)
        per_class[name] = of_class(both, guessed=told_here, n=real_here)
        hits, guessed, n = hits + both, guessed + told_here, n + real_here
    firsts = [(max(row, key=lambda guess: guess.confidence), at) for at, row in enumerate(guesses) if row]
    right = [first.value in truth[at] for first, at in firsts]
    pairs = [(guess.confidence, guess.value in truth[at]) for at, row in enumerate(guesses) for guess in row]
    return {
        "n": len(truth),
        "accuracy": share(sum(map(frozenset.__eq__, truth, map(frozenset, named))), len(truth)),
        "micro_f1": share(2 * hits, guessed + n),
        "macro_f1": share(sum(row["f1"] for row in per_class.values()), len(per_class)),
        "p_at_1": share(sum(right), len(right)),
        "coverage": share(len(firsts), len(truth)),
        "per_class": per_class,
        "ece": ece([sure for sure, _ in pairs], [hit for _, hit in pairs]),
        "coverage_curve": coverage_curve([first.confidence for first, _ in firsts], right),
    }
