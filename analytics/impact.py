"""Which topics cost points of the score, and which to mend first, with the other topics held fixed (M30, M31)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum

from analytics.drivers import FEWEST_MENTIONS, Verdict, coinciding, drivers, is_rough, leave_out_impact, verdict
from analytics.models import ScoredTopicsDay
from analytics.over_time import slot_of
from analytics.reports import NPS, Filters, Score, score_of, within
from analytics.scores import SCALES
from feedback.models import Topic

Topics = frozenset[int]
Answers = Counter[tuple[Topics, int]]
# The order in which a manager wants to read them.
ORDER: tuple[Verdict, ...] = ("fix_first", "fix_next", "watch", "strength", "few_data")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One topic: the score of those who write about it, and the points it adds to the score of all who write.

    Points have 95 % limits, unless they are `rough`: there are too few answers to hold the other topics fixed, and they
    are the score less what it would be without these answers. None with too few mentions. `with_topics` always come
    with this one, and all of them are counted as one.
    """

    topic: int
    mentions: int
    score: Score
    points: float | None
    lo: float | None
    hi: float | None
    verdict: Verdict
    is_rough: bool
    with_topics: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Impact:
    """The effects, those first that are to be mended first; `score` is that of all who wrote something."""

    scale: str
    score: Score
    effects: tuple[Effect, ...]
    is_rough: bool


def impact(filters: Filters, scale: str) -> Impact:
    """What topics do to one score in the period."""
    (answers,) = _answers(filters, scale, [filters.period.start]).values()
    return _impact(answers, scale, _parents())


def by_slot(filters: Filters, scale: str, step: str) -> list[tuple[dt.date, Impact]]:
    """The same of each slot by itself, with its first day."""
    starts, parents = [slot.start for slot in filters.period.cut(step)], _parents()
    return [(start, _impact(own, scale, parents)) for start, own in _answers(filters, scale, starts).items()]


def _parents() -> dict[int, int]:
    return {topic.pk: topic.parent_id or 0 for topic in Topic.objects.exclude(parent=None).only("parent")}


def _impact(answers: Answers, scale: str, parents: Mapping[int, int]) -> Impact:
    mentions: Counter[int] = Counter()
    for (topics, _given), count in answers.items():
        mentions.update(dict.fromkeys(topics, count))
    known = sorted(topic for topic, count in mentions.items() if count >= FEWEST_MENTIONS)
    rough = is_rough(answers=answers.total(), topics=len(known))
    found = _points(answers, [topic for topic in known if topic not in parents], scale, rough=rough)
    if inner := {topic for topic in known if topic in parents}:
        found |= _of_inner(answers, inner, parents, scale, rough=rough)
    effects = [_effect(topic, mentions[topic], answers, scale, found, rough=rough) for topic in mentions]
    return Impact(
        scale=scale,
        score=_score(answers, scale),
        effects=tuple(sorted(effects, key=_place)),
        is_rough=rough,
    )


def _answers(filters: Filters, scale: str, starts: Sequence[dt.date]) -> dict[dt.date, Answers]:
    """How many answers of each slot wrote about exactly these topics and gave this score."""
    rows = filters.counts(ScoredTopicsDay).filter(filters.of_evidence(), within(filters.period), scale=scale)
    columns = ("day", "topics", "score") if len(starts) > 1 else ("topics", "score")
    found: dict[dt.date, Answers] = {start: Counter() for start in starts}
    for *day, topics, score, count in rows.values_list(*columns).annotate(answers=Sum("count")).order_by():
        start = slot_of(starts, day[0]) if day else starts[0]
        found[start][frozenset(map(int, filter(None, topics.split(",")))), score] += count
    return found


def _score(answers: Mapping[tuple[Topics, int], int], scale: str, *, about: int | None = None) -> Score:
    hist: Counter[int] = Counter()
    for (topics, score), count in answers.items():
        if about is None or about in topics:
            hist[score] += count
    return score_of(hist, scale)


def worth(score: int, scale: str) -> float:
    """What an answer counts for, in points of its score: 0 or 100, of NPS -100 to 100."""
    if scale not in SCALES:  # yes or no
        return 100.0 * score
    boxes = SCALES[scale]
    return 100.0 * ((score in boxes.top) - (scale == NPS and score in boxes.bottom))


@dataclass(frozen=True)
class _Points:
    points: float
    lo: float | None
    hi: float | None
    together: tuple[int, ...]


def _points(
    answers: Mapping[tuple[Topics, int], int], known: Sequence[int], scale: str, *, rough: bool
) -> dict[int, _Points]:
    """The points of each topic with enough mentions."""
    told = list(answers.items())
    counts = [count for _answer, count in told]
    values = [worth(score, scale) for (_topics, score), _count in told]
    flags = [[float(topic in topics) for topic in known] for (topics, _given), _count in told]
    if rough or not known:
        alone = (
            (topic, leave_out_impact([row[at] for row in flags], values, counts=counts))
            for at, topic in enumerate(known)
        )
        return {topic: _Points(points, None, None, ()) for topic, points in alone if points is not None}
    groups = coinciding(flags, counts=counts)
    joined = [[float(any(row[at] for at in group)) for group in groups] for row in flags]
    found = drivers(joined, values, counts=counts)
    if found is None:
        return {}
    return {
        known[at]: _Points(driver.points, driver.lo, driver.hi, tuple(known[other] for other in group if other != at))
        for group, driver in zip(groups, found.topics, strict=True)
        for at in group
    }


def _of_inner(
    answers: Mapping[tuple[Topics, int], int], inner: set[int], parents: Mapping[int, int], scale: str, *, rough: bool
) -> dict[int, _Points]:
    """The points of topics that belong to others, held against what else is said.

    A comment about one is about its parent, too, which beside its topics would be their sum, that nothing can be held
    fixed against: there it stands for the comments about none of them.
    """
    apart: Counter[tuple[Topics, int]] = Counter()
    mentions: Counter[int] = Counter()
    for (topics, score), count in answers.items():
        own = topics - {parents[topic] for topic in topics if topic in parents}
        apart[own, score] += count
        mentions.update(dict.fromkeys(own, count))
    beside = {topic for topic, count in mentions.items() if count >= FEWEST_MENTIONS and topic not in parents}
    found = _points(apart, sorted(inner | beside), scale, rough=rough)
    return {topic: points for topic, points in found.items() if topic in inner}


def _effect(
    topic: int, mentions: int, answers: Mapping[tuple[Topics, int], int], scale: str, found: Mapping[int, _Points], *,
    rough: bool,
) -> Effect:  # fmt: skip
    own = found.get(topic)
    certain = own is not None and own.lo is not None and own.hi is not None
    return Effect(
        topic=topic,
        mentions=mentions,
        score=_score(answers, scale, about=topic),
        points=own.points if own else None,
        lo=own.lo if own else None,
        hi=own.hi if own else None,
        verdict=verdict(points=own.points, lo=own.lo, hi=own.hi, mentions=mentions) if certain else "few_data",  # type: ignore[union-attr,arg-type]
        is_rough=rough,
        with_topics=own.together if own else (),
    )


def _place(effect: Effect) -> tuple[int, float, int]:
    return ORDER.index(effect.verdict), effect.points if effect.points is not None else 0.0, -effect.mentions
