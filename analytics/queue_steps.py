"""How long those who wait in a queue did, counted exactly by steps, so that any of them can be the target (M15)."""

from collections.abc import Mapping

from analytics.waiting import SHORT_ABANDON, Queue

# Seconds within which a call or a chat may have to be picked up.
TARGETS = (5, 10, 20, 30, 60, 120, 180, 300)
PICKED_UP, GAVE_UP = "in_", "up_"
SHORT, MORE, UNKNOWN = "up_short", "more", "up_unknown"


def fact(waited: float | None, *, gave_up: bool) -> str:
    """What is counted of somebody who waited so many seconds in a queue; None where nobody knows how many."""
    if gave_up and waited is None:
        return UNKNOWN
    if gave_up and waited is not None and waited < SHORT_ABANDON:
        return SHORT
    step = next((str(target) for target in TARGETS if waited is not None and waited <= target), MORE)
    return f"{GAVE_UP if gave_up else PICKED_UP}{step}"


def queue(facts: Mapping[str, int], *, target: int) -> Queue:
    """The queue that these counts tell of; whoever gave up at a moment that is not known did so after the target."""
    steps = [str(step) for step in TARGETS]
    in_time = [str(step) for step in TARGETS if step <= target]

    def of(kind: str, names: list[str]) -> int:
        return sum(facts.get(f"{kind}{name}", 0) for name in names)

    short = facts.get(SHORT, 0)
    return Queue(
        answered_in=of(PICKED_UP, in_time),
        answered=of(PICKED_UP, [*steps, MORE]),
        abandoned_in=short + of(GAVE_UP, in_time),
        abandoned=short + of(GAVE_UP, [*steps, MORE]) + facts.get(UNKNOWN, 0),
        short=short,
    )
