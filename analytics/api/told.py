"""What is asked of a metric, and how it is told."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.display import display_state
from analytics.metrics import Metric
from analytics.reports import Filters

NUMBERS = (
    "value", "num", "den", "n", "lo", "hi", "state", "prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag",
    "preliminary",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: `by` a column or "", `step` a slot or ""."""

    filters: Filters
    key: str
    by: str
    step: str
    scale: str
    as_of: dt.datetime


@dataclass(frozen=True)
class Told:
    """One number; `key` is the column's value, `start` the first day of its slot."""

    key: Any
    numbers: Mapping[str, Any]
    start: dt.date | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Reader:
    """How a metric is read, and what it may be broken down by; without `is_whole`, it always is."""

    read: Callable[[Question], Iterable[Told]]
    by: frozenset[str] = field(default_factory=frozenset)
    steps: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def known(self) -> list[str]:
        return [*sorted(self.by), *self.steps]


def told(key: Any, metric: Metric, start: dt.date | None = None) -> Told:
    found = asdict(metric)
    return Told(key, {name: found[name] for name in NUMBERS}, start)


def figure(
    value: float | None, n: int, lo: float | None = None, hi: float | None = None, **more: Any
) -> dict[str, Any]:
    """The numbers of what is no score: a count, a duration, points."""
    numbers = dict.fromkeys(NUMBERS) | {"value": value, "n": n, "lo": lo, "hi": hi, "preliminary": False}
    return numbers | {"state": display_state(n)} | more
