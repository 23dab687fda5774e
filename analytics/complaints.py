"""Complaints: how many there are per thousand contacts, and whether that changed (M25).

How fast they are met is M14, M17 and M18 on these rows alone, how they end M16, whether they come again M23 with a
window of 30 days, and how soon detractors are called M17 and M18 with a target of 48 hours.
"""

from dataclasses import dataclass
from typing import ClassVar

from analytics.display import Unit
from analytics.distributions import binomial_cdf
from analytics.intervals import CONFIDENCE, Interval, count_interval, exact_share_interval

PER = 1000
REPEAT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Complaints per thousand contacts with exact Poisson limits; None without contacts."""

    complaints: int
    contacts: int
    value: float | None
    lo: float | None
    hi: float | None
    unit: ClassVar[Unit] = "per_1000"

    @property
    def num(self) -> int:
        return self.complaints

    @property
    def den(self) -> int:
        return self.contacts

    @property
    def n(self) -> int:
        return self.contacts


@dataclass(frozen=True, kw_only=True)
class RateChange:
    """Ratio of two rates, present over past, with exact limits; a limit or the ratio is None where it has no end."""

    ratio: float | None
    lo: float
    hi: float | None
    p: float


def complaint_rate(complaints: int, contacts: int) -> Rate:
    """Complaints per 1000 contacts; ValueError for negative counts."""
    if contacts < 0 or complaints < 0:
        raise ValueError("counts cannot be negative")
    if not contacts:
        return Rate(complaints=complaints, contacts=0, value=None, lo=None, hi=None)
    lo, hi = count_interval(complaints, contacts / PER)
    return Rate(complaints=complaints, contacts=contacts, value=PER * complaints / contacts, lo=lo, hi=hi)


def rate_change(*, now: int, exposure: float, before: int, exposure_before: float) -> RateChange | None:
    """Exact conditional test of two counts over their contacts, the smaller tail doubled, so that it agrees with the
    Clopper-Pearson limits; None where neither period has a complaint."""
    if min(now, before) < 0 or exposure <= 0 or exposure_before <= 0:
        raise ValueError("needs counts and positive exposures")
    n = now + before
    if not n:
        return None
    by_chance = exposure / (exposure + exposure_before)
    tails = binomial_cdf(now, n, by_chance), 1 - binomial_cdf(now - 1, n, by_chance)
    limits = exact_share_interval(now, n, conf=CONFIDENCE)
    lo, hi = _odds(limits, scale=exposure_before / exposure)
    ratio = now * exposure_before / (before * exposure) if before else None
    return RateChange(ratio=ratio, lo=lo, hi=hi, p=min(1.0, 2 * min(tails)))


def _odds(limits: Interval, *, scale: float) -> tuple[float, float | None]:
    lo, hi = (limit / (1 - limit) * scale if limit < 1 else None for limit in limits)
    return lo or 0.0, hi
