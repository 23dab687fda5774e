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
from analytics.scores import Share, share
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
    if not n:
        nothing: tuple[None, ...] = (None,) * len(shares)
        return Shrunk(mean=None, between_variance=0.0, weights=nothing, shrunk=nothing)
    mean = hits / n
    within = mean * (1 - mean)
    spread = math.fsum(found.den * (found.num / found.den - mean) ** 2 for found in shares if found.den) / n
    answered = sum(found.den > 0 for found in shares)
    between = max(0.0, spread - within * answered / n)
    weights = [between / (between + within / found.den) if between and found.den else 0.0 for found in shares]
    shrunk = [
        mean + weight * (found.num / found.den - mean) if found.den else mean
        for weight, found in zip(weights, shares, strict=True)
    ]
    return Shrunk(mean=mean, between_variance=between, weights=tuple(weights), shrunk=tuple(shrunk))


def funnel_limits(mean: float, n: int) -> Interval:
    """Limits of three standard deviations around the mean share for `n` answers, within 0..1."""
    if n < 1 or not 0 <= mean <= 1:
        raise ValueError("needs answers and a share between 0 and 1")
    half = LIMIT * math.sqrt(mean * (1 - mean) / n)
    return Interval(lo=max(0.0, mean - half), hi=min(1.0, mean + half))


def is_different(found: Share, mean: float) -> bool:
    """Whether an agent's share lies outside the funnel: only then it is called different."""
    if found.value is None:
        return False
    limits = funnel_limits(mean, found.den)
    return not limits.lo <= found.value <= limits.hi


def training_hints(cells: Mapping[Key, tuple[Share, Share]]) -> set[Key]:
    """Cells of the agent by topic table where the agent's share is worse than that of the rest of the team.

    A hint needs 20 answers and an adjusted p-value of at most 0.10 in the family of the table; `cells` holds the
    agent's share and the team's, the agent included.
    """
    tested = {}
    for key, (own, team) in cells.items():
        rest = share(team.num - own.num, team.den - own.den)
        if own.den >= HINT_FROM and (found := share_change(own, rest)) is not None and found.p is not None:
            tested[key] = found
    adjusted = benjamini_hochberg([found.p or 0.0 for found in tested.values()])
    return {key for (key, found), p in zip(tested.items(), adjusted, strict=True) if found.diff < 0 and p <= HINT_RATE}
