"""A trend over a quarter or a year: the slope of Theil and Sen, and whether it is one, by Mann and Kendall (M34)."""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, takewhile
from statistics import median
from typing import Protocol, TypeVar

from analytics.comparisons import FALSE_DISCOVERY_RATE, Direction, flag_changes, share_change
from analytics.display import FULL_FROM
from analytics.distributions import normal_p_value
from analytics.scores import Share
from feedback.themes.chance import benjamini_hochberg

Key = TypeVar("Key", bound=Hashable)

FEWEST_BUCKETS = 8
# The exact distribution costs the cube of the length; beyond this the normal one is as good.
EXACT_UP_TO = 60


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Median slope per bucket in the values' unit, Kendall's tau (-1..1, by all pairs), and the two-sided p-value."""

    slope: float
    tau: float
    p: float


def trend(values: Sequence[float]) -> Trend | None:
    """Theil-Sen slope and Mann-Kendall test of equally spaced values, oldest first; None below two.

    The p-value is exact without ties, else normal with the variance corrected for ties and a step of continuity.
    """
    n = len(values)
    if n < 2:
        return None
    slopes = [(values[j] - values[i]) / (j - i) for i, j in combinations(range(n), 2)]
    signs = sum((slope > 0) - (slope < 0) for slope in slopes)
    has_ties = len(set(values)) < n
    p = _normal_p(values, signs) if has_ties or n > EXACT_UP_TO else _exact_p(n, signs)
    return Trend(slope=median(slopes), tau=signs / len(slopes), p=p)


def trend_arrows(series: Mapping[Key, Sequence[tuple[float, int]]]) -> dict[Key, Direction | None]:
    """Arrows of (value, n) series that form one family; None: too short, or a bucket with fewer than 30 answers."""
    found = {
        key: known
        for key, points in series.items()
        if len(points) >= FEWEST_BUCKETS
        and min(n for _, n in points) >= FULL_FROM
        and (known := trend([value for value, _ in points])) is not None
    }
    adjusted = dict(zip(found, benjamini_hochberg([known.p for known in found.values()]), strict=True))
    return {key: _direction(found[key], adjusted[key]) if key in found else None for key in series}


class Valued(Protocol):
    """A number of one bucket and of how many answers; None where it is hidden."""

    @property
    def value(self) -> float | None: ...
    @property
    def n(self) -> int: ...


@dataclass(frozen=True)
class Lasting:
    """The trend over so many buckets, and whether it is proven."""

    buckets: int
    trend: Trend
    direction: Direction


def lasting(points: Sequence[Valued]) -> Lasting | None:
    """The trend of the last buckets in a row with 30 answers each, by itself a family; None below eight."""
    run = list(takewhile(lambda point: point.value is not None and point.n >= FULL_FROM, reversed(points)))[::-1]
    found = trend([point.value or 0.0 for point in run]) if len(run) >= FEWEST_BUCKETS else None
    return Lasting(len(run), found, _direction(found, found.p)) if found else None


def risen(before: Mapping[Key, Share], since: Mapping[Key, Share], *, most: int = 3) -> list[Key]:
    """What grew most since a change began (M36): keys whose share surely rose, in one family, the largest rise first.

    The two sides are the time before the change's start and the time from it on.
    """
    changes = {key: share_change(now, before[key]) for key, now in since.items() if key in before}
    flags = flag_changes(changes)
    rises = {key: found.diff for key, found in changes.items() if found is not None and flags[key].direction == "up"}
    return sorted(rises, key=lambda key: -rises[key])[:most]


def _direction(found: Trend, p_adj: float) -> Direction:
    if p_adj > FALSE_DISCOVERY_RATE or found.slope == 0:
        return "same"
    return "up" if found.slope > 0 else "down"


def _exact_p(n: int, signs: int) -> float:
    """Twice the share of all orders of n values that are at most as disorderly, by counting inversions."""
    inversions = (n * (n - 1) // 2 - abs(signs)) // 2
    return min(1.0, 2 * math.fsum(_chances(n)[: inversions + 1]))


@lru_cache(maxsize=EXACT_UP_TO)  # a page has many series of as many weeks
def _chances(n: int) -> Sequence[float]:
    """How likely each number of inversions is among all orders of n values."""
    chances = [1.0]
    for length in range(2, n + 1):
        # A new largest value adds 0 .. length - 1 inversions, each as likely.
        running, after = 0.0, []
        for inversions in range(len(chances) + length - 1):
            running += chances[inversions] if inversions < len(chances) else 0.0
            running -= chances[inversions - length] if inversions >= length else 0.0
            after.append(running / length)
        chances = after
    return chances


def _normal_p(values: Sequence[float], signs: int) -> float:
    n = len(values)
    ties = Counter(values).values()
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    if not variance or not signs:
        return 1.0
    return normal_p_value((abs(signs) - 1) / math.sqrt(variance))
