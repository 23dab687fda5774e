"""The tone of comments, and whether a score goes up or down for long, as the API reads them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Sum

from analytics import reports
from analytics.api.question import Question, Told, figure, told
from analytics.metrics import Metric, measure
from analytics.models import TopicDay
from analytics.over_time import points_of, slotted
from analytics.quality import figures
from analytics.reports import BEFORE, NOW
from analytics.topics.report import net_of
from analytics.trends import lasting
from feedback.models import Topic

TOPIC = "topic"
# What of a metric in points is a hundred times that of a share.
IN_POINTS = ("value", "lo", "hi", "prev", "diff", "diff_lo", "diff_hi")


def net_tone(asked: Question) -> Iterable[Told]:
    """Positive less negative comments over those with a class, of all or of each topic."""
    filters, codes = asked.filters, dict(Topic.objects.values_list("pk", "code"))
    if asked.step:
        rows = filters.counts(TopicDay).filter(filters.of_source()) if asked.by else filters.said()
        points = points_of(
            slotted(rows, filters.period, asked.step, "derived_class", asked.by), net_of, as_of=asked.as_of
        )
        return [told(codes.get(point.key), _as_share(point.metric), point.start) for point in points]
    found = _counts(asked)
    now = {key: net_of(both[NOW]) for key, both in found.items()}
    past = {key: net_of(both[BEFORE]) for key, both in found.items()} if filters.before else None
    metrics = measure(now, before=past, as_of=asked.as_of)
    shown = sorted(metrics, key=lambda key: (-metrics[key].n, str(key)))
    return [told(codes.get(key), _as_share(metrics[key])) for key in shown if not asked.by or metrics[key].n]


def _counts(asked: Question) -> dict[Any, dict[str, Counter[str]]]:
    """How many comments of each class, by topic and period."""
    filters, columns = asked.filters, [TOPIC] if asked.by else []
    rows = filters.over_both(TopicDay).filter(filters.of_source()) if asked.by else filters.said_in_both()
    found: dict[Any, dict[str, Counter[str]]] = defaultdict(lambda: {NOW: Counter(), BEFORE: Counter()})
    if not asked.by:
        found[None]
    told = rows.values_list("when", *columns, "derived_class").annotate(rows=Sum("count")).order_by()
    for when, *key, name, count in told:
        found[key[0] if key else None][when][name] += count
    return found


def _as_share(metric: Metric) -> Metric:
    parts = {name: getattr(metric, name) for name in IN_POINTS}
    return replace(metric, **{name: None if part is None else part / 100 for name, part in parts.items()})


def corrected(asked: Question) -> Iterable[Told]:
    """Each class's share corrected for errors of reading, where enough comments are checked to say it."""
    metrics = reports.classes(asked.filters, as_of=asked.as_of).shares
    for name, found in figures.corrected_shares(metrics, figures.known_of(asked.filters)).items():
        yield Told(name, figure(found.value, metrics[name].n, found.lo, found.hi, state=metrics[name].state))


def trend(asked: Question) -> Iterable[Told]:
    """How much a score rises or falls a week, over the last whole weeks in a row with 30 answers; n is of weeks."""
    every = reports.card(asked.filters, asked.scale, as_of=asked.as_of).weeks
    weeks = [week for week in every if week.period.is_whole("week") and week.period.end < asked.today]
    found = lasting(weeks)
    if found:
        start = weeks[-found.buckets].start
        numbers = figure(found.trend.slope, found.buckets, state="full", p_adj=found.trend.p, flag=found.direction)
        yield Told(None, numbers, start)
