"""What the random sample is read to be, each class and topic: since the last promotion, and as long before.

Of a comment that somebody has checked counts what the machine had said before: else a share would move as people get on
with checking.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from analytics import reports
from analytics.filters import BEFORE, NOW, Filters
from analytics.metrics import Metric, measure
from analytics.quality.sample import COUNTED, Sampled
from analytics.scores import Share, share
from feedback.models import Comment, CommentTopic
from feedback.models.comments import UNCHECKED, CommentClass
from feedback.topics import Tree
from ground import remembered
from ground.unindexed import Unindexed

Counts = dict[str, Counter[Any]]


@dataclass(frozen=True)
class Classes:
    """Shares of those whose class is sure, with their change, and of those where it is not."""

    shares: Mapping[str, Metric]
    unsure: Share


def of_classes(filters: Filters, rows: Sequence[Sampled]) -> Classes:
    """The share of sampled comments that are read as each class, `rows` are the checked ones; few are hidden."""
    counts = _classes(filters, rows)
    shares = {when: reports.class_shares(own) for when, own in counts.items()}
    return Classes(
        shares=measure(shares[NOW], before=shares[BEFORE], as_of=timezone.now()),
        unsure=share(counts[NOW][CommentClass.UNSURE], counts[NOW].total()),
    )


def of_topics(filters: Filters, rows: Sequence[Sampled], tree: Tree) -> dict[int, Metric]:
    """The share of sampled comments that name each topic, the largest first; few are hidden."""
    every, named = _classes(filters, rows), _topics(filters, rows, tree)
    topics = named[NOW].keys() | named[BEFORE].keys()
    shares = {when: {topic: share(own[topic], every[when].total()) for topic in topics} for when, own in named.items()}
    found = measure(shares[NOW], before=shares[BEFORE], as_of=timezone.now())
    return dict(sorted(found.items(), key=lambda pair: (-shares[NOW][pair[0]].num, pair[0])))


def _classes(filters: Filters, rows: Sequence[Sampled]) -> Counts:
    counts = _counted(filters, "derived_class", "said_at", lambda waiting: waiting)
    return _with_checked(counts, filters, rows, lambda row: [row.read_class])


def _topics(filters: Filters, rows: Sequence[Sampled], tree: Tree) -> Counts:
    counts = _counted(
        filters, "topic", "comment__said_at",
        lambda waiting: CommentTopic.objects.filter(comment__in=waiting.values("pk")).order_by(),
    )  # fmt: skip
    return _with_checked(
        counts, filters, rows, lambda row: {other for topic in row.read_topics for other in tree.counts_for(topic)}
    )


def _counted(
    filters: Filters, column: str, at: str, of: Callable[[QuerySet[Comment]], QuerySet[Any, Any]]
) -> Counts:  # fmt: skip
    """How many comments of the sample that wait for a check have each value of the column, in both times."""
    first, turn, after = _moments(filters)
    scope = filters.scope
    every = Comment.objects.annotate(of_team=Unindexed("team")).filter(scope.rows("of_team"), UNCHECKED, is_sample=True)
    waiting = every.filter(said_at__gte=first, said_at__lt=after, is_counted=True).order_by()
    is_now = Q(**{f"{at}__gte": turn})
    counting = {NOW: Count("pk", filter=is_now), BEFORE: Count("pk", filter=~is_now)}

    def found() -> Counts:
        told = list(of(waiting).values(column).annotate(**counting))
        return {when: Counter({row[column]: row[when] for row in told}) for when in counting}

    question = f"drift|{column}|{sorted(scope.teams)}|{scope.whole}|{first}|{turn}|{after}"
    return remembered.while_costly(question, found, seconds=COUNTED)


def _with_checked(
    counts: Counts, filters: Filters, rows: Sequence[Sampled], values: Callable[[Sampled], Iterable[Hashable]]
) -> Counts:
    """Those counts, and what was read in the checked comments of the same days."""
    first, turn, after = _moments(filters)
    counts = {when: Counter(own) for when, own in counts.items()}
    for row in rows:
        if row.is_counted and row.said_at and first <= row.said_at < after:
            counts[NOW if row.said_at >= turn else BEFORE].update(values(row))
    return counts


def _moments(filters: Filters) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """When the time before begins, when this time begins, and when it has ended."""
    before, own = filters.before or filters.period.previous(), filters.period.moments(filters.zone)
    return before.moments(filters.zone)[0], own[0], own[1]
