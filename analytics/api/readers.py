"""How each metric is read: the whole, broken down, or slot by slot."""

from collections.abc import Iterable, Mapping
from typing import Any

from analytics import funnel, over_time, reports
from analytics.api import service_readers
from analytics.api.told import Question, Reader, Told, figure, told
from analytics.display import display_state
from analytics.impact import impact
from analytics.intervals import count_interval
from analytics.over_time import Point
from analytics.registry import METRICS
from analytics.reports import CES, CSAT, NPS, THREE_STEPS, THUMBS, YES_NO, Segment
from analytics.service import service
from feedback.models import Topic
from ground import remembered

# The scales of a score, the first unless another is asked for.
SCALES = {"csat": (CSAT, THREE_STEPS, THUMBS), "nps": (NPS,), "ces": (CES,), "resolved_by_customer": (YES_NO,),
          "topic_impact": reports.SCALES}  # fmt: skip
STEPS = over_time.STEPS


def _segments(found: Iterable[Segment]) -> Iterable[Told]:
    return [told(segment.key, segment.metric) for segment in found]


def _points(found: Iterable[Point]) -> Iterable[Told]:
    return [told(point.key, point.metric, point.start) for point in found]


def _score(asked: Question) -> Iterable[Told]:
    filters, scale, as_of = asked.filters, asked.scale, asked.as_of
    if asked.step:
        return _points(over_time.scores(filters, scale, asked.step, by=asked.by, as_of=as_of))
    if asked.by:
        return _segments(reports.segments(filters, asked.by, scale, as_of=as_of))
    return [told(None, reports.card(filters, scale, as_of=as_of).metric)]


def _classes(asked: Question) -> Iterable[Told]:
    if asked.step:
        return _points(over_time.classes(asked.filters, asked.step, as_of=asked.as_of))
    shares = reports.classes(asked.filters, as_of=asked.as_of).shares
    return [told(name, metric) for name, metric in shares.items()]


def _topics(asked: Question) -> Iterable[Told]:
    codes = dict(Topic.objects.values_list("pk", "code"))
    if asked.step:
        points = over_time.topics(asked.filters, asked.step, as_of=asked.as_of)
        return [told(codes.get(point.key), point.metric, point.start) for point in points]
    among = reports.classes(asked.filters, as_of=asked.as_of)
    # A topic that few mention is hidden on pages, however many comments its share is of.
    rows = reports.topics(asked.filters, among=among, as_of=asked.as_of)
    return [told(row.topic.code, row.metric) for row in rows if row.state != "hidden"]


def _impact(asked: Question) -> Iterable[Told]:
    found = remembered.while_costly(
        f"impact {asked.filters} {asked.scale}", lambda: impact(asked.filters, asked.scale)
    )  # fmt: skip
    codes = dict(Topic.objects.values_list("pk", "code"))
    return [
        Told(codes.get(effect.topic), figure(effect.points, effect.mentions, effect.lo, effect.hi),
             verdict=effect.verdict)
        for effect in found.effects
        if display_state(effect.mentions) != "hidden"
    ]  # fmt: skip


def _solved(asked: Question) -> Iterable[Told]:
    if asked.step:
        return _points(over_time.solved(asked.filters, asked.step, as_of=asked.as_of))
    return [told(None, service(asked.filters, as_of=asked.as_of).solved)]


def _volume(asked: Question) -> Iterable[Told]:
    if asked.step:
        found = over_time.contacts(asked.filters, asked.step, by=asked.by)
        return [Told(key, _count(n), day) for key, by_slot in found.items() for day, n in by_slot.items()]
    found = service(asked.filters, as_of=asked.as_of)
    if asked.by:
        return [Told(served.channel, _count(served.contacts)) for served in found.channels]
    prev = found.contacts_before
    change = {"prev": prev, "diff": found.contacts - prev} if prev is not None else {}
    return [Told(None, _count(found.contacts) | change)]


def _count(n: int) -> dict[str, Any]:
    """How many there were is no answer of anybody: it is told from the first on."""
    lo, hi = count_interval(n)
    return figure(n, n, lo, hi, state="full")


def _asked(asked: Question) -> Iterable[Told]:
    if asked.step:
        return _points(over_time.rates(asked.filters, asked.key, asked.step, by=asked.by, as_of=asked.as_of))
    return _segments(funnel.rates_by(asked.filters, asked.key, asked.by, as_of=asked.as_of))


OF_SCORE = Reader(_score, frozenset({"team", "channel"}), STEPS)
OF_ASKING = Reader(_asked, frozenset({"team", "channel", "survey"}), STEPS)
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(("csat", "nps", "ces", "resolved_by_customer"), OF_SCORE),
    "comment_class": Reader(_classes, frozenset({"class"}), STEPS, is_whole=False),
    "topic_share": Reader(_topics, frozenset({"topic"}), STEPS, is_whole=False),
    "topic_impact": Reader(_impact, frozenset({"topic"}), is_whole=False),
    "resolved_share": Reader(_solved, frozenset(), STEPS),
    "volume": Reader(_volume, frozenset({"channel"}), STEPS),
    **service_readers.READERS,
    **{key: OF_ASKING for key in funnel.RATES if key in METRICS},
}
