"""Whether a phrase comes up more often than chance would have it: exact tests, and their family put right. Pure."""

import math
from collections.abc import Sequence


def hypergeometric_tail(hits: int, *, drawn: int, marked: int, total: int) -> float:
    """The chance of at least so many hits when `drawn` of `total` are drawn without looking and `marked` of them count.

    ValueError when the numbers cannot be.
    """
    if not (0 <= hits <= drawn <= total and hits <= marked <= total):
        raise ValueError("more hits than could be drawn")
    lowest, highest = max(0, drawn + marked - total), min(drawn, marked)
    if hits <= lowest:
        return 1.0
    every = _ways(total, drawn)
    chance, told = 0.0, math.exp(_ways(marked, hits) + _ways(total - marked, drawn - hits) - every)
    for count in range(hits, highest + 1):
        chance += told
        more = (marked - count) * (drawn - count) / ((count + 1) * (total - marked - drawn + count + 1))
        told *= more
        if told < chance * 1e-12 and more < 1:
            break
    return min(1.0, chance)


def _ways(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the given order, step-up: min over j >= i of p(j) * m / j (Benjamini, Hochberg 1995)."""
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("p-values lie between 0 and 1")
    m = len(p_values)
    adjusted = [1.0] * m
    smallest = 1.0
    for rank, index in zip(range(m, 0, -1), sorted(range(m), key=lambda i: -p_values[i]), strict=True):
        # The factor is at least 1, so an adjusted p-value never rounds to less than the raw one.
        smallest = min(smallest, p_values[index] * (m / rank))
        adjusted[index] = smallest
    return adjusted
