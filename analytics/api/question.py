"""What is asked of a metric, how it is read, and what is told."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.display import display_state
from analytics.metrics import Metric
from analytics.over_time import Point
from analytics.periods import local_day
from analytics.reports import Filters, Segment

NUMBERS = (
    "value", "num", "den", "n", "lo", "hi", "state", "prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag",
    "preliminary", "n_eff",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: `by` a column or "", `step` a slot or "", and what else the metric wants to know."""

    filters: Filters
    key: str
    by: str
    step: str
    as_of: dt.datetime
    scale: str
    percentile: int
    clock: str
    target: int
    formula: str
    version: int | None = None
    planned: Mapping[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        return local_day(self.as_of, self.filters.zone)


@dataclass(frozen=True)
class Told:
    """One number; `key` is the column's value, `start` the first day of its slot; `name` where the reader knows it."""

    key: Any
    numbers: Mapping[str, Any]
    start: dt.date | None = None
    verdict: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a metric is read, and what it may be broken down by; without `is_whole`, it always is.

    `steps` are the slots of its series, `unslotted` the breakdowns that have none, `options` what else may be asked;
    `slices` are the kinds of what it may be narrowed to: an agent, a topic, a language, a segment. One that `is_dated`
    may go by the end of contacts. `without` is what would change nothing and is refused: a metric without a start is
    one of days of its own. `units` are those of scales that have another than the metric.
    """

    read: Callable[[Question], Iterable[Told]]
    by: frozenset[str] = frozenset()
    steps: tuple[str, ...] = ()
    unslotted: frozenset[str] = field(default_factory=frozenset)
    options: frozenset[str] = field(default_factory=frozenset)
    is_whole: bool = True
    slices: frozenset[str] = field(default_factory=frozenset)
    is_dated: bool = False
    without: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_period(self) -> bool:
        return "start" not in self.without

    @property
    def known(self) -> list[str]:
        return [*sorted(self.by), *self.steps]


def told(key: Any, metric: Metric, start: dt.date | None = None, *, name: str | None = None) -> Told:
    """A score or a share."""
    found = asdict(metric)
    return Told(key, {name: found[name] for name in NUMBERS}, start, name=name)


def figure(
    value: float | None, n: int, lo: float | None = None, hi: float | None = None, **more: Any
) -> dict[str, Any]:
    """The numbers of what is no score: a count, a duration, points."""
    numbers = dict.fromkeys(NUMBERS) | {"value": value, "n": n, "lo": lo, "hi": hi, "preliminary": False}
    return numbers | {"state": display_state(n)} | more


def of_segments(found: Iterable[Segment]) -> list[Told]:
    return [told(segment.key, segment.metric) for segment in found]


def of_points(found: Iterable[Point]) -> list[Told]:
    return [told(point.key, point.metric, point.start) for point in found]
