"""How many answers a share needs, and which change a number of answers can show."""

import math

from analytics.distributions import critical_z, normal_quantile
from analytics.intervals import CONFIDENCE, wilson_half_width

POWER = 0.8


def answers_for_half_width(p: float, half_width: float) -> int:
    """Smallest n whose 95 % Wilson interval around an observed share `p` is at most +-`half_width` (0..0.5)."""
    if not 0 <= p <= 1 or half_width <= 0:
        raise ValueError("needs 0 <= p <= 1 and a positive half-width")
    enough = 1
    while wilson_half_width(p, enough) > half_width:
        enough *= 2
    # The half-width falls with n for every p, so the first n that is enough can be bisected.
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if wilson_half_width(p, middle) > half_width:
            too_few = middle
        else:
            enough = middle
    return enough


def minimum_detectable_change(*, p: float, n0: int, n1: int, sign: int, deff: float = 1.0) -> float | None:
    """Smallest rise (`sign` 1) or fall (-1) of a share from `p`, 0..1, found with 80 % power at 5 % two-sided.

    `n0` answers before, `n1` after, `deff` the design effect; pooled variance under no change, unpooled under change.
    None: not measurable with this sample, even a change to 0 or 1 would be missed.
    """
    if not 0 <= p <= 1 or min(n0, n1) < 1 or sign not in (-1, 1) or deff <= 0:
        raise ValueError("needs 0 <= p <= 1, answers on both sides, sign 1 or -1 and a positive deff")
    limit = 1 - p if sign == 1 else p

    def missed(delta: float) -> bool:
        return delta < _needed_change(p=p, after=p + sign * delta, n0=n0, n1=n1, deff=deff)

    if limit == 0 or missed(limit):
        return None
    small, large = 0.0, limit
    # The needed change is concave in the change itself, so there is one crossing to bisect.
    for _ in range(60):
        middle = (small + large) / 2
        if missed(middle):
            small = middle
        else:
            large = middle
    return large


def _needed_change(*, p: float, after: float, n0: int, n1: int, deff: float) -> float:
    after = min(1.0, max(0.0, after))
    pooled = (n0 * p + n1 * after) / (n0 + n1)
    under_none = pooled * (1 - pooled) * (1 / n0 + 1 / n1)
    under_change = p * (1 - p) / n0 + after * (1 - after) / n1
    return critical_z(CONFIDENCE) * math.sqrt(deff * under_none) + normal_quantile(POWER) * math.sqrt(
        deff * under_change
    )
