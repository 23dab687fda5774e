"""One score week by week, of each team or each channel apart."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from analytics import clusters
from analytics.hiding import hidden_cells
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.reports import Filters, Week, score_of, segments, week_of, within
from analytics.stored import Total, WeekOf

COLUMNS = ("team", "channel")
# More of them say nothing at a glance; the rest is found by choosing it.
MOST = 24


@dataclass(frozen=True, kw_only=True)
class Line:
    """A team (by primary key, None for rows of none) or a channel: its score of the period, and of each week."""

    key: Any
    metric: Metric
    weeks: tuple[Week, ...]


def lines(filters: Filters, column: str, scale: str, *, as_of: dt.datetime) -> tuple[Line, ...]:
    """Those with most answers first; () where there is nothing to tell apart."""
    found = () if getattr(filters, column) else segments(filters, column, scale, as_of=as_of)
    if len(found) < 2:
        return ()
    every = filters.period.weeks()
    first = every[0].start
    rows = filters.scored(column).filter(within(Period(first, filters.period.end)), scale=scale)
    hists: dict[int, dict[Any, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    told = rows.values_list(WeekOf(first), column, "score").annotate(n=Total("count")).order_by()
    for week, key, score, answers in told:
        hists[week][key][score] += answers
    alike = clusters.of_periods(filters, column, weeks=every, scale=scale)
    # With a week stands that of all, and with the weeks of one the score of the period: none may be what is left.
    hidden = hidden_cells({(key, at): hist.total() for at, of in hists.items() for key, hist in of.items()})
    weeks = [_week(at, week, hists[at], scale, alike, hidden) for at, week in enumerate(every)]
    nothing = {at: _week(at, week, {None: Counter()}, scale, alike, hidden)[None] for at, week in enumerate(every)}
    return tuple(
        Line(
            key=segment.key,
            metric=segment.metric,
            weeks=tuple(of.get(segment.key, nothing[at]) for at, of in enumerate(weeks)),
        )
        for segment in found
    )


def _week(
    at: int,
    period: Period,
    hists: dict[Any, Counter[int]],
    scale: str,
    alike: clusters.Clusters,
    hidden: Collection[tuple[Any, int]],
) -> dict[Any, Week]:
    """The scores of one week."""
    return {
        key: week_of(
            period,
            alike.widen(score_of(hist, scale), hist, scale, when=at, key=key),
            "hidden" if (key, at) in hidden else None,
        )
        for key, hist in hists.items()
    }
