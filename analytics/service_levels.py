"""Share of interactions answered within their target, counting the unanswered ones honestly."""

import datetime as dt
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


@dataclass(frozen=True, kw_only=True)
class Target:
    """A promise in seconds for a channel, a priority and a kind of contact; None stands for any of them.

    It is in force from `since` to before `until`, and for the contacts created then whatever comes later.
    """

    seconds: float
    since: dt.datetime
    until: dt.datetime | None = None
    channel: str | None = None
    priority: str | None = None
    kind: str | None = None

    def covers(self, created: dt.datetime, *, channel: str, priority: str, kind: str) -> bool:
        asked = ((self.channel, channel), (self.priority, priority), (self.kind, kind))
        in_force = self.since <= created and (self.until is None or created < self.until)
        return in_force and all(own in (None, value) for own, value in asked)


def target_of(
    targets: Iterable[Target], created: dt.datetime, *, channel: str = "", priority: str = "", kind: str = ""
) -> Target | None:
    """The target of a contact created then: of those that cover it the one that says most, then the latest."""
    covering = [t for t in targets if t.covers(created, channel=channel, priority=priority, kind=kind)]

    def says(target: Target) -> tuple[int, dt.datetime]:
        return sum(own is not None for own in (target.channel, target.priority, target.kind)), target.since

    return max(covering, key=says, default=None)


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
