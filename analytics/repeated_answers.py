"""Scores where some customers answered several times: their answers are alike, so they count for fewer (M8)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analytics.intervals import nps_interval, wilson_interval
from analytics.scores import Nps, Share

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


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Sums over all pairs of answers of one customer: how many, of both values, of their products.

    `later` is how many answers have an earlier one of the same customer: what customers are fewer than answers.
    """

    number: int = 0
    sums: int = 0
    products: int = 0
    later: int = 0


@dataclass(frozen=True, kw_only=True)
class Effective:
    """Of how many customers some answers are, where that is known, and how many independent answers they are worth."""

    customers: int | None
    n_eff: float


def effective(values: Mapping[int, int], pairs: Pairs) -> Effective | None:
    """What `clustered_share` computes from each customer's answers, from sums over pairs; for values -1 to 1, too.

    `values` is how many answers have each value. None where the plain interval does.
    """
    n = sum(values.values())
    customers = n - pairs.later
    if not needs_clusters(answers=n, customers=customers):
        return None
    total = sum(value * count for value, count in values.items())
    squares = sum(value * value * count for value, count in values.items())
    # The sum over customers of n * (y - p * m), squared, as in `clustered_share`: whole numbers.
    between = (
        n * n * (squares + 2 * pairs.products)
        - 2 * n * total * (total + pairs.sums)
        + total * total * (n + 2 * pairs.number)
    )
    variance = customers / (customers - 1) * between / n**4 if customers > 1 and between > 0 else 0.0
    of_one = (n * squares - total * total) / n**2
    n_eff = min(float(n), of_one / variance) if variance else float(customers)
    return Effective(customers=customers, n_eff=n_eff)


def widened(score: Share | Nps, found: Effective | None) -> Share | Nps:
    """The score with limits by its effective number of answers."""
    if found is None or not score.n:
        return score
    part = found.n_eff / score.n
    if isinstance(score, Nps):
        lo, hi = nps_interval(
            promoters=score.promoters * part, passives=score.passives * part, detractors=score.detractors * part
        )
    else:
        hits = found.n_eff if score.num == score.den else min(score.num * part, found.n_eff)
        lo, hi = wilson_interval(hits, found.n_eff)
    return replace(score, lo=lo, hi=hi, n_eff=found.n_eff, customers=found.customers)
