"""First responses, waiting in queues, and the service level of phone and chat (M14, M15)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.scores import Share, share
from ground.working_time import Hours, working_seconds

Formula = Literal["f1", "f2", "f3", "f4", "f5"]
DEFAULT_FORMULA: Formula = "f4"
# Whoever hangs up sooner did not come to wait.
SHORT_ABANDON = 5.0


@dataclass(frozen=True, kw_only=True)
class FirstResponse:
    """Seconds to the first human public reply, by working hours and by the clock; `is_skewed`: replied before asked."""

    working: float
    calendar: float
    is_skewed: bool


@dataclass(frozen=True, kw_only=True)
class SpeedAndQuality:
    """Contacts with an answer, by whether they were in time and whether the customer is satisfied."""

    fast_and_good: Share
    fast_only: int
    good_only: int
    neither: int


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Calls or chats of one queue: answered and abandoned ones, of them within the target; `short` were abandoned
    within five seconds and are part of `abandoned_in`."""

    answered_in: int
    answered: int
    abandoned_in: int
    abandoned: int
    short: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.answered_in <= self.answered and 0 <= self.short <= self.abandoned_in <= self.abandoned):
            raise ValueError("a part of a queue cannot be larger than its whole")


def first_response(
    *, created: dt.datetime, replied: dt.datetime | None, hours: Hours, is_outbound: bool = False
) -> FirstResponse | None:
    """Time from the customer's first message to the first reply; None without one and for outbound contacts."""
    if replied is None or is_outbound:
        return None
    calendar = (replied - created).total_seconds()
    return FirstResponse(
        working=working_seconds(hours, created, replied), calendar=max(0.0, calendar), is_skewed=calendar < 0
    )


def speed_and_quality(contacts: Iterable[tuple[bool, bool]] | Mapping[tuple[bool, bool], int]) -> SpeedAndQuality:
    """Table of (in time, satisfied) pairs, or of how many there are of each.

    The share that is both leads, with its Wilson interval.
    """
    cells: Counter[tuple[bool, bool]] = Counter(contacts)
    both = cells[True, True]
    return SpeedAndQuality(
        fast_and_good=share(both, sum(cells.values())),
        fast_only=cells[True, False],
        good_only=cells[False, True],
        neither=cells[False, False],
    )


def service_level(queue: Queue, *, formula: Formula = DEFAULT_FORMULA) -> Share:
    """Share served within the target; the five formulas in use (ICMI QueueTip) differ by points on the same day.

    f1 abandons within it count as served; f2 only answered ones; f3 all abandons count as missed; f4 abandons within
    it are left out; f5 as f3, but short abandons count as served.
    """
    served, offered = queue.answered_in, queue.answered + queue.abandoned
    parts = {
        "f1": (served + queue.abandoned_in, offered),
        "f2": (served, queue.answered),
        "f3": (served, offered),
        "f4": (served, offered - queue.abandoned_in),
        "f5": (served + queue.short, offered),
    }
    return share(*parts[formula])


def abandonment(queue: Queue) -> Share:
    """Share of those who gave up among all who waited; short abandons are in neither number."""
    given_up = queue.abandoned - queue.short
    return share(given_up, queue.answered + given_up)


def average_speed(waits: Iterable[float]) -> float | None:
    """Mean wait of the answered, in seconds (ASA), for a tooltip: percentiles say more. None for nobody."""
    known = list(waits)
    return sum(known) / len(known) if known else None
