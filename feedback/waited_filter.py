"""The filter “how long its contact waited for a first response”: it comes with a link from the indicators, and goes.

`300-3600` is more than so many seconds of working time and up to so many; `-300` and `28800-` have one end.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

PATH = "invitation__interaction__response_working_seconds"
MOST_DIGITS = 9


def read(text: str) -> tuple[int | None, int | None] | None:
    """Beyond how many seconds, and up to how many; None for what is no such thing."""
    low, dash, high = text.partition("-")
    ends = [end for end in (low, high) if end]
    if not dash or not ends or not all(end.isascii() and end.isdigit() and len(end) <= MOST_DIGITS for end in ends):
        return None
    return int(low) if low else None, int(high) if high else None


def words(asked: tuple[int | None, int | None]) -> str:
    """The ends in minutes."""
    low, high = (None if end is None else end // 60 for end in asked)
    if low is None:
        return _("up to %d min") % high
    return _("more than %d min") % low if high is None else _("%(low)d to %(high)d min") % {"low": low, "high": high}


def of_responses(asked: tuple[int | None, int | None]) -> Q:
    """The condition on responses about contacts that waited so long."""
    low, high = asked
    condition = Q(**{f"{PATH}__isnull": False})
    condition &= Q() if low is None else Q(**{f"{PATH}__gt": low})
    return condition if high is None else condition & Q(**{f"{PATH}__lte": high})
