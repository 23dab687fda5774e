"""Daily or weekly series and how far a bucket lies from its baseline, in standard deviations, by kind of number (M35).

A bucket without data, or one that is left out as a holiday or an outage, is None. A baseline is the same weekday of
eight weeks, and for levels and spreads the whole window that holds them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analytics.intervals import EXTRA_DETRACTORS, EXTRA_PASSIVES, EXTRA_PROMOTERS, nps_variance

# So many answers at the window's own level are added to a weekday's.
PRIOR_ANSWERS = 50
# A mean of fewer of the eight same weekdays is no baseline.
FEWEST_SAME = 4


class Series(Protocol):
    """Buckets, oldest first."""

    def __len__(self) -> int: ...

    def deviation(self, index: int, *, same: Sequence[int], window: Sequence[int]) -> float | None:
        """z of a bucket against the `same` weekdays within the `window`; None without data on either side."""


@dataclass(frozen=True)
class Shares:
    """(hits, answers) of each bucket: CSAT, share within target, first-contact resolution, tones."""

    buckets: Sequence[tuple[int, int] | None]

    def __len__(self) -> int:
        return len(self.buckets)

    def deviation(self, index: int, *, same: Sequence[int], window: Sequence[int]) -> float | None:
        bucket = self.buckets[index]
        if not bucket or not bucket[1]:
            return None
        hits, n = self._sums(window)
        # Half a hit of one answer keeps a window without any hit, or without a miss, from being certain.
        level = (hits + 0.5) / (n + 1)
        hits, n = self._sums(same)
        p = (hits + PRIOR_ANSWERS * level) / (n + PRIOR_ANSWERS)
        return (bucket[0] / bucket[1] - p) / math.sqrt(p * (1 - p) / bucket[1])

    def _sums(self, indices: Sequence[int]) -> tuple[int, int]:
        known = [bucket for index in indices if (bucket := self.buckets[index])]
        return sum(hits for hits, _ in known), sum(n for _, n in known)


@dataclass(frozen=True)
class NpsCounts:
    """(promoters, passives, detractors) of each bucket."""

    buckets: Sequence[tuple[int, int, int] | None]

    def __len__(self) -> int:
        return len(self.buckets)

    def deviation(self, index: int, *, same: Sequence[int], window: Sequence[int]) -> float | None:
        bucket = self.buckets[index]
        if not bucket or not sum(bucket):
            return None
        promoters, passives, detractors = (
            count + extra
            for count, extra in zip(
                self._sums(window), (EXTRA_PROMOTERS, EXTRA_PASSIVES, EXTRA_DETRACTORS), strict=True
            )
        )
        level = (promoters - detractors) / (promoters + passives + detractors)
        variance = nps_variance(promoters=promoters, passives=passives, detractors=detractors)
        up, flat, down = self._sums(same)
        expected = (up - down + PRIOR_ANSWERS * level) / (up + flat + down + PRIOR_ANSWERS)
        n = sum(bucket)
        return ((bucket[0] - bucket[2]) / n - expected) / math.sqrt(variance / n)

    def _sums(self, indices: Sequence[int]) -> tuple[int, int, int]:
        known = [bucket for index in indices if (bucket := self.buckets[index])]
        return sum(b[0] for b in known), sum(b[1] for b in known), sum(b[2] for b in known)


@dataclass(frozen=True)
class Counts:
    """Number of contacts, complaints or comments of each bucket."""

    buckets: Sequence[int | None]

    def __len__(self) -> int:
        return len(self.buckets)

    def deviation(self, index: int, *, same: Sequence[int], window: Sequence[int]) -> float | None:
        bucket = self.buckets[index]
        known = [_stable(count) for of in same if (count := self.buckets[of]) is not None]
        if bucket is None or len(known) < FEWEST_SAME:
            return None
        return _stable(bucket) - math.fsum(known) / len(known)


@dataclass(frozen=True)
class Durations:
    """(n, sum, sum of squares) of the natural logarithms of seconds of each bucket."""

    buckets: Sequence[tuple[int, float, float] | None]

    def __len__(self) -> int:
        return len(self.buckets)

    def deviation(self, index: int, *, same: Sequence[int], window: Sequence[int]) -> float | None:
        bucket = self.buckets[index]
        n, total, squares = self._sums(window)
        if not bucket or not bucket[0] or n < 2:
            return None
        level = total / n
        variance = max(0.0, squares - n * level * level) / (n - 1)
        of_same, total, _ = self._sums(same)
        expected = (total + PRIOR_ANSWERS * level) / (of_same + PRIOR_ANSWERS)
        if not variance:
            return None
        return (bucket[1] / bucket[0] - expected) / math.sqrt(variance / bucket[0])

    def _sums(self, indices: Sequence[int]) -> tuple[int, float, float]:
        known = [bucket for index in indices if (bucket := self.buckets[index])]
        return sum(b[0] for b in known), math.fsum(b[1] for b in known), math.fsum(b[2] for b in known)


def log_sums(seconds: Sequence[float]) -> tuple[int, float, float]:
    """What `Durations` needs of one bucket; durations of 0 and below a second count as one second."""
    logs = [math.log(max(1.0, found)) for found in seconds]
    return len(logs), math.fsum(logs), math.fsum(log * log for log in logs)


def _stable(count: int) -> float:
    # Anscombe's transform: a Poisson count's standard deviation becomes 1 whatever its level.
    return 2 * math.sqrt(count + 0.375)
