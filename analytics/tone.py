"""Tone and kind of comments as shares, and what the classifier's own errors do to them (M28).

The denominator is the comments that have a class; the rest is shown as coverage. Trends use the raw share of one
version of the classifier.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.distributions import critical_z
from analytics.intervals import CONFIDENCE
from analytics.linear import solve
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
