"""Steps of the time to a first response, for the question what waiting costs."""

from typing import Any

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext_lazy as _

MINUTE, HOUR = 60, 3600
# Up to so many working seconds, each step from the one before it on; the last has no end.
STEPS: dict[str, int | None] = {"m5": 5 * MINUTE, "h1": HOUR, "h4": 4 * HOUR, "h8": 8 * HOUR, "more": None}
NAMES: dict[str, Any] = {
    "m5": _("up to 5 minutes"),
    "h1": _("5 minutes to 1 hour"),
    "h4": _("1 to 4 hours"),
    "h8": _("4 to 8 hours"),
    "more": _("more than 8 hours"),
}


def step_of(path: str) -> Case:
    """The step of a column of seconds, NULL where nothing is known."""
    upper = [When(**{f"{path}__lte": end}, then=Value(step)) for step, end in STEPS.items() if end is not None]
    last = [When(**{f"{path}__isnull": False}, then=Value(step)) for step, end in STEPS.items() if end is None]
    return Case(*upper, *last, default=None, output_field=CharField())
