"""The mean of a score (M2), as a whole, by team or by channel."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet, Sum

from analytics.comparisons import Score
from analytics.metrics import measure
from analytics.reports import BEFORE, NOW, Filters, Segment
from analytics.scores import mean_score


def means(filters: Filters, column: str, scale: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """One mean by "team" or "channel", those with most answers first; with "" the whole, under None."""
    rows = filters.scored(*[column] if column else []).filter(scale=scale)
    return segments_of(rows, "score", lambda hist: mean_score(hist, scale), filters, column, as_of=as_of)


def segments_of(
    rows: QuerySet[Any], value: str, score: Callable[[Counter[int]], Score], filters: Filters, column: str, *,
    as_of: dt.datetime,
) -> tuple[Segment, ...]:  # fmt: skip
    """A score of counts by a value, for each that a column tells apart, those with most answers first; or the whole."""
    found: dict[Any, dict[str, Counter[int]]] = defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()})
    columns = [column] if column else []
    told = filters.of_both_periods(rows).values_list("when", value, *columns).annotate(n=Sum("count"))
    for when, given, *key, n in told.order_by():
        found[key[0] if key else None][when][given] += n
    if not column:
        found[None]  # a whole is told of nobody as well
    answered = sorted(found, key=lambda key: (-found[key][NOW].total(), str(key)))
    now = {key: score(found[key][NOW]) for key in answered if found[key][NOW] or not column}
    past = {key: score(found[key][BEFORE]) for key in now}
    metrics = measure(now, before=past if filters.before else None, as_of=as_of, partition=len(now) > 1)
    return tuple(Segment(key, metrics[key]) for key in now)
