"""Share of interactions answered within their target, counting the unanswered ones honestly."""

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.scores import Share, share


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


def share_within_target(items: Iterable[tuple[float, float | None]], *, target: float, as_of: float) -> WithinTarget:
    """Service-level share of (created, replied or None) pairs; all arguments are seconds on one clock.

    A duration equal to the target is met. An open item older than the target is missed, a younger one pending.
    """
    met = missed = pending = 0
    for created, replied in items:
        duration = (as_of if replied is None else replied) - created
        if duration > target:
            missed += 1
        elif replied is None:
            pending += 1
        else:
            met += 1
    return WithinTarget(share=share(met, met + missed), pending=pending)
