"""Suggestions of a period by tone, from the counts by day: their class alone would hide that many complain."""

from analytics.filters import Filters, within
from analytics.models import CommentSliceDay
from analytics.reports import Classes
from analytics.slice_counts import TONE
from analytics.stored import Total


def by_tone(filters: Filters, *, among: Classes) -> dict[str, int]:
    """How many of the constructive comments among these classes are of each tone; of a slice that is not known."""
    if filters.slice or not among.shares["constructive"].num:
        return {}
    rows = filters.counts(CommentSliceDay).filter(filters.of_source(), within(filters.period), kind=TONE)
    return dict(rows.order_by().values_list("value").annotate(comments=Total("count")))
