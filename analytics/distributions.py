"""Normal and Student t probabilities and quantiles, standard library only."""

import math
from functools import lru_cache
from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()
_TINY = 1e-300
_EPSILON = 1e-16


@lru_cache(maxsize=64)
def normal_quantile(p: float) -> float:
    """z with P(Z <= z) = `p` for the standard normal, 0 < p < 1."""
    return _STANDARD_NORMAL.inv_cdf(p)


def critical_z(conf: float) -> float:
    """Two-sided critical value: 1.959964 for `conf` 0.95."""
    if not 0 < conf < 1:
        raise ValueError("conf must lie between 0 and 1")
    return normal_quantile(0.5 + conf / 2)


def normal_p_value(z: float) -> float:
    """Two-sided p-value of a standard normal statistic, accurate far into the tails."""
    return math.erfc(abs(z) / math.sqrt(2))


def student_t_p_value(t: float, df: float) -> float:
    """Two-sided p-value of a t statistic with `df` > 0 degrees of freedom (not necessarily whole)."""
    if df <= 0:
        raise ValueError("df must be positive")
    if t == 0:
        return 1.0
    a, tail, body = df / 2, df / (df + t * t), t * t / (df + t * t)
    # tail + body = 1; the logarithm is taken from the smaller of the two, which lost no digits.
    log_tail = math.log1p(-body) if body < 0.5 else math.log(tail)
    log_body = math.log(body) if body < 0.5 else math.log1p(-tail)
    front = math.exp(_log_gamma_half_step(a) - 0.5 * math.log(math.pi) + a * log_tail + 0.5 * log_body)
    if tail < (a + 1) / (a + 2.5):
        return front * _beta_fraction(a, 0.5, x=tail) / a
    return 1 - 2 * front * _beta_fraction(0.5, a, x=body)


@lru_cache(maxsize=4096)
def critical_t(df: float, conf: float) -> float:
    """Two-sided critical value of Student's t: 2.045230 for `df` 29 and `conf` 0.95."""
    t = critical_z(conf)
    # The tail is convex and z lies left of the root, so Newton steps rise towards it and never overshoot.
    for _ in range(200):
        step = (student_t_p_value(t, df) - (1 - conf)) / (2 * _student_t_density(t, df))
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def _student_t_density(t: float, df: float) -> float:
    log_scale = _log_gamma_half_step(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - (df + 1) / 2 * math.log1p(t * t / df))


def _log_gamma_half_step(a: float) -> float:
    # ln gamma(a + 1/2) - ln gamma(a); the difference of two large logarithms would lose digits, the series does not.
    if a < 50:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    return 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)


def _beta_fraction(a: float, b: float, *, x: float) -> float:
    # Incomplete beta integral: continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions,
    # evaluated by Lentz's method.
    c = 1.0
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) <= 10 * _EPSILON:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
