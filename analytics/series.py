"""Daily or weekly series and how far a bucket lies from its baseline, in standard deviations, by kind of number (M35).

A bucket without data, or one that is left out as a holiday or an outage, is None. A baseline is the same weekday of
eight weeks, and for levels and spreads the whole window that holds them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add, sub
from typing import Any, ClassVar, Protocol

from analytics.intervals import EXTRA_DETRACTORS, EXTRA_PASSIVES, EXTRA_PROMOTERS, nps_variance

# So many answers at the window's own level are added to a weekday's.
PRIOR_ANSWERS = 50
# A mean of fewer of the eight same weekdays is no baseline.
FEWEST_SAME = 4


@dataclass(frozen=True)
class Expected:
    """A bucket's own value, what was expected of it, and the standard deviation of the difference between the two."""

    value: float
    level: float
    sd: float

    @property
    def z(self) -> float:
        return (self.value - self.level) / self.sd


class Series(Protocol):
    """Buckets, oldest first."""

    def __len__(self) -> int: ...

    def expected(self, index: int, *, same: range, window: range) -> Expected | None:
        """A bucket beside the `same` weekdays within the `window`; None without data on either side.

        Counts are roots and durations logarithms here: `told` turns either back.
        """

    def told(self, value: float) -> float:
        """A value or a limit as people know it: a share, NPS points, a number of rows, seconds."""


class Totals:
    """Sums of each part of the buckets in a range; those of a whole window cost as much as those of a day."""

    def __init__(self, buckets: Sequence[tuple[float, ...] | None], *, parts: int) -> None:
        self.buckets = buckets
        self.parts = range(parts)
        running = [(0.0,) * parts]
        for bucket in buckets:
            running.append(tuple(map(add, running[-1], bucket)) if bucket else running[-1])
        self.running = running

    def of(self, indices: range) -> tuple[float, ...]:
        if indices.step == 1:
            return tuple(map(sub, self.running[indices.stop], self.running[indices.start]))
        known = [bucket for index in indices if (bucket := self.buckets[index])]
        return tuple(sum(bucket[part] for bucket in known) for part in self.parts)


class Summed:
    """A series whose buckets have so many parts, which add up over any range."""

    buckets: Sequence[Any]
    parts: ClassVar[int]

    def __len__(self) -> int:
        return len(self.buckets)

    def told(self, value: float) -> float:
        return value

    @cached_property
    def totals(self) -> Totals:
        return Totals(self.buckets, parts=self.parts)


@dataclass(frozen=True)
class Shares(Summed):
    """(hits, answers) of each bucket: CSAT, share within target, first-contact resolution, tones."""

    buckets: Sequence[tuple[int, int] | None]
    parts: ClassVar[int] = 2

    def expected(self, index: int, *, same: range, window: range) -> Expected | None:
        bucket = self.buckets[index]
        if not bucket or not bucket[1]:
            return None
        hits, n = self.totals.of(window)
        # Half a hit of one answer keeps a window without any hit, or without a miss, from being certain.
        level = (hits + 0.5) / (n + 1)
        hits, n = self.totals.of(same)
        p = (hits + PRIOR_ANSWERS * level) / (n + PRIOR_ANSWERS)
        return Expected(bucket[0] / bucket[1], p, math.sqrt(p * (1 - p) / bucket[1]))


@dataclass(frozen=True)
class NpsCounts(Summed):
    """(promoters, passives, detractors) of each bucket."""

    buckets: Sequence[tuple[int, int, int] | None]
    parts: ClassVar[int] = 3

    def expected(self, index: int, *, same: range, window: range) -> Expected | None:
        bucket = self.buckets[index]
        if not bucket or not sum(bucket):
            return None
        up, flat, down = map(add, self.totals.of(window), (EXTRA_PROMOTERS, EXTRA_PASSIVES, EXTRA_DETRACTORS))
        level = (up - down) / (up + flat + down)
        variance = nps_variance(promoters=up, passives=flat, detractors=down)
        up, flat, down = self.totals.of(same)
        expected = (up - down + PRIOR_ANSWERS * level) / (up + flat + down + PRIOR_ANSWERS)
        n = sum(bucket)
        return Expected(100 * (bucket[0] - bucket[2]) / n, 100 * expected, 100 * math.sqrt(variance / n))


@dataclass(frozen=True)
class Counts:
    """Number of contacts, complaints or comments of each bucket."""

    buckets: Sequence[int | None]

    def __len__(self) -> int:
        return len(self.buckets)

    @cached_property
    def stable(self) -> list[float | None]:
        # Anscombe's transform: a Poisson count's standard deviation becomes 1 whatever its level.
        return [None if count is None else 2 * math.sqrt(count + 0.375) for count in self.buckets]

    def expected(self, index: int, *, same: range, window: range) -> Expected | None:
        own = self.stable[index]
        known = [value for of in same if (value := self.stable[of]) is not None]
        if own is None or len(known) < FEWEST_SAME:
            return None
        return Expected(own, math.fsum(known) / len(known), 1.0)

    def told(self, value: float) -> float:
        return max(0.0, max(0.0, value) ** 2 / 4 - 0.375)


@dataclass(frozen=True)
class Durations(Summed):
    """(n, sum, sum of squares) of the natural logarithms of seconds of each bucket."""

    buckets: Sequence[tuple[int, float, float] | None]
    parts: ClassVar[int] = 3

    def expected(self, index: int, *, same: range, window: range) -> Expected | None:
        bucket = self.buckets[index]
        n, total, squares = self.totals.of(window)
        if not bucket or not bucket[0] or n < 2:
            return None
        level = total / n
        variance = max(0.0, squares - n * level * level) / (n - 1)
        of_same, total, _ = self.totals.of(same)
        expected = (total + PRIOR_ANSWERS * level) / (of_same + PRIOR_ANSWERS)
        if not variance:
            return None
        return Expected(bucket[1] / bucket[0], expected, math.sqrt(variance / bucket[0]))

    def told(self, value: float) -> float:
        return math.exp(value)


def log_sums(seconds: Sequence[float]) -> tuple[int, float, float]:
    """What `Durations` needs of one bucket; durations of 0 and below a second count as one second."""
    logs = [math.log(max(1.0, found)) for found in seconds]
    return len(logs), math.fsum(logs), math.fsum(log * log for log in logs)
