"""Confidence intervals of a share, of the NPS, of a mean, of a count and of the difference of two shares."""

import math
from typing import NamedTuple

from analytics.distributions import beta_quantile, critical_t, critical_z, gamma_quantile

CONFIDENCE = 0.95

# Pseudo-answers of the adjusted Wald interval of the NPS.
EXTRA_PROMOTERS = 0.75
EXTRA_PASSIVES = 1.5
EXTRA_DETRACTORS = 0.75


class Interval(NamedTuple):
    """Lower and upper confidence limit in the unit of the estimate."""

    lo: float
    hi: float


class AdjustedNps(NamedTuple):
    """Centre and its variance, both on the -1..1 scale, after the pseudo-answers are added."""

    centre: float
    variance: float


def wilson_interval(x: float, n: float, *, conf: float = CONFIDENCE) -> Interval:
    """Wilson score interval of the share x/n, 0..1 (Wilson 1927); ValueError unless 0 <= x <= n and n > 0.

    `n` may be an effective sample size. The limits are exactly 0 at x = 0 and exactly 1 at x = n.
    """
    if n <= 0 or not 0 <= x <= n:
        raise ValueError("a share needs n > 0 and 0 <= x <= n")
    z2 = critical_z(conf) ** 2
    p = x / n
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = wilson_half_width(p, n, conf=conf)
    return Interval(lo=0.0 if x == 0 else centre - half, hi=1.0 if x == n else centre + half)


def wilson_half_width(p: float, n: float, *, conf: float = CONFIDENCE) -> float:
    """Half the width of the Wilson interval of an observed share `p` among `n` answers, 0..0.5."""
    z = critical_z(conf)
    return z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))


def newcombe_interval(*, x1: float, n1: float, x2: float, n2: float, conf: float = CONFIDENCE) -> Interval:
    """Hybrid score interval of x1/n1 - x2/n2, -1..1 (Newcombe 1998, method 10); ValueError on an empty side."""
    l1, u1 = wilson_interval(x1, n1, conf=conf)
    l2, u2 = wilson_interval(x2, n2, conf=conf)
    p1, p2 = x1 / n1, x2 / n2
    diff = (x1 * n2 - x2 * n1) / (n1 * n2)
    return Interval(lo=diff - math.hypot(p1 - l1, u2 - p2), hi=diff + math.hypot(u1 - p1, p2 - l2))


def nps_variance(*, promoters: float, passives: float, detractors: float) -> float:
    """Variance of one answer scored -1, 0 or 1, 0..1; ZeroDivisionError without answers."""
    n = promoters + passives + detractors
    return (promoters + detractors) / n - ((promoters - detractors) / n) ** 2


def adjusted_nps(*, promoters: float, passives: float, detractors: float) -> AdjustedNps:
    """Adjusted Wald centre and variance of the NPS: 0.75 promoters, 1.5 passives and 0.75 detractors are added."""
    p, s, d = promoters + EXTRA_PROMOTERS, passives + EXTRA_PASSIVES, detractors + EXTRA_DETRACTORS
    n = p + s + d
    return AdjustedNps(centre=(p - d) / n, variance=nps_variance(promoters=p, passives=s, detractors=d) / n)


def nps_interval(*, promoters: float, passives: float, detractors: float, conf: float = CONFIDENCE) -> Interval:
    """Adjusted Wald interval of the NPS in points, -100..100, wide enough to hold the raw value.

    The counts may be weighted ones that add up to an effective sample size; ValueError without answers.
    """
    n = promoters + passives + detractors
    if n <= 0 or min(promoters, passives, detractors) < 0:
        raise ValueError("the NPS interval needs answers and no negative count")
    centre, variance = adjusted_nps(promoters=promoters, passives=passives, detractors=detractors)
    half = critical_z(conf) * math.sqrt(variance)
    raw = 100 * (promoters - detractors) / n
    lo = max(-100.0, 100 * (centre - half))
    hi = min(100.0, 100 * (centre + half))
    return Interval(lo=min(lo, raw), hi=max(hi, raw))


def mean_interval(mean: float, sd: float, *, n: int, conf: float = CONFIDENCE) -> Interval:
    """Student t interval of a mean in its own unit; `sd` is the sample one (n - 1), ValueError below n = 2."""
    if n < 2:
        raise ValueError("the interval of a mean needs two answers")
    half = critical_t(n - 1, conf) * sd / math.sqrt(n)
    return Interval(lo=mean - half, hi=mean + half)


def exact_share_interval(x: int, n: int, *, conf: float = CONFIDENCE) -> Interval:
    """Clopper-Pearson interval of the share x/n, 0..1: never narrower than promised; ValueError without n."""
    if n <= 0 or not 0 <= x <= n:
        raise ValueError("a share needs n > 0 and 0 <= x <= n")
    tail = (1 - conf) / 2
    return Interval(
        lo=beta_quantile(tail, x, n - x + 1) if x else 0.0,
        hi=beta_quantile(1 - tail, x + 1, n - x) if x < n else 1.0,
    )


def count_interval(k: int, exposure: float = 1.0, *, conf: float = CONFIDENCE) -> Interval:
    """Exact Poisson interval (Garwood 1936) of the rate k/exposure of `k` counted events; ValueError if negative."""
    if k < 0 or exposure <= 0:
        raise ValueError("a rate needs k >= 0 and a positive exposure")
    tail = (1 - conf) / 2
    lo = gamma_quantile(tail, k) if k else 0.0
    return Interval(lo=lo / exposure, hi=gamma_quantile(1 - tail, k + 1) / exposure)
