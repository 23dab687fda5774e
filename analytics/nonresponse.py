"""Who did not answer: skipped questions, scores weighted by those asked, and what the silent could change (M6, M7).

Unweighted scores are the rule; a weighted one is shown beside them. Weighting repairs only an imbalance in attributes
that are known, which is why the bounds exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from analytics.intervals import Interval, nps_interval, wilson_interval
from analytics.scores import Share, share

FEWEST_IN_STRATUM = 5
HEAVIEST = 5.0
MOST_SKIPPED = 0.2


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """Customers alike in what is known of them: how many were invited, answered, and are satisfied."""

    invited: int
    answered: int
    satisfied: int


@dataclass(frozen=True, kw_only=True)
class NpsStratum:
    """The same where it was asked whether they would recommend."""

    invited: int
    promoters: int
    passives: int
    detractors: int

    @property
    def answered(self) -> int:
        return self.promoters + self.passives + self.detractors


Kind = TypeVar("Kind", Stratum, NpsStratum)


@dataclass(frozen=True, kw_only=True)
class WeightedShare:
    """A share weighted to those invited, 0..1, beside the plain one; Wilson 95 % limits by `n_eff` answers (Kish).

    `strata` is how many there were after the small ones were joined: with one, nothing is weighted.
    """

    weighted: float | None
    unweighted: float | None
    n_eff: float
    lo: float | None
    hi: float | None
    strata: int = 0

    @property
    def needs_note(self) -> bool:
        """Whether weighting moves the share by more than half its interval."""
        if self.weighted is None or self.unweighted is None or self.lo is None or self.hi is None:
            return False
        return abs(self.weighted - self.unweighted) > (self.hi - self.lo) / 2


def skipped(*, saw: int, answered: int, not_applicable: int = 0) -> Share:
    """Share of started responses that saw a question and left it; "not applicable" is outside both numbers."""
    return share(saw - not_applicable - answered, saw - not_applicable)


def is_skipped_often(found: Share) -> bool:
    """Whether so many left a question out that its scores need a warning: more than one in five."""
    return found.value is not None and found.value > MOST_SKIPPED


@dataclass(frozen=True, kw_only=True)
class WeightedNps(WeightedShare):
    """An NPS weighted so, in points, with adjusted Wald limits."""


def weighted_share(strata: Iterable[Stratum]) -> WeightedShare:
    """Share of the satisfied, each stratum weighing as much as it was invited; weights are capped at 5.

    Strata of fewer than 5 answers are joined, and with the next smallest one while they have not 5 together.
    """
    joined = _join_small(strata, Stratum)
    weights, n_eff = _weights(joined)
    if not joined or not weights:
        return WeightedShare(weighted=None, unweighted=None, n_eff=0.0, lo=None, hi=None)
    total, answered = _sum(weights, joined), sum(part.answered for part in joined)
    value = sum(w * part.satisfied for w, part in zip(weights, joined, strict=True)) / total
    lo, hi = wilson_interval(min(value * n_eff, n_eff), n_eff)
    unweighted = sum(part.satisfied for part in joined) / answered
    return WeightedShare(weighted=value, unweighted=unweighted, n_eff=n_eff, lo=lo, hi=hi, strata=len(joined))


def weighted_nps(strata: Iterable[NpsStratum]) -> WeightedNps:
    """NPS, weighted as a share is."""
    joined = _join_small(strata, NpsStratum)
    weights, n_eff = _weights(joined)
    if not joined or not weights:
        return WeightedNps(weighted=None, unweighted=None, n_eff=0.0, lo=None, hi=None)
    total, answered = _sum(weights, joined), sum(part.answered for part in joined)
    up, down = (
        sum(w * getattr(part, name) for w, part in zip(weights, joined, strict=True)) / total
        for name in ("promoters", "detractors")
    )
    lo, hi = nps_interval(promoters=up * n_eff, passives=max(0.0, 1 - up - down) * n_eff, detractors=down * n_eff)
    plain = sum(part.promoters - part.detractors for part in joined) / answered
    return WeightedNps(
        weighted=100 * (up - down), unweighted=100 * plain, n_eff=n_eff, lo=lo, hi=hi, strata=len(joined)
    )


def _weights(joined: Sequence[Any]) -> tuple[list[float], float]:
    """The weight of an answer of each stratum, and how many answers equal ones they are worth."""
    invited, answered = sum(part.invited for part in joined), sum(part.answered for part in joined)
    if not answered or not invited:
        return [], 0.0
    weights = [min(HEAVIEST, (part.invited / invited) / (part.answered / answered)) for part in joined]
    squares = sum(w * w * part.answered for w, part in zip(weights, joined, strict=True))
    return weights, _sum(weights, joined) ** 2 / squares


def _sum(weights: Sequence[float], joined: Sequence[Any]) -> float:
    return sum(w * part.answered for w, part in zip(weights, joined, strict=True))


def bounds(*, satisfied: int, answered: int, invited: int) -> Interval | None:
    """The share if none, and if all, of the silent were satisfied (Manski), 0..1; None when nobody was invited.

    For the explanation of a score, never to be shown as its confidence interval.
    """
    if not 0 <= satisfied <= answered <= invited:
        raise ValueError("needs 0 <= satisfied <= answered <= invited")
    if not invited:
        return None
    return Interval(lo=satisfied / invited, hi=(satisfied + invited - answered) / invited)


def _join_small(strata: Iterable[Kind], kind: type[Kind]) -> list[Kind]:
    """Those with answers, the small ones as one."""
    names: list[str] = [each.name for each in fields(kind)]
    ordered = sorted(strata, key=lambda part: (part.answered, *(getattr(part, name) for name in names)))
    small = [part for part in ordered if part.answered < FEWEST_IN_STRATUM]
    large = ordered[len(small) :]
    while large and small and sum(part.answered for part in small) < FEWEST_IN_STRATUM:
        small.append(large.pop(0))
    if small:
        large.insert(0, kind(**{name: sum(getattr(part, name) for part in small) for name in names}))
    return [part for part in large if part.answered]
