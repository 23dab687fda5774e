"""One topic in the period: how often it is mentioned week by week and where, and which cells stand out (M29)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from analytics.metrics import Metric, measure
from analytics.models import CommentDay, TopicDay
from analytics.periods import Period
from analytics.reports import BEFORE, NOW, SURE_CLASSES, Classes, Filters, TopicRow, Week, week_of, within
from analytics.scores import Nps, nps, share
from analytics.stored import Total, WeekOf
from analytics.topic_tone import is_marked, mention_share, residuals
from feedback.models import Topic

COLUMNS = ("team", "channel", "survey")


@dataclass(frozen=True, kw_only=True)
class Portion:
    """Comments of one team, channel or survey: the share that mentions the topic, and whether it stands out."""

    key: Any
    mentions: int
    metric: Metric
    residual: float | None

    @property
    def is_marked(self) -> bool:
        return is_marked(self.residual)


@dataclass(frozen=True, kw_only=True)
class Tone:
    """A class among the topic's mentions against the other comments."""

    name: str
    count: int
    residual: float | None

    @property
    def is_marked(self) -> bool:
        return is_marked(self.residual)


@dataclass(frozen=True, kw_only=True)
class About:
    """What there is to say of one topic; `net` are its positive less its negative mentions, in a hundred."""

    weeks: Sequence[Week]
    portions: Mapping[str, Sequence[Portion]]
    tones: Sequence[Tone]
    net: Nps


def about(filters: Filters, row: TopicRow, *, among: Classes, every: Mapping[str, int], as_of: dt.datetime) -> About:
    """The topic of `row`; `every` are the classes of all comments of the period."""
    mentioned = _sums(TopicDay, filters, Q(topic=row.topic))
    whole = _sums(CommentDay, filters, Q())
    chosen = {"team": filters.team, "channel": filters.channel, "survey": filters.survey}
    return About(
        weeks=_weeks(filters, row.topic),
        portions={
            column: _portions(at, mentioned, whole, compared=bool(filters.before), as_of=as_of)
            for at, column in enumerate(COLUMNS)
            if not chosen[column]
        },
        tones=_tones(row.classes, every),
        net=net_of(row.classes),
    )


def net_of(classes: Mapping[str, int]) -> Nps:
    """Net tone of the comments with a class, in a hundred, with the limits that NPS has: both are two shares of one
    whole, one less the other.
    """
    positive, negative = classes.get("positive", 0), classes.get("negative", 0)
    others = sum(classes.get(name, 0) for name in SURE_CLASSES) - positive - negative
    return nps(promoters=positive, passives=others, detractors=negative)


def classes_of(filters: Filters) -> dict[str, int]:
    """How many comments of each class there are in the period, the unsure ones included."""
    rows = filters.counts(CommentDay).filter(filters.of_source(), within(filters.period)).order_by()
    return dict(rows.values_list("derived_class").annotate(n=Total("count")))


def _sums(table: type[Model], filters: Filters, more: Q) -> dict[str, Counter[tuple[Any, ...]]]:
    """Comments of both periods by the columns."""
    rows = filters.of_both_periods(table._default_manager.filter(filters.of_comments(), more))
    found: dict[str, Counter[tuple[Any, ...]]] = {NOW: Counter(), BEFORE: Counter()}
    for when, *key, n in rows.values_list("when", *COLUMNS).annotate(n=Total("count")).order_by():
        found[when][tuple(key)] += n
    return found


def _portions(
    at: int, mentioned: Mapping[str, Counter[Any]], whole: Mapping[str, Counter[Any]], *, compared: bool,
    as_of: dt.datetime,
) -> tuple[Portion, ...]:  # fmt: skip
    """The parts of one column, the largest first; one alone says no more than the whole."""
    parts, of_topic = ({when: _by(at, found[when]) for when in found} for found in (whole, mentioned))
    keys = [key for key, _n in parts[NOW].most_common()]
    if len(keys) < 2:
        return ()
    now = {key: mention_share(of_topic[NOW][key], parts[NOW][key]) for key in keys}
    past = {key: mention_share(of_topic[BEFORE][key], parts[BEFORE][key]) for key in keys}
    metrics = measure(now, before=past if compared else None, as_of=as_of, partition=True)
    stand_out = residuals([[of_topic[NOW][key], parts[NOW][key] - of_topic[NOW][key]] for key in keys])
    return tuple(
        Portion(
            key=key,
            mentions=of_topic[NOW][key],
            metric=metrics[key],
            residual=row[0] if metrics[key].state != "hidden" else None,
        )
        for key, row in zip(keys, stand_out, strict=True)
    )


def _by(at: int, found: Counter[tuple[Any, ...]]) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for key, n in found.items():
        sums[key[at]] += n
    return sums


def _tones(own: Mapping[str, int], every: Mapping[str, int]) -> tuple[Tone, ...]:
    table = [[own.get(name, 0) for name in SURE_CLASSES]]
    table.append([max(0, every.get(name, 0) - own.get(name, 0)) for name in SURE_CLASSES])
    stand_out = residuals(table)[0]
    return tuple(
        Tone(name=name, count=own.get(name, 0), residual=residual)
        for name, residual in zip(SURE_CLASSES, stand_out, strict=True)
    )


def _weeks(filters: Filters, topic: Topic) -> tuple[Week, ...]:
    """The share of each week's comments that mention it."""
    every = filters.period.weeks()
    days = within(Period(every[0].start, filters.period.end))

    def by_week(table: type[Model], more: Q) -> Counter[int]:
        rows = table._default_manager.filter(filters.of_comments(), days, more).order_by()
        return Counter(dict(rows.values_list(WeekOf(every[0].start)).annotate(n=Total("count"))))

    mentions, whole = by_week(TopicDay, Q(topic=topic)), by_week(CommentDay, Q())
    return tuple(week_of(week, share(mentions[at], whole[at])) for at, week in enumerate(every))
