"""Complaints in texts as counts beside those of contacts, by the days on which they were said.

What is about a contact that is marked as a complaint itself is left out, so that the two add up.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate

from analytics.filters import BEFORE, NOW, Filters
from analytics.periods import Period
from feedback import complaining
from feedback.models import Comment

# Under which the filters of a page keep how many there are by the period, where all of them were read already.
READ = "complaints in texts"


def by_period(filters: Filters, *columns: str) -> Counter[tuple[Any, ...]]:
    """How many by the period and these columns."""
    if not columns and READ in filters.read:
        return Counter(filters.read[READ])
    now = _said(filters.period, filters)
    rows = _texts(filters).filter(now | _said(filters.before, filters) if filters.before else now)
    when = Case(When(now, then=Value(NOW)), default=Value(BEFORE))
    return _counted(rows.annotate(when=when), "when", *columns)


def by_day(filters: Filters, *columns: str) -> Counter[tuple[Any, ...]]:
    """How many of the period by these columns and the day."""
    rows = _texts(filters).filter(_said(filters.period, filters))
    return _counted(rows.annotate(day=TruncDate("said_at", tzinfo=filters.zone)), *columns, "day")


def _texts(filters: Filters) -> QuerySet[Comment]:
    """A survey is no matter of contacts, whose number these are held against."""
    return Comment.objects.filter(replace(filters, survey=None).rows(), complaining.in_state(complaining.APART))


def _said(period: Period, filters: Filters) -> Q:
    first, after = period.moments(filters.zone)
    return Q(said_at__gte=first, said_at__lt=after)


def _counted(rows: QuerySet[Any], *columns: str) -> Counter[tuple[Any, ...]]:
    found = rows.order_by().values_list(*columns).annotate(rows=Count("pk"))
    return Counter({tuple(values): count for *values, count in found})
