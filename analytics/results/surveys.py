"""The score of each survey in the period, one by each scale that it was answered on."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from analytics import clusters
from analytics.metrics import Metric, measure
from analytics.models import ScoreDay
from analytics.reports import BEFORE, NOW, SCALES, Filters, Hist, score_of
from surveys.resolved import RESOLVED


@dataclass(frozen=True)
class Scored:
    """A survey's answers on one scale."""

    survey: int
    scale: str
    metric: Metric


def scored(filters: Filters, *, as_of: dt.datetime) -> tuple[Scored, ...]:
    """The surveys that were answered with a score, those with most answers first."""
    hists: dict[str, dict[int, dict[str, Hist]]] = defaultdict(lambda: defaultdict(lambda: {NOW: {}, BEFORE: {}}))
    rows = filters.over_both(ScoreDay, "survey").filter(filters.of_evidence(), ~Q(scale=RESOLVED))
    for survey, scale, when, score, n in (
        rows.values_list("survey", "scale", "when", "score").annotate(n=Sum("count")).order_by()
    ):
        hists[scale][survey][when] = Counter(hists[scale][survey][when]) + Counter({score: n})
    found = [one for scale in SCALES if scale in hists for one in _of_scale(scale, hists[scale], filters, as_of=as_of)]
    return tuple(sorted(found, key=lambda one: (-one.metric.n, one.survey)))


def _of_scale(scale: str, hists: Any, filters: Filters, *, as_of: dt.datetime) -> list[Scored]:
    answered = {survey: both for survey, both in hists.items() if both[NOW]}
    alike = clusters.of_periods(filters, "survey", scale=scale)
    now, past = (
        {
            survey: alike.widen(score_of(both[when], scale), both[when], scale, when=when, key=survey)
            for survey, both in answered.items()
        }
        for when in (NOW, BEFORE)
    )
    metrics = measure(now, before=past if filters.before else None, as_of=as_of, partition=len(now) > 1)
    return [Scored(survey, scale, metric) for survey, metric in metrics.items()]
