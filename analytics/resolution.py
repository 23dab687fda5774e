"""Solving: how long it takes, how long the customer waits in it, how much is solved and what is left (M16, M22)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.quantiles import quantile
from analytics.scores import Share, share

# Time in these states is the company's; in the others the customer's or nobody's.
WAITING_STATES = frozenset({"new", "open", "on_hold"})
DAY = 86_400.0
HORIZON = 7 * DAY


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """Seconds from creation to the first and to the last time it was solved; a reopening moves only the last."""

    first: float
    full: float


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What is open at a moment: ages in seconds at p50 and p90, and the share older than the target."""

    open: int
    age_p50: float | None
    age_p90: float | None
    overdue: Share


def resolution(created: float, solved: Sequence[float]) -> Resolution | None:
    """Resolution times of one contact, moments in seconds on one clock; None while it was never solved.

    A moment before the creation counts as 0.
    """
    if not solved:
        return None
    return Resolution(first=max(0.0, min(solved) - created), full=max(0.0, max(solved) - created))


def requester_wait(history: Sequence[tuple[float, str]], *, end: float) -> float:
    """Seconds in which the company had to act: new, open or on hold; `history` is (since, state) in order."""
    ends = [since for since, _ in history[1:]] + [end]
    spans = zip(history, ends, strict=True)
    return sum(max(0.0, until - since) for (since, state), until in spans if state in WAITING_STATES)


def resolved_share(
    contacts: Iterable[tuple[float, float | None]], *, as_of: float, horizon: float = HORIZON
) -> tuple[Share, int]:
    """Share solved within `horizon` seconds of the (created, first solved or None) that are at least as old.

    Beside it how many are too young to tell: a fixed horizon is what makes months comparable.
    """
    solved = mature = young = 0
    for created, done in contacts:
        if created + horizon > as_of:
            young += 1
            continue
        mature += 1
        solved += done is not None and done - created <= horizon
    return share(solved, mature), young


def backlog(created: Iterable[float], *, target: float, as_of: float) -> Backlog:
    """The backlog of contacts open at `as_of`, by the moments of their creation; `target` is an age in seconds."""
    ages = [as_of - moment for moment in created]
    return Backlog(
        open=len(ages),
        age_p50=quantile(ages, 0.5),
        age_p90=quantile(ages, 0.9),
        overdue=share(sum(age > target for age in ages), len(ages)),
    )
