"""Agents and teams compared fairly: case mix, shrinkage, funnel limits, and where training would help (M27).

Equal agents with thirty answers each show a gap of 27 points between best and worst, so nobody is ranked below that,
and never without the funnel.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from analytics.comparisons import share_change
from analytics.intervals import Interval
from analytics.scores import Nps, Share, nps, share
from feedback.themes.chance import benjamini_hochberg

Key = TypeVar("Key", bound=Hashable)

LIMIT = 3.0
HINT_RATE = 0.10
HINT_FROM = 20


@dataclass(frozen=True, kw_only=True)
class Shrunk:
    """Shares of several agents pulled to their common mean by how little is known of each; all 0..1."""

    mean: float | None
    between_variance: float
    weights: tuple[float | None, ...]
    shrunk: tuple[float | None, ...]


class CaseMix(NamedTuple):
    """Observed over expected, and the share an agent would have with everybody's mix of cases (may exceed 1)."""

    ratio: float
    adjusted: float


def expected_hits(contacts: Mapping[Key, int], overall: Mapping[Key, float]) -> float:
    """What an agent's contacts would bring at everybody's rate for their channel and topic."""
    return math.fsum(number * overall[cell] for cell, number in contacts.items())


def case_mix(*, observed: float, expected: float, overall: float) -> CaseMix | None:
    """Indirect standardisation: observed over expected hits, times the overall share; None when none are expected."""
    return CaseMix(observed / expected, observed / expected * overall) if expected else None


def shrink(shares: Sequence[Share]) -> Shrunk:
    """Empirical Bayes estimates by the moments of Marshall 1991; without spread between agents all show the mean.

    An agent without answers shows the mean with weight 0.
    """
    hits, n = sum(found.num for found in shares), sum(found.den for found in shares)
    return _pulled([(found.value, found.den) for found in shares], mean=hits / n, n=n) if n else _nothing(len(shares))


def shrink_nps(scores: Sequence[Nps]) -> Shrunk:
    """The same for NPS, in points: an answer is −100, 0 or 100, and its variance that of all answers together."""
    total = nps_of(scores)
    if total.value is None:
        return _nothing(len(scores))
    return _pulled([(found.value, found.n) for found in scores], mean=total.value, n=total.n, within=variance(total))


def _nothing(count: int) -> Shrunk:
    nothing: tuple[None, ...] = (None,) * count
    return Shrunk(mean=None, between_variance=0.0, weights=nothing, shrunk=nothing)


def _pulled(found: Sequence[tuple[float | None, int]], *, mean: float, n: int, within: float | None = None) -> Shrunk:
    """`within` is the variance of one answer; without one, that of a share."""
    within = mean * (1 - mean) if within is None else within
    known = [(value, number) for value, number in found if value is not None]
    spread = math.fsum(number * (value - mean) ** 2 for value, number in known) / n
    between = max(0.0, spread - within * len(known) / n)
    weights = [between / (between + within / number) if between and number else 0.0 for _value, number in found]
    shrunk = [
        mean + weight * (value - mean) if value is not None else mean
        for weight, (value, _number) in zip(weights, found, strict=True)
    ]
    return Shrunk(mean=mean, between_variance=between, weights=tuple(weights), shrunk=tuple(shrunk))


def nps_of(scores: Sequence[Nps]) -> Nps:
    """All of them together."""
    parts = ("promoters", "passives", "detractors")
    return nps(**{part: sum(getattr(found, part) for found in scores) for part in parts})


def variance(total: Share | Nps) -> float:
    """The variance of one answer, in the score's unit squared; 0 without answers."""
    if total.value is None:
        return 0.0
    if isinstance(total, Nps):
        return 100**2 * (total.promoters + total.detractors) / total.n - total.value**2
    return total.value * (1 - total.value)


def funnel_limits(mean: float, n: int) -> Interval:
    """Limits of three standard deviations around the mean share for `n` answers, within 0..1."""
    if n < 1 or not 0 <= mean <= 1:
        raise ValueError("needs answers and a share between 0 and 1")
    half = LIMIT * math.sqrt(mean * (1 - mean) / n)
    return Interval(lo=max(0.0, mean - half), hi=min(1.0, mean + half))


def limits_around(total: Share | Nps, n: int) -> Interval | None:
    """The limits for a score of `n` answers where all agents' answers together give `total`; None without any."""
    if total.value is None:
        return None
    if isinstance(total, Share):
        return funnel_limits(total.value, n)
    half = LIMIT * math.sqrt(variance(total) / n)
    return Interval(lo=max(-100.0, total.value - half), hi=min(100.0, total.value + half))


def is_different(found: Share | Nps, total: Share | Nps) -> bool:
    """Whether an agent's score lies outside the funnel: only then it is called different."""
    limits = limits_around(total, found.n) if found.value is not None else None
    return limits is not None and found.value is not None and not limits.lo <= found.value <= limits.hi


def training_hints(cells: Mapping[Key, tuple[Share, Share]]) -> set[Key]:
    """Cells of the agent by topic table where the agent's share is worse than that of the rest of the team."""
    return {key for key, diff in standing_out(cells).items() if diff < 0}


def standing_out(cells: Mapping[Key, tuple[Share, Share]]) -> dict[Key, float]:
    """Cells of the agent by topic table where the agent differs from the rest of the team, with the difference.

    It takes 20 answers and an adjusted p-value of at most 0.10 in the family of the table; `cells` holds the agent's
    share and the team's, the agent included.
    """
    tested = {}
    for key, (own, team) in cells.items():
        rest = share(team.num - own.num, team.den - own.den)
        if own.den >= HINT_FROM and (found := share_change(own, rest)) is not None and found.p is not None:
            tested[key] = found
    adjusted = benjamini_hochberg([found.p or 0.0 for found in tested.values()])
    return {key: found.diff for (key, found), p in zip(tested.items(), adjusted, strict=True) if p <= HINT_RATE}
