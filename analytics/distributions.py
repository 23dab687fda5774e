"""Probabilities and quantiles: normal, t, beta, binomial, gamma and negative binomial; standard library only."""

import math
from collections.abc import Callable
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


def beta_cdf(x: float, a: float, b: float) -> float:
    """P(B <= `x`) of a beta variable with a, b > 0; 0 left of 0 and 1 right of 1."""
    if a <= 0 or b <= 0:
        raise ValueError("a beta distribution needs a, b > 0")
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(_log_beta_front(x, a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x=x) / a
    return 1 - front * _beta_fraction(b, a, x=1 - x) / b


@lru_cache(maxsize=4096)
def beta_quantile(p: float, a: float, b: float) -> float:
    """x with P(B <= x) = `p` of a beta variable, 0 < p < 1."""
    return _inverse(
        lambda x: beta_cdf(x, a, b),
        lambda x: math.exp(_log_beta_front(x, a, b)) / (x * (1 - x)),
        p,
        low=0.0,
        high=1.0,
        start=a / (a + b),
    )


def binomial_cdf(k: int, n: int, p: float) -> float:
    """P(X <= `k`) of the number of hits in `n` trials of chance `p`, 0 <= p <= 1."""
    if n < 0 or not 0 <= p <= 1:
        raise ValueError("a binomial distribution needs n >= 0 and 0 <= p <= 1")
    if k < 0 or k >= n:
        return float(k >= n)
    return beta_cdf(1 - p, n - k, k + 1)


def gamma_cdf(x: float, a: float) -> float:
    """P(G <= `x`) of a gamma variable of shape `a` > 0 and scale 1."""
    if a <= 0:
        raise ValueError("a gamma distribution needs a positive shape")
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    return front * _gamma_series(a, x) if x < a + 1 else 1 - front * _gamma_fraction(a, x)


@lru_cache(maxsize=4096)
def gamma_quantile(p: float, a: float) -> float:
    """x with P(G <= x) = `p` of a gamma variable of shape `a` and scale 1, 0 < p < 1."""
    # Wilson and Hilferty's cube is near enough for Newton's steps to settle in a few.
    cube = a * (1 - 1 / (9 * a) + normal_quantile(p) / (3 * math.sqrt(a))) ** 3
    high = a + 40 * math.sqrt(a) + 80
    return _inverse(
        lambda x: gamma_cdf(x, a),
        lambda x: math.exp((a - 1) * math.log(x) - x - math.lgamma(a)),
        p,
        low=0.0,
        high=high,
        start=min(max(cube, 1e-6), high / 2),
    )


def negative_binomial_tail(c: int, *, mean: float, variance: float) -> float:
    """P(X >= `c`) of a count with this mean and variance; a variance not above the mean is that of Poisson."""
    if mean <= 0:
        return float(c <= 0)
    if c <= 0:
        return 1.0
    size = mean * mean / (variance - mean) if variance > mean * (1 + 1e-12) else math.inf

    def log_chance(k: int) -> float:
        if math.isinf(size):
            return k * math.log(mean) - mean - math.lgamma(k + 1)
        shape = math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
        return shape + size * math.log(mean / variance) + k * math.log1p(-mean / variance)

    if c <= mean:
        return max(0.0, 1 - math.fsum(math.exp(log_chance(k)) for k in range(c)))
    total, k = 0.0, c
    while (term := math.exp(log_chance(k))) > total * _EPSILON:
        total, k = total + term, k + 1
    return total


def _inverse(
    cdf: Callable[[float], float],
    density: Callable[[float], float],
    p: float,
    *,
    low: float,
    high: float,
    start: float,
) -> float:
    """The root of cdf(x) = p between `low` and `high`: Newton's steps, halved intervals where one would leave them."""
    if not 0 < p < 1:
        raise ValueError("p must lie between 0 and 1")
    x = start
    for _ in range(200):
        error = cdf(x) - p
        low, high = (low, x) if error > 0 else (x, high)
        slope = density(x)
        step = error / slope if slope > 0 else math.inf
        after = x - step if low < x - step < high else (low + high) / 2
        if abs(after - x) <= 1e-15 * abs(x) or error == 0:
            break
        x = after
    return x


def _log_beta_front(x: float, a: float, b: float) -> float:
    return a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)


def _gamma_series(a: float, x: float) -> float:
    # NIST Digital Library of Mathematical Functions 8.7.1.
    term = total = 1 / a
    k = a
    while term > total * _EPSILON:
        k += 1
        term *= x / k
        total += term
    return total


def _gamma_fraction(a: float, x: float) -> float:
    # The same library's continued fraction 8.9.2, evaluated by Lentz's method.
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for i in range(1, 100_000):
        numerator = -i * (i - a)
        b += 2
        d = 1 / _away_from_zero(numerator * d + b)
        c = _away_from_zero(b + numerator / c)
        value *= c * d
        if abs(c * d - 1) <= 10 * _EPSILON:
            break
    return value


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
