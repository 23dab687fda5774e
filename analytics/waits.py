"""Steps by which scores are told apart: how long customers waited, how often they were written to (M14 to M16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86_400


@dataclass(frozen=True)
class Ladder:
    """Steps of a measure up to and with their ends, each from the one before it on; the last has no end."""

    ends: Mapping[str, float | None]
    names: Mapping[str, Any]

    def step(self, measured: float | None) -> str | None:
        """The step of what was measured; None where nothing is known."""
        if measured is None:
            return None
        return next(step for step, end in self.ends.items() if end is None or measured <= end)

    def limits(self, step: str) -> tuple[float | None, float | None]:
        """From beyond which number it goes up to and with which; None for no end."""
        ends = list(self.ends)
        at = ends.index(step)
        return self.ends[ends[at - 1]] if at else None, self.ends[step]

    def range(self, step: str) -> str:
        """A step as addresses write it: from beyond one number to another, either may be missing."""
        return "-".join("" if end is None else f"{end:g}" for end in self.limits(step))


RESPONSE = Ladder(
    {"m5": 5 * MINUTE, "h1": HOUR, "h4": 4 * HOUR, "h8": 8 * HOUR, "more": None},
    {
        "m5": _("up to 5 minutes"),
        "h1": _("5 minutes to 1 hour"),
        "h4": _("1 to 4 hours"),
        "h8": _("4 to 8 hours"),
        "more": _("more than 8 hours"),
    },
)
QUEUE = Ladder(
    {"s20": 20, "m1": MINUTE, "m3": 3 * MINUTE, "m10": 10 * MINUTE, "more": None},
    {
        "s20": _("up to 20 seconds"),
        "m1": _("20 seconds to 1 minute"),
        "m3": _("1 to 3 minutes"),
        "m10": _("3 to 10 minutes"),
        "more": _("more than 10 minutes"),
    },
)
RESOLUTION = Ladder(
    {"h1": HOUR, "h4": 4 * HOUR, "d1": DAY, "d3": 3 * DAY, "more": None},
    {
        "h1": _("up to 1 hour"),
        "h4": _("1 to 4 hours"),
        "d1": _("4 to 24 hours"),
        "d3": _("1 to 3 days"),
        "more": _("more than 3 days"),
    },
)
# How often the customer had been there with the same before.
REPEAT = Ladder(
    {"first": 0, "again": None}, {"first": _("first contact about it"), "again": _("came back within 7 days")}
)
REPLIES = Ladder(
    {"1": 1, "2": 2, "5": 5, "more": None},
    {"1": _("1 reply"), "2": _("2 replies"), "5": _("3 to 5 replies"), "more": _("6 replies or more")},
)
