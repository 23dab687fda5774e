"""The mean of a score (M2), as a whole, by team or by channel."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

from django.db.models import Sum

from analytics.metrics import measure
from analytics.models import ScoreDay
from analytics.reports import BEFORE, NOW, Filters, Segment
from analytics.scores import mean_score


def means(filters: Filters, column: str, scale: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One mean by "team" or "channel", those with most answers first; with "" the whole, under None."""
    found: dict[Any, dict[str, Counter[int]]] = defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()})
    rows = filters.of_both_periods(ScoreDay.objects.filter(filters.of_scores(), scale=scale))
    for when, score, *key, n in (
        rows.values_list("when", "score", *[column] if column else []).annotate(n=Sum("count")).order_by()
    ):
        found[key[0] if key else None][when][score] += n
    if not column:
        found[None]  # a whole is told of nobody as well
    answered = sorted(found, key=lambda key: (-found[key][NOW].total(), str(key)))
    now = {key: mean_score(found[key][NOW], scale) for key in answered if found[key][NOW] or not column}
    past = {key: mean_score(found[key][BEFORE], scale) for key in now}
    metrics = measure(now, before=past if filters.before else None, as_of=as_of, partition=len(now) > 1)
    return tuple(Segment(key, metrics[key]) for key in now)
