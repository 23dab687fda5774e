"""How long it took: percentiles with their limits, those that are not over yet included (M17)."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from analytics.display import FULL_FROM, SHOWN_FROM, DisplayState, display_state
from analytics.quantiles import bucket_value, interval_ranks
from analytics.survival import SLACK, still_open_of

Curve = Callable[[float], float | None]


class Quantile(NamedTuple):
    """Seconds within which a share was over; None where too few tell, or where the open ones leave it open."""

    value: float | None
    lo: float | None
    hi: float | None


UNKNOWN = Quantile(None, None, None)


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Seconds that half, nine in ten, and 95 in 100 took at most, of `n` that are over and `open` that are not.

    Those read from counts are off by 1 % at most. The limits are order statistics; `mean` is of those that are over.
    """

    n: int
    open: int
    half: Quantile
    nine: Quantile
    most: Quantile
    mean: float | None

    @property
    def state(self) -> DisplayState:
        return display_state(self.n)


def at_least(hist: Mapping[int, int], waits: Mapping[float, int] | None = None) -> Counter[float]:
    """What is known to have lasted so long, and no end of it: a histogram of buckets, beside those that wait yet."""
    found = Counter({bucket_value(key): count for key, count in hist.items()})
    found.update(waits or {})
    return found


def spread(hist: Mapping[int, int], open_yet: Mapping[float, int] | None = None) -> Spread:
    """The spread of a histogram of buckets, and of so many that last so long already."""
    waits = {seconds: count for seconds, count in (open_yet or {}).items() if count}
    n = sum(hist.values())
    total = n + sum(waits.values())
    over = {bucket_value(key): hist[key] for key in sorted(hist)} if n >= SHOWN_FROM else {}
    curve = _curve(over, waits) if over else None
    return Spread(
        n=n,
        open=total - n,
        half=_quantile(curve, total, 0.5) if curve else UNKNOWN,
        nine=_quantile(curve, total, 0.9) if curve and n >= FULL_FROM else UNKNOWN,
        most=_quantile(curve, total, 0.95) if curve and n >= FULL_FROM else UNKNOWN,
        mean=sum(seconds * count for seconds, count in over.items()) / n if curve else None,
    )


def _curve(over: Mapping[float, int], waits: Mapping[float, int]) -> Curve:
    """The time by which a part, 0 to 1, was over, from times in their order; None where it is not known."""
    if waits:
        steps = still_open_of(over=over, open_yet=waits)
        return lambda part: next((step.time for step in steps if step.share <= 1 - part + SLACK), None)
    # Without open ones the curve is that of the ranks, for a fraction of the work.
    times, reached = list(over), list(accumulate(over.values()))
    return lambda part: times[bisect_left(reached, part * reached[-1] * (1 - SLACK))]


def _quantile(curve: Curve, n: int, q: float) -> Quantile:
    lo, hi = interval_ranks(n, q)
    return Quantile(curve(q), curve(lo / n) if lo else None, curve(hi / n) if hi else None)
