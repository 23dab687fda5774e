"""Share of interactions answered within their target, counting the unanswered ones honestly."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analytics.scores import Share, share

State = Literal["met", "late", "pending"]


@dataclass(frozen=True, kw_only=True)
class WithinTarget:
    """Share met/(met + missed) with its Wilson limits; `pending` items are still young enough and outside it."""

    share: Share
    pending: int

    @property
    def met(self) -> int:
        return self.share.num

    @property
    def missed(self) -> int:
        return self.share.den - self.share.num


def stands(lasted: float, *, target: float, is_over: bool) -> State:
    """How a wait stands to its target, both in seconds of one clock: as long as it is met, and one that is not over
    is late once it has lasted longer."""
    if lasted > target:
        return "late"
    return "met" if is_over else "pending"


def share_within_target(items: Iterable[tuple[float, float | None]], *, target: float, as_of: float) -> WithinTarget:
    """Service-level share of (created, replied or None) pairs; all arguments are seconds on one clock.

    A duration equal to the target is met. An open item older than the target is missed, a younger one pending.
    """
    states = Counter(
        stands((as_of if replied is None else replied) - created, target=target, is_over=replied is not None)
        for created, replied in items
    )
    return WithinTarget(share=share(states["met"], states["met"] + states["late"]), pending=states["pending"])
