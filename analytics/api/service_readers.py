"""How the metrics of service are read: times are medians in seconds, in working hours where there are such."""

from collections.abc import Iterable, Mapping

from analytics.api.told import Question, Reader, Told, figure, told
from analytics.metrics import Metric
from analytics.reports import CSAT
from analytics.serving.by_service import fast_and_good
from analytics.serving.parts import WORKING
from analytics.serving.queues import USUAL_TARGET, Waits, queues
from analytics.serving.report import Row, times
from analytics.serving.spans import Spread
from analytics.waiting import DEFAULT_FORMULA


def _rows(asked: Question) -> list[Row]:
    found = times(asked.filters, clock=WORKING, as_of=asked.as_of)
    return list({"channel": found.channels, "team": found.teams}.get(asked.by, (found.total,)))


def _median(key: object, found: Spread) -> Told:
    return Told(key, figure(found.half.value, found.n, found.half.lo, found.half.hi))


def _response(asked: Question) -> Iterable[Told]:
    return [_median(row.part.key, row.response) for row in _rows(asked)]


def _resolution(asked: Question) -> Iterable[Told]:
    return [_median(row.part.key, row.resolution) for row in _rows(asked)]


def _within(asked: Question) -> Iterable[Told]:
    return [told(row.part.key, row.within) for row in _rows(asked) if row.within]


def _backlog(asked: Question) -> Iterable[Told]:
    rows = [(row.part.key, row.backlog.open) for row in _rows(asked)]
    return [Told(key, figure(count, count, state="full")) for key, count in rows if count or not asked.by]


def _queues(asked: Question) -> list[Waits]:
    found = queues(asked.filters, target=USUAL_TARGET, formula=DEFAULT_FORMULA, as_of=asked.as_of)
    # A single queue is all of them.
    return [one for one in found if one.part.by] if asked.by else list(found[:1])


def _of_queue(asked: Question, one: Waits, metric: Metric) -> Told:
    return told(one.part.key if asked.by else None, metric)


def _service_level(asked: Question) -> Iterable[Told]:
    return [_of_queue(asked, one, one.level) for one in _queues(asked)]


def _abandonment(asked: Question) -> Iterable[Told]:
    return [_of_queue(asked, one, one.gave_up) for one in _queues(asked)]


def _waiting(asked: Question) -> Iterable[Told]:
    return [_median(one.part.key if asked.by else None, one.wait) for one in _queues(asked)]


def _fast_and_good(asked: Question) -> Iterable[Told]:
    return [told(None, fast_and_good(asked.filters, CSAT, as_of=asked.as_of).metric)]


OF_CONTACTS, OF_QUEUES = frozenset({"channel", "team"}), frozenset({"channel"})
READERS: Mapping[str, Reader] = {
    "first_response_time": Reader(_response, OF_CONTACTS),
    "within_target": Reader(_within, OF_CONTACTS),
    "resolution_time": Reader(_resolution, OF_CONTACTS),
    "backlog": Reader(_backlog, OF_CONTACTS),
    "waiting_time": Reader(_waiting, OF_QUEUES),
    "service_level": Reader(_service_level, OF_QUEUES),
    "abandonment": Reader(_abandonment, OF_QUEUES),
    "fast_and_good": Reader(_fast_and_good),
}
