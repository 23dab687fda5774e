"""How long it took: percentiles with their limits, those that are not over yet included (M17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from analytics.display import FULL_FROM, SHOWN_FROM, DisplayState, display_state
from analytics.quantiles import bucket_value, interval_ranks
from analytics.survival import SLACK, Step, still_open_of


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


def spread(hist: Mapping[int, int], open_yet: Mapping[float, int] | None = None) -> Spread:
    """The spread of a histogram of buckets, and of so many that last so long already."""
    waits = {seconds: count for seconds, count in (open_yet or {}).items() if count}
    over = {bucket_value(key): count for key, count in hist.items()}
    n, total = sum(over.values()), sum(over.values()) + sum(waits.values())
    steps = still_open_of(over=over, open_yet=waits) if n >= SHOWN_FROM else []
    return Spread(
        n=n,
        open=total - n,
        half=_quantile(steps, total, 0.5) if n >= SHOWN_FROM else UNKNOWN,
        nine=_quantile(steps, total, 0.9) if n >= FULL_FROM else UNKNOWN,
        most=_quantile(steps, total, 0.95) if n >= FULL_FROM else UNKNOWN,
        mean=sum(seconds * count for seconds, count in over.items()) / n if n >= SHOWN_FROM else None,
    )


def _quantile(steps: list[Step], n: int, q: float) -> Quantile:
    lo, hi = interval_ranks(n, q)
    return Quantile(_at(steps, q), _at(steps, lo / n) if lo else None, _at(steps, hi / n) if hi else None)


def _at(steps: list[Step], part: float) -> float | None:
    return next((step.time for step in steps if step.share <= 1 - part + SLACK), None)
