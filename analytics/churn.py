"""Customers who leave and customers who stay: churn by contract, by inactivity, and by cohort (M26).

Survival and median life are the curve of `analytics.survival`; whether detractors leave more often than promoters is
`comparisons.share_change` of the two shares. Days are whole numbers on one calendar.
"""

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypeVar

from analytics.scores import Share, share

Customer = TypeVar("Customer", bound=Hashable)

SHORTEST_WINDOW, LONGEST_WINDOW = 30, 365
WINDOW_QUANTILE = 0.95


@dataclass(frozen=True)
class Inactivity:
    """Customers active when the period began, and those of them who had a day without activity in the window."""

    active: frozenset[Hashable]
    churned: frozenset[Hashable]

    @property
    def share(self) -> Share:
        return share(len(self.churned), len(self.active))


def contract_churn(active_at_start: Collection[Customer], lost: Collection[Customer]) -> Share:
    """Share of the customers at the period's start who left in it; who joined in the period is in neither number."""
    at_start = set(active_at_start)
    return share(len(at_start & set(lost)), len(at_start))


def inactivity_churn(activity: Mapping[Customer, Sequence[int]], *, window: int, start: int, end: int) -> Inactivity:
    """Churn without contracts: a customer is active on a day t with an activity in (t - window, t].

    Churned is who was active on `start` and is inactive on some day up to `end`; a return later is a win-back and does
    not undo it.
    """
    active, churned = set(), set()
    for customer, days in activity.items():
        ordered = sorted(days)
        at_start = bisect_right(ordered, start)
        if not at_start or ordered[at_start - 1] <= start - window:
            continue
        active.add(customer)
        last = ordered[at_start - 1]
        for day in ordered[at_start:]:
            if day > last + window:
                break
            last = day
        if last + window <= end:
            churned.add(customer)
    return Inactivity(active=frozenset(active), churned=frozenset(churned))


def inactivity_window(activity: Iterable[Sequence[int]]) -> int:
    """Days after which silence means leaving: the 95th percentile of gaps between activities, within 30 to 365."""
    gaps = (after - before for days in map(sorted, activity) for before, after in zip(days, days[1:], strict=False))
    return window_of(Counter(gaps))


def cohort_retention(members: Mapping[Customer, Collection[int]], *, periods: int) -> list[float | None]:
    """Share of a cohort that is active in each period after joining, period 0 first; None for an empty cohort."""
    active = [sum(period in of_one for of_one in members.values()) for period in range(periods)]
    return [number / len(members) if members else None for number in active]


def annual_churn(monthly: float) -> float:
    """Share lost in a year, 0..1, at a constant monthly one."""
    if not 0 <= monthly <= 1:
        raise ValueError("a share lies between 0 and 1")
    return 1 - (1 - monthly) ** 12


class Life(NamedTuple):
    """Days on which somebody is a customer, from `start` on; `end` is the first day on which they are none any more."""

    start: dt.date
    end: dt.date


def lives(days: Sequence[dt.date], *, window: int) -> list[Life]:
    """The spans of a customer's days, in order, that are not broken by a silence of `window` days."""
    found: list[Life] = []
    for day in days:
        end = day + dt.timedelta(days=window)
        if found and day <= found[-1].end:
            found[-1] = Life(found[-1].start, end)
        else:
            found.append(Life(day, end))
    return found


def window_of(gaps: Mapping[int, int]) -> int:
    """Days after which silence means leaving, from how often there were so many days between activities."""
    n = sum(gaps.values())
    if not n:
        return SHORTEST_WINDOW
    below, part = divmod((n - 1) * WINDOW_QUANTILE, 1)
    low, high = (_ranked(gaps, min(int(below) + step, n - 1)) for step in (0, 1))
    return round(min(LONGEST_WINDOW, max(SHORTEST_WINDOW, low + part * (high - low))))


def _ranked(gaps: Mapping[int, int], rank: int) -> int:
    """The gap of a rank, the shortest of rank 0."""
    keys = sorted(gaps)
    return next(key for key, seen in zip(keys, accumulate(gaps[key] for key in keys), strict=True) if seen > rank)
