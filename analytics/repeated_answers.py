"""Shares where some customers answered several times: their answers are alike, so they count for fewer (M8)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.intervals import wilson_interval

ANSWERS_PER_CUSTOMER = 1.2


@dataclass(frozen=True, kw_only=True)
class ClusteredShare:
    """A share 0..1 with its standard error between customers; Wilson 95 % limits by `n_eff` answers.

    `deff` is how many answers one independent answer costs.
    """

    n: int
    value: float | None
    se: float | None
    n_eff: float
    deff: float | None
    lo: float | None
    hi: float | None


def needs_clusters(*, answers: int, customers: int) -> bool:
    """Whether answers of one customer come often enough to need this interval instead of the plain one."""
    return customers > 0 and answers > ANSWERS_PER_CUSTOMER * customers


def clustered_share(customers: Sequence[tuple[int, int]]) -> ClusteredShare:
    """Share of the satisfied among (answers, satisfied) of each customer, by the variance between customers.

    Customers who agree within themselves and with each other count as one answer each. ValueError for a customer
    without answers or with more satisfied ones than answers.
    """
    if any(not 0 <= satisfied <= answers or not answers for answers, satisfied in customers):
        raise ValueError("a customer needs answers, and 0 <= satisfied <= answers")
    number, n = len(customers), sum(answers for answers, _ in customers)
    if not number:
        return ClusteredShare(n=0, value=None, se=None, n_eff=0.0, deff=None, lo=None, hi=None)
    hits = sum(satisfied for _, satisfied in customers)
    p = hits / n
    # n * (y - p * m) is whole, so that a variance that is zero comes out as zero.
    squares = sum((satisfied * n - hits * answers) ** 2 for answers, satisfied in customers)
    variance = number / (number - 1) * squares / n**4 if number > 1 else 0.0
    n_eff = min(float(n), p * (1 - p) / variance) if variance else float(number)
    lo, hi = wilson_interval(min(p * n_eff, n_eff), n_eff)
    return ClusteredShare(n=n, value=p, se=math.sqrt(variance), n_eff=n_eff, deff=n / n_eff, lo=lo, hi=hi)
