"""What is watched: the metrics, and the organisation, its teams and channels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from analytics.models.watch import Metric
from analytics.series import Counts, Durations, NpsCounts, Series, Shares

Kind = Literal["share", "points", "count", "time"]
# Sums of one bucket: hits and n, promoters to detractors, a number, or what `Durations` needs.
Parts = tuple[float, ...]

CSAT, NPS, CES, ANSWERS, CONTACTS, NEGATIVE, CONSTRUCTIVE, TOPIC, WITHIN, RESPONSE = Metric.values


class Subject(NamedTuple):
    """One series; neither team nor channel means the whole organisation."""

    metric: str
    team: int | None = None
    channel: str = ""
    topic: int | None = None


@dataclass(frozen=True)
class Watched:
    """A metric that is watched. `better` is the good direction; a day is judged `lag` days later, when it is known.

    `shown` is its name in the register of metrics.
    """

    kind: Kind
    better: str
    shown: str
    lag: int = 0


METRICS: Mapping[str, Watched] = MappingProxyType({
    CSAT: Watched("share", "up", "csat"),
    NPS: Watched("points", "up", "nps"),
    # The share that agrees it was easy, as its card tells it: a mean would hide who did not.
    CES: Watched("share", "up", "ces"),
    ANSWERS: Watched("count", "none", "response_rate"),
    CONTACTS: Watched("count", "none", "volume"),
    NEGATIVE: Watched("share", "down", "comment_class"),
    CONSTRUCTIVE: Watched("share", "none", "comment_class"),
    TOPIC: Watched("share", "none", "topic_share"),
    # Who still waits is late on the day on which the level passed; until then, and in the times, in nothing.
    WITHIN: Watched("share", "up", "within_target", lag=3),
    RESPONSE: Watched("time", "down", "first_response_time", lag=3),
})  # fmt: skip

_MAKERS: Mapping[Kind, Callable[[Sequence[Any]], Series]] = MappingProxyType(
    {"share": Shares, "points": NpsCounts, "count": Counts, "time": Durations}
)


def size(kind: Kind, parts: Parts) -> int:
    """How many answers, comments or contacts a bucket tells of."""
    if kind == "points":
        return int(sum(parts))
    return int(parts[1] if kind == "share" else parts[0])


def series(kind: Kind, buckets: Sequence[Parts | None]) -> Series:
    """The buckets as a series of the metric's kind."""
    if kind == "count":
        return _MAKERS[kind]([None if parts is None else int(parts[0]) for parts in buckets])
    return _MAKERS[kind](buckets)


def added(one: Parts, other: Parts) -> Parts:
    return tuple(left + right for left, right in zip(one, other, strict=True))
