"""Scores by how customers were served: what an hour of waiting costs, and who was served both fast and well (M14)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from analytics import clusters, served_counts
from analytics.clusters import Clusters
from analytics.comparisons import Change, change
from analytics.display import FULL_FROM
from analytics.metrics import Metric, measure
from analytics.models import ServedDay
from analytics.reports import BEFORE, NOW, Filters, Score, Segment, score_of
from analytics.served_counts import LADDERS
from analytics.serving.fast_and_good import Cells, cells_of
from analytics.waiting import SpeedAndQuality, speed_and_quality


@dataclass(frozen=True, kw_only=True)
class FastAndGood:
    """Answers by whether the first response was in time and the customer satisfied; `metric` is the share of both."""

    metric: Metric
    cells: SpeedAndQuality

    @property
    def n(self) -> int:
        return self.cells.fast_and_good.den


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the slower step of an aspect costs against the quickest: their scores and the difference."""

    aspect: str
    quick: str
    slow: str
    scores: tuple[Score, Score]
    change: Change


@dataclass(frozen=True, kw_only=True)
class ByService:
    """One score by each aspect of service, in the order of its steps; reasons by their number of answers."""

    aspects: Mapping[str, tuple[Segment, ...]]
    costs: tuple[Cost, ...]
    both: FastAndGood


def scores_by_service(filters: Filters, scale: str, *, as_of: dt.datetime) -> ByService:
    """Everything that the scores of a scale say of service, from one look at the counts."""
    found = _hists(filters, scale)
    if not filters.scope.covers_all():
        found[served_counts.REPEAT] = found[served_counts.REPEAT_TO_TEAM]
    aspects = {aspect: _in_order(found[aspect], aspect) for aspect in (*LADDERS, served_counts.REASON)}
    alike = clusters.borrowed(filters)
    costs = [_cost(aspect, aspects[aspect], scale, alike) for aspect in LADDERS]
    return ByService(
        aspects={
            aspect: _segments(steps, scale, filters, alike, as_of=as_of)
            for aspect, steps in aspects.items()
            if len(steps) > 1
        },
        costs=tuple(cost for cost in costs if cost),
        both=_both(found[served_counts.WITHIN], scale, filters, as_of=as_of),
    )


def _hists(filters: Filters, scale: str) -> dict[str, dict[str, dict[str, Counter[int]]]]:
    """Histograms by aspect, step and period."""
    rows = filters.over_both(ServedDay).filter(filters.of_evidence(), scale=scale)
    found: dict[str, dict[str, dict[str, Counter[int]]]] = defaultdict(dict)
    for (when, aspect, step), hist in served_counts.histograms(rows, "when").items():
        found[aspect].setdefault(step, {NOW: Counter(), BEFORE: Counter()})[when] = hist
    return found


def _in_order(steps: Mapping[str, dict[str, Counter[int]]], aspect: str) -> dict[str, dict[str, Counter[int]]]:
    """The steps of a ladder from its foot; reasons with most answers first. Those of the period alone."""
    told = {step: both for step, both in steps.items() if both[NOW]}
    if aspect in LADDERS:
        return {step: told[step] for step in LADDERS[aspect].ends if step in told}
    return dict(sorted(told.items(), key=lambda item: (-item[1][NOW].total(), item[0])))


def _segments(
    steps: Mapping[str, Mapping[str, Counter[int]]],
    scale: str,
    filters: Filters,
    alike: Clusters,
    *,
    as_of: dt.datetime,
) -> tuple[Segment, ...]:
    now = {step: _score(both, scale, alike) for step, both in steps.items()}
    before = {step: _score(both, scale, alike, when=BEFORE) for step, both in steps.items()}
    metrics = measure(now, before=before if filters.before else None, as_of=as_of, partition=True)
    return tuple(Segment(step, metrics[step]) for step in steps)


def _score(both: Mapping[str, Counter[int]], scale: str, alike: Clusters, when: str = NOW) -> Score:
    return alike.widen(score_of(both[when], scale), both[when], scale, when=when)


def _cost(aspect: str, steps: Mapping[str, Mapping[str, Counter[int]]], scale: str, alike: Clusters) -> Cost | None:
    """The quickest step with enough answers against the slowest one with enough; None without two."""
    told = [step for step, both in steps.items() if both[NOW].total() >= FULL_FROM]
    if len(told) < 2:
        return None
    quick, slow = (_score(steps[told[at]], scale, alike) for at in (0, -1))
    found = change(slow, quick)
    return Cost(aspect=aspect, quick=told[0], slow=told[-1], scores=(quick, slow), change=found) if found else None


def _both(
    steps: Mapping[str, Mapping[str, Counter[int]]], scale: str, filters: Filters, *, as_of: dt.datetime
) -> FastAndGood:
    cells: dict[str, Cells] = {NOW: Counter(), BEFORE: Counter()}
    for step, both in steps.items():
        for when, hist in both.items():
            cells[when].update(cells_of(scale, step, hist))
    now, before = (speed_and_quality(cells[when]) for when in (NOW, BEFORE))
    past = {0: before.fast_and_good} if filters.before else None
    return FastAndGood(metric=measure({0: now.fast_and_good}, before=past, as_of=as_of)[0], cells=now)
