"""Tone and kind of comments as shares, and what the classifier's own errors do to them (M28).

The denominator is the comments that have a class; the rest is shown as coverage. Trends use the raw share of one
version of the classifier.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.distributions import critical_z
from analytics.intervals import CONFIDENCE
from analytics.linear import inverse, solve
from analytics.scores import Share

CHECKED_COMMENTS = 200
# Below it the labels say too little to be corrected.
FEWEST_TRUTH = 1.2


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A share, 0..1, of `n` comments that people checked: sensitivity of those in the class, specificity of others."""

    value: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """A share 0..1 corrected for the classifier's errors, with 95 % limits by the delta method."""

    value: float
    lo: float
    hi: float


def corrected_share(raw: Share, *, sensitivity: Checked, specificity: Checked) -> Corrected | None:
    """Rogan and Gladen 1978: the true share behind a raw one; None where the classifier is too weak to correct.

    All three samples are uncertain, and all three are in the limits.
    """
    skill = sensitivity.value + specificity.value - 1
    if raw.value is None or sensitivity.n < 1 or specificity.n < 1 or skill <= FEWEST_TRUTH - 1:
        return None
    found = (raw.value + specificity.value - 1) / skill
    variance = (
        raw.value * (1 - raw.value) / raw.den
        + found**2 * sensitivity.value * (1 - sensitivity.value) / sensitivity.n
        + (1 - found) ** 2 * specificity.value * (1 - specificity.value) / specificity.n
    ) / skill**2
    half = critical_z(CONFIDENCE) * math.sqrt(variance)
    value, lo, hi = (min(1.0, max(0.0, limit)) for limit in (found, found - half, found + half))
    return Corrected(value=value, lo=lo, hi=hi)


def corrected_classes(observed: Sequence[float], confusion: Sequence[Sequence[float]]) -> list[float] | None:
    """True shares of several classes behind the observed ones; row i of `confusion` is what class i is labelled as.

    Negative solutions are cut to 0 and the rest made to add up to 1. None when the labels cannot tell classes apart.
    """
    size = len(observed)
    if len(confusion) != size or any(len(row) != size for row in confusion):
        raise ValueError("the confusion matrix needs a row and a column for each class")
    transposed = [[confusion[row][column] for row in range(size)] for column in range(size)]
    found = solve(transposed, observed)
    if found is None:
        return None
    kept = [max(0.0, value) for value in found]
    total = math.fsum(kept)
    return [value / total for value in kept] if total else None


def corrected_together(observed: Sequence[int], checked: Sequence[Sequence[int]]) -> list[Corrected] | None:
    """True shares of several classes behind how many are labelled as each; they add up to 1.

    Row i of `checked` counts what people found to be class i by what it is labelled as. The limits are by the delta
    method, with both samples uncertain; for two classes they are Rogan and Gladen's. None where the labels of some
    class say too little.
    """
    n, sizes = sum(observed), [sum(row) for row in checked]
    if not n or not all(sizes) or not all(_is_told(checked, at) for at in range(len(sizes))):
        return None
    rows, shares = [_row(row, at) for at, row in enumerate(checked)], [count / n for count in observed]
    turned, values = inverse(list(zip(*rows, strict=True))), corrected_classes(shares, rows)
    if turned is None or values is None:
        return None
    found = [math.fsum(factor * share for factor, share in zip(line, shares, strict=True)) for line in turned]

    def limits(line: Sequence[float], middle: float) -> tuple[float, float]:
        of_labels = _variance(line, shares) / n
        of_checks = sum(
            true**2 * _variance(line, row) / size for true, row, size in zip(found, rows, sizes, strict=True)
        )
        half = critical_z(CONFIDENCE) * math.sqrt(of_labels + of_checks)
        return middle - half, middle + half

    told = [limits(line, middle) for line, middle in zip(turned, found, strict=True)]
    return [
        Corrected(value=value, lo=max(0.0, min(lo, value)), hi=min(1.0, max(hi, value)))
        for value, (lo, hi) in zip(values, told, strict=True)
    ]


def _is_told(checked: Sequence[Sequence[int]], at: int) -> bool:
    """Whether sensitivity and specificity of a class are worth correcting by."""
    others = [row for place, row in enumerate(checked) if place != at]
    size = sum(map(sum, others))
    if not size:
        return False
    sensitivity, mistaken = checked[at][at] / sum(checked[at]), sum(row[at] for row in others) / size
    return sensitivity + 1 - mistaken > FEWEST_TRUTH


def _row(counts: Sequence[int], at: int) -> list[float]:
    """What class `at` is labelled as; never quite without errors, which a few comments do not prove."""
    size, by_chance = sum(counts), critical_z(CONFIDENCE) ** 2
    if counts[at] < size:
        return [count / size for count in counts]
    missed = by_chance / 2 / (size + by_chance)
    return [1 - missed if place == at else missed / (len(counts) - 1) for place in range(len(counts))]


def _variance(factors: Sequence[float], shares: Sequence[float]) -> float:
    """That of a sum of what one draw by these shares counts for."""
    mean = math.fsum(factor * share for factor, share in zip(factors, shares, strict=True))
    return math.fsum(factor**2 * share for factor, share in zip(factors, shares, strict=True)) - mean**2
