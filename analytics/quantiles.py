"""Percentiles of durations from log-bucket histograms, within 1 % (the DDSketch mapping of Masson, Rim, Lee 2019).

Buckets are whole numbers with counts, so they merge and subtract exactly. Shares within a target are never read from
them: those are counted on the rows.
"""

import math
from collections.abc import Mapping
from itertools import accumulate

RELATIVE_ERROR = 0.01
GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
# Fits a database's small integer; no duration that is not zero for our purposes comes near it.
ZERO_BUCKET = -32768


def bucket(seconds: float) -> int:
    """Key of the bucket that holds a duration: (gamma^(key-1), gamma^key]; ZERO_BUCKET for 0 and less."""
    if seconds <= 0:
        return ZERO_BUCKET
    return max(ZERO_BUCKET, math.ceil(math.log(seconds) / math.log(GAMMA)))


def bucket_value(key: int) -> float:
    """Duration in seconds that stands for a bucket, within 1 % of every duration in it."""
    return 0.0 if key == ZERO_BUCKET else 2 * GAMMA**key / (GAMMA + 1)


def histogram_quantile(hist: Mapping[int, int], q: float) -> float | None:
    """Duration at rank floor(q * (n - 1)) of a bucket histogram, 0 <= q <= 1; None when it is empty."""
    if not 0 <= q <= 1 or any(count < 0 for count in hist.values()):
        raise ValueError("a quantile needs 0 <= q <= 1 and no negative count")
    n = sum(hist.values())
    if n == 0:
        return None
    # The product of a decimal q and a whole number can fall just short of the whole rank it stands for.
    rank = math.floor(q * (n - 1) + 1e-9)
    keys = sorted(hist)
    seen = accumulate(hist[key] for key in keys)
    return next(bucket_value(key) for key, reached in zip(keys, seen, strict=True) if reached > rank)
