"""How often the random sample is read to be about each topic: since topics were last promoted, and as long before."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from analytics.filters import BEFORE, NOW, Filters
from analytics.metrics import Metric, measure
from analytics.quality.sample import COUNTED
from analytics.scores import share
from feedback.models import Comment, CommentTopic
from feedback.models.comments import UNCHECKED
from ground import remembered
from ground.unindexed import Unindexed

Counts = dict[str, int]


def of_topics(filters: Filters) -> dict[int, Metric]:
    """The share of sampled comments that name each topic, the largest first, with its change; few are hidden."""
    scope, period, before = filters.scope, filters.period, filters.before or filters.period.previous()
    first, after = before.moments(filters.zone)[0], period.moments(filters.zone)[1]
    turn = period.moments(filters.zone)[0]
    question = f"drift|{sorted(scope.teams)}|{scope.whole}|{first}|{turn}|{after}"
    total, topics = remembered.while_costly(
        question, lambda: _counted(_parts(filters, first, after), turn), seconds=COUNTED
    )
    shares = {
        when: {topic: share(counts[when], total[when]) for topic, counts in topics.items()} for when in (NOW, BEFORE)
    }
    found = measure(shares[NOW], before=shares[BEFORE], as_of=timezone.now())
    return dict(sorted(found.items(), key=lambda pair: (-shares[NOW][pair[0]].num, pair[0])))


def _parts(filters: Filters, first: dt.datetime, after: dt.datetime) -> list[QuerySet[Comment]]:
    """The sample of these days, what waits for a check and what was checked apart: each has an index of its own."""
    every = Comment.objects.annotate(of_team=Unindexed("team")).filter(filters.scope.rows("of_team"), is_sample=True)
    own = every.filter(said_at__gte=first, said_at__lt=after).order_by()
    return [own.filter(UNCHECKED), own.filter(classified_at__isnull=False, checked_at__isnull=False)]


def _counted(parts: list[QuerySet[Comment]], turn: dt.datetime) -> tuple[Counts, dict[int, Counts]]:
    """How many comments there are in both times, and how many of them name each topic."""
    total, topics = _none(), dict[int, Counts]()
    for rows in parts:
        _add(total, rows.aggregate(**_both("pk", Q(said_at__gte=turn))))
        named = CommentTopic.objects.filter(comment__in=rows.values("pk")).order_by()
        for row in named.values("topic").annotate(**_both("pk", Q(comment__said_at__gte=turn))):
            _add(topics.setdefault(row["topic"], _none()), row)
    return total, topics


def _none() -> Counts:
    return {NOW: 0, BEFORE: 0}


def _both(column: str, is_now: Q) -> dict[str, Count]:
    return {NOW: Count(column, filter=is_now), BEFORE: Count(column, filter=~is_now)}


def _add(counts: Counts, row: Mapping[str, Any]) -> None:
    for when in counts:
        counts[when] += row[when]
