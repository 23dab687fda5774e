"""Who did not answer: skipped questions, scores weighted by those asked, and what the silent could change (M6, M7).

Unweighted scores are the rule; a weighted one is shown beside them. Weighting repairs only an imbalance in attributes
that are known, which is why the bounds exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.intervals import Interval, wilson_interval
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
class WeightedShare:
    """A share weighted to those invited, 0..1, beside the plain one; Wilson 95 % limits by `n_eff` answers (Kish)."""

    weighted: float | None
    unweighted: float | None
    n_eff: float
    lo: float | None
    hi: float | None

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


def weighted_share(strata: Iterable[Stratum]) -> WeightedShare:
    """Share of the satisfied, each stratum weighing as much as it was invited; weights are capped at 5.

    Strata of fewer than 5 answers are joined, and with the next smallest one while they have not 5 together.
    """
    joined = [part for part in _join_small(strata) if part.answered]
    invited, answered = sum(part.invited for part in joined), sum(part.answered for part in joined)
    if not answered or not invited:
        return WeightedShare(weighted=None, unweighted=None, n_eff=0.0, lo=None, hi=None)
    weights = [min(HEAVIEST, (part.invited / invited) / (part.answered / answered)) for part in joined]
    total = sum(w * part.answered for w, part in zip(weights, joined, strict=True))
    squares = sum(w * w * part.answered for w, part in zip(weights, joined, strict=True))
    value = sum(w * part.satisfied for w, part in zip(weights, joined, strict=True)) / total
    n_eff = total * total / squares
    lo, hi = wilson_interval(min(value * n_eff, n_eff), n_eff)
    unweighted = sum(part.satisfied for part in joined) / answered
    return WeightedShare(weighted=value, unweighted=unweighted, n_eff=n_eff, lo=lo, hi=hi)


def bounds(*, satisfied: int, answered: int, invited: int) -> Interval | None:
    """The share if none, and if all, of the silent were satisfied (Manski), 0..1; None when nobody was invited.

    For the explanation of a score, never to be shown as its confidence interval.
    """
    if not 0 <= satisfied <= answered <= invited:
        raise ValueError("needs 0 <= satisfied <= answered <= invited")
    if not invited:
        return None
    return Interval(lo=satisfied / invited, hi=(satisfied + invited - answered) / invited)


def _join_small(strata: Iterable[Stratum]) -> list[Stratum]:
    ordered = sorted(strata, key=lambda part: (part.answered, part.invited, part.satisfied))
    small = [part for part in ordered if part.answered < FEWEST_IN_STRATUM]
    large = ordered[len(small) :]
    while large and small and sum(part.answered for part in small) < FEWEST_IN_STRATUM:
        small.append(large.pop(0))
    return [_join(small), *large] if small else large


def _join(parts: list[Stratum]) -> Stratum:
    return Stratum(
        invited=sum(part.invited for part in parts),
        answered=sum(part.answered for part in parts),
        satisfied=sum(part.satisfied for part in parts),
    )
