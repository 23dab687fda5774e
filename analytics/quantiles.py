"""Percentiles of durations: exact ones of rows, and from log-bucket histograms within 1 %.

Buckets (the DDSketch mapping of Masson, Rim, Lee 2019) are whole numbers with counts, so they merge and subtract
exactly. Shares within a target are never read from them: those are counted on the rows.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from analytics.distributions import binomial_cdf, critical_z
from analytics.intervals import CONFIDENCE

RELATIVE_ERROR = 0.01
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
# From so many values on the normal approximation of a rank is off by less than the buckets are.
MANY = 1000
# Fits a database's small integer; no duration that is not zero for our purposes comes near it.
ZERO_BUCKET = -32768


@dataclass(frozen=True, kw_only=True)
class QuantileInterval:
    """Limits of a percentile and the ranks (from 1) of the values they are; None: too few values for that side."""

    lo: float | None
    hi: float | None
    lo_rank: int | None
    hi_rank: int | None


def quantile(values: Sequence[float], q: float) -> float | None:
    """Exact percentile, 0 <= q <= 1, linear between order statistics: type 7, as numpy and percentile_cont have it."""
    if not 0 <= q <= 1:
        raise ValueError("a quantile needs 0 <= q <= 1")
    if not values:
        return None
    ordered = sorted(values)
    below, part = divmod((len(ordered) - 1) * q, 1)
    low = ordered[int(below)]
    return low + part * (ordered[int(below) + 1] - low) if part else low


def quantile_interval(values: Sequence[float], q: float, *, conf: float = CONFIDENCE) -> QuantileInterval:
    """Order statistics that hold the percentile with this confidence, without assuming a distribution."""
    if not 0 < q < 1:
        raise ValueError("an interval needs 0 < q < 1")
    ordered = sorted(values)
    lo_rank, hi_rank = interval_ranks(len(ordered), q, conf=conf)
    return QuantileInterval(
        lo=ordered[lo_rank - 1] if lo_rank else None,
        hi=ordered[hi_rank - 1] if hi_rank else None,
        lo_rank=lo_rank,
        hi_rank=hi_rank,
    )


@lru_cache(maxsize=4096)
def interval_ranks(n: int, q: float, *, conf: float = CONFIDENCE) -> tuple[int | None, int | None]:
    """Ranks, from 1, of the order statistics of `n` values that hold a percentile; None: too few for that side."""
    tail = (1 - conf) / 2
    if n > MANY:
        half = critical_z(conf) * math.sqrt(n * q * (1 - q))
        lo, hi = max(0, math.floor(n * q - half)), math.ceil(n * q + half) + 1
    else:
        lo = _first(n + 1, lambda rank: binomial_cdf(rank, n, q) > tail)
        hi = _first(n + 1, lambda rank: 1 - binomial_cdf(rank - 1, n, q) <= tail)
    return lo or None, hi if hi <= n else None


def bucket(seconds: float) -> int:
    """Key of the bucket that holds a duration: (gamma^(key-1), gamma^key]; ZERO_BUCKET for 0 and less."""
    if seconds <= 0:
        return ZERO_BUCKET
    return max(ZERO_BUCKET, math.ceil(math.log(seconds) / math.log(GAMMA)))


@cache
def bucket_value(key: int) -> float:
    """Duration in seconds that stands for a bucket, within 1 % of every duration in it."""
    return 0.0 if key == ZERO_BUCKET else 2 * GAMMA**key / (GAMMA + 1)


def _first(end: int, holds: Callable[[int], bool]) -> int:
    """The first number from 0 for which a test that never turns back holds, or `end`."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
