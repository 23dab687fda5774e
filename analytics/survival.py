"""How long it takes when some are not over yet: the curve of Kaplan and Meier 1958 (M15, M17, M25, M26).

Leaving the open ones out would show the quick ones alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

# A product of ratios may miss the level it stands for by its last digits.
SLACK = 1e-12


class Step(NamedTuple):
    """From `time` on, this `share` (0..1) is still open."""

    time: float
    share: float


def still_open(items: Iterable[tuple[float, bool]]) -> list[Step]:
    """Steps of the share that is still open after so long, from (duration, is over) pairs; the unit is the caller's.

    A duration that is not over counts among those at risk up to and at its own length.
    """
    pairs = list(items)
    return still_open_of(
        over=Counter(duration for duration, is_over in pairs if is_over),
        open_yet=Counter(duration for duration, is_over in pairs if not is_over),
    )


def still_open_of(*, over: Mapping[float, int], open_yet: Mapping[float, int]) -> list[Step]:
    """The same from how many lasted so long: those that are over, and those that are not yet."""
    at_risk, left = sum(over.values()) + sum(open_yet.values()), 1.0
    steps = []
    for time in sorted(over.keys() | open_yet.keys()):
        ended = over.get(time, 0)
        if ended:
            left *= (at_risk - ended) / at_risk
            steps.append(Step(time, left))
        at_risk -= ended + open_yet.get(time, 0)
    return steps


def survival_quantile(steps: Sequence[Step], q: float) -> float | None:
    """The time by which a share `q` is over, 0 < q < 1; None when the curve does not get there (> the oldest)."""
    if not 0 < q < 1:
        raise ValueError("a quantile needs 0 < q < 1")
    return next((step.time for step in steps if step.share <= 1 - q + SLACK), None)
