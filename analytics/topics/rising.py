"""Topics that the last week spoke of more than the twelve before, whatever the number of comments did (M32)."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from analytics.emerging import WEEKS, Emerging, alerts, emerging, overdispersion, shared_overdispersion
from analytics.filters import Filters, within
from analytics.models import CommentDay, TopicDay
from analytics.periods import DAY, WEEK, Period
from analytics.stored import Total, WeekOf
from feedback.models import Topic


@dataclass(frozen=True, kw_only=True)
class Rising:
    """What a topic's mentions of the week are against those to be expected, and whether that is worth an alert."""

    topic: Topic
    found: Emerging
    is_certain: bool


@dataclass(frozen=True, kw_only=True)
class Week:
    """The last week of the period, its comments, and what is told of each topic, those that rose most first."""

    period: Period
    comments: int
    topics: tuple[Rising, ...] = ()

    @property
    def certain(self) -> tuple[Rising, ...]:
        return tuple(one for one in self.topics if one.is_certain)


def rising(filters: Filters, *, today: dt.date) -> Week:
    """The period's last whole ISO week against the twelve before; no topics without comments before.

    A week that is not over is not compared: in a period that lies within one it is the week before.
    """
    end = max(filters.period.start, min(filters.period.end, today - DAY))
    end -= end.isoweekday() % 7 * DAY
    week = Period(end - 6 * DAY, end)
    whole = Period(week.start - WEEKS * WEEK, end)
    mentions: dict[int, Counter[int]] = defaultdict(Counter)
    said = filters.counts(CommentDay).filter(filters.of_source(), within(whole)).order_by()
    comments = Counter(dict(said.values_list(WeekOf(whole.start)).annotate(n=Total("count"))))
    spoken = filters.counts(TopicDay).filter(filters.of_source(), within(whole)).order_by()
    for topic, at, n in spoken.values_list("topic", WeekOf(whole.start)).annotate(n=Total("count")):
        mentions[topic][at] += n
    before = [comments[at] for at in range(WEEKS)]
    if filters.slice or not sum(before) or not comments[WEEKS]:
        return Week(period=week, comments=comments[WEEKS])
    found = _against(mentions, before, comments[WEEKS])
    certain = set(alerts(found))
    rows = (
        Rising(topic=topic, found=found[topic.pk], is_certain=topic.pk in certain)
        for topic in Topic.objects.filter(pk__in=list(found))
    )
    order = sorted(rows, key=lambda row: (not row.is_certain, -row.found.ratio, row.topic.pk))
    return Week(period=week, comments=comments[WEEKS], topics=tuple(order))


def _against(mentions: dict[int, Counter[int]], before: list[int], comments: int) -> dict[int, Emerging]:
    past = {topic: [weeks[at] for at in range(WEEKS)] for topic, weeks in mentions.items()}
    uneven = {topic: overdispersion(weeks, before) for topic, weeks in past.items()}
    every = [(sum(past[topic]), rho) for topic, rho in uneven.items()]
    return {
        topic: emerging(
            weeks[WEEKS],
            comments,
            before=past[topic],
            comments_before=before,
            rho=shared_overdispersion(uneven[topic], every),
        )
        for topic, weeks in mentions.items()
    }
