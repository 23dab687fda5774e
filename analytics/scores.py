"""Survey scores from score histograms: CSAT, mean, NPS and CES. Pure arithmetic.

An empty denominator gives None everywhere, never 0. Shares are 0..1 and NPS -100..100.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar, Literal

from analytics.display import DisplayState, Unit, display_state
from analytics.intervals import mean_interval, nps_interval, wilson_interval

Hist = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """Range of a question's scores and its boxes: `top` is satisfied, agree or promoter, `bottom` the opposite."""

    kind: Literal["csat", "ces", "nps"]
    low: int
    high: int
    top: frozenset[int]
    bottom: frozenset[int] = frozenset()


SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "csat_5": Scale("csat", 1, 5, top=frozenset({4, 5}), bottom=frozenset({1, 2})),
        "csat_3": Scale("csat", 1, 3, top=frozenset({3}), bottom=frozenset({1})),
        "csat_7": Scale("csat", 1, 7, top=frozenset({6, 7}), bottom=frozenset({1, 2})),
        "thumbs": Scale("csat", 0, 1, top=frozenset({1}), bottom=frozenset({0})),
        "csat_11": Scale("csat", 0, 10, top=frozenset({9, 10}), bottom=frozenset(range(7))),
        "csat_10": Scale("csat", 1, 10, top=frozenset({9, 10}), bottom=frozenset(range(1, 7))),
        "ces_7": Scale("ces", 1, 7, top=frozenset({5, 6, 7})),
        "ces_5": Scale("ces", 1, 5, top=frozenset({4, 5})),
        "nps": Scale("nps", 0, 10, top=frozenset({9, 10}), bottom=frozenset(range(7))),
    }
)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share `num`/`den`, 0..1, with its Wilson 95 % limits; `scale` is set when it comes from a scored question.

    `n_eff` is by how many answers the limits go where `customers` are clearly fewer (`repeated_answers`).
    """

    num: int
    den: int
    value: float | None
    lo: float | None
    hi: float | None
    scale: str | None = None
    n_eff: float | None = None
    customers: int | None = None
    unit: ClassVar[Unit] = "share"

    @property
    def n(self) -> int:
        return self.den


@dataclass(frozen=True, kw_only=True)
class Csat(Share):
    """Share of satisfied answers, with the dissatisfied counted beside it."""

    dissatisfied: int

    @property
    def satisfied(self) -> int:
        return self.num


@dataclass(frozen=True, kw_only=True)
class MeanScore:
    """Mean on its own scale with t limits clipped to the scale; `num` is the sum of scores, `index100` is 0..100.

    `sd` (n - 1) and the limits are None below two answers.
    """

    num: int
    den: int
    value: float | None
    sd: float | None
    lo: float | None
    hi: float | None
    index100: float | None
    scale: str
    unit: ClassVar[Unit] = "mean"

    @property
    def n(self) -> int:
        return self.den


@dataclass(frozen=True, kw_only=True)
class Ces(Share):
    """Share that agrees "it was easy"; `mean` is the secondary number, on the recoded scale."""

    mean: MeanScore


@dataclass(frozen=True, kw_only=True)
class Nps:
    """Net promoter score in points, -100..100, with adjusted Wald 95 % limits, by `n_eff` answers as in `Share`."""

    promoters: int
    passives: int
    detractors: int
    value: float | None
    lo: float | None
    hi: float | None
    n_eff: float | None = None
    customers: int | None = None
    unit: ClassVar[Unit] = "points"

    @property
    def num(self) -> int:
        return self.promoters - self.detractors

    @property
    def den(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def n(self) -> int:
        return self.den


@dataclass(frozen=True, kw_only=True)
class WeightedNps:
    """NPS weighted by, say, revenue, in points; shown by its effective sample size `n_eff`."""

    value: float | None
    n_eff: float
    lo: float | None
    hi: float | None

    @property
    def state(self) -> DisplayState:
        return display_state(self.n_eff)


def merge_histograms(parts: Iterable[Hist]) -> dict[int, int]:
    """Sum of histograms, score by score: the only exact way from days to a period."""
    merged: Counter[int] = Counter()
    for part in parts:
        merged.update(part)
    return dict(merged)


def share(num: int, den: int, *, scale: str | None = None) -> Share:
    """Share num/den with its Wilson interval; all None at den = 0, ValueError unless 0 <= num <= den."""
    value, lo, hi = _share_limits(num, den)
    return Share(num=num, den=den, value=value, lo=lo, hi=hi, scale=scale)


def csat(hist: Hist, scale: str) -> Csat:
    """Share of answers in the satisfied boxes of `scale`; ValueError for another kind of scale or a score outside."""
    boxes = _boxes(scale, kind="csat")
    n = _count(hist, boxes)
    satisfied = _in_boxes(hist, boxes.top)
    value, lo, hi = _share_limits(satisfied, n)
    dissatisfied = _in_boxes(hist, boxes.bottom)
    return Csat(num=satisfied, den=n, value=value, lo=lo, hi=hi, scale=scale, dissatisfied=dissatisfied)


def mean_score(hist: Hist, scale: str) -> MeanScore:
    """Arithmetic mean of a histogram on any scale of SCALES; ValueError for a score outside it."""
    boxes = SCALES[scale]
    n = _count(hist, boxes)
    total = sum(score * count for score, count in hist.items())
    if n == 0:
        return MeanScore(num=0, den=0, value=None, sd=None, lo=None, hi=None, index100=None, scale=scale)
    mean = total / n
    index100 = 100 * (total - boxes.low * n) / ((boxes.high - boxes.low) * n)
    sd = lo = hi = None
    if n > 1:
        squares = sum(score * score * count for score, count in hist.items())
        sd = math.sqrt((n * squares - total * total) / (n * (n - 1)))
        limits = mean_interval(mean, sd, n=n)
        lo, hi = max(float(boxes.low), limits.lo), min(float(boxes.high), limits.hi)
    return MeanScore(num=total, den=n, value=mean, sd=sd, lo=lo, hi=hi, index100=index100, scale=scale)


def nps(*, promoters: int, passives: int, detractors: int) -> Nps:
    """NPS of counted answers, 100 * (promoters - detractors) / n; ValueError for a negative count."""
    if min(promoters, passives, detractors) < 0:
        raise ValueError("counts cannot be negative")
    n = promoters + passives + detractors
    value = lo = hi = None
    if n:
        value = 100 * (promoters - detractors) / n
        lo, hi = nps_interval(promoters=promoters, passives=passives, detractors=detractors)
    return Nps(promoters=promoters, passives=passives, detractors=detractors, value=value, lo=lo, hi=hi)


def nps_from_histogram(hist: Hist) -> Nps:
    """NPS of a 0-10 histogram: promoters 9-10, passives 7-8, detractors 0-6; ValueError for a score outside 0..10."""
    boxes = SCALES["nps"]
    n = _count(hist, boxes)
    promoters, detractors = _in_boxes(hist, boxes.top), _in_boxes(hist, boxes.bottom)
    return nps(promoters=promoters, passives=n - promoters - detractors, detractors=detractors)


def weighted_nps(values: Sequence[int], weights: Sequence[float]) -> WeightedNps:
    """NPS of answers scored -1, 0 or 1 under non-negative weights; n_eff = (sum w)^2 / sum w^2 (Kish).

    ValueError for lengths that differ, another score or a negative weight.
    """
    if len(values) != len(weights) or any(w < 0 for w in weights) or not set(values) <= {-1, 0, 1}:
        raise ValueError("weighted NPS needs scores -1, 0 or 1 and as many non-negative weights")
    up, flat, down = (math.fsum(w for v, w in zip(values, weights, strict=True) if v == score) for score in (1, 0, -1))
    return weighted_nps_of_sums(promoters=up, passives=flat, detractors=down, squares=math.fsum(w * w for w in weights))


def weighted_nps_of_sums(*, promoters: float, passives: float, detractors: float, squares: float) -> WeightedNps:
    """The same from the sums of weights and the sum of their squares."""
    total = math.fsum((promoters, passives, detractors))
    if total <= 0:
        return WeightedNps(value=None, n_eff=0.0, lo=None, hi=None)
    n_eff = total * total / squares
    up, flat, down = (n_eff * part / total for part in (promoters, passives, detractors))
    lo, hi = nps_interval(promoters=up, passives=flat, detractors=down)
    return WeightedNps(value=100 * (promoters - detractors) / total, n_eff=n_eff, lo=lo, hi=hi)


def ces(hist: Hist, scale: str, *, reverse: bool = False) -> Ces:
    """Share that agrees with "it was easy" and the mean; `reverse` recodes a wording where low means easy."""
    boxes = _boxes(scale, kind="ces")
    if reverse:
        hist = {boxes.low + boxes.high - score: count for score, count in hist.items()}
    mean = mean_score(hist, scale)
    agree = _in_boxes(hist, boxes.top)
    value, lo, hi = _share_limits(agree, mean.n)
    return Ces(num=agree, den=mean.n, value=value, lo=lo, hi=hi, scale=scale, mean=mean)


@lru_cache(maxsize=10_000)  # most shares of a page are told more than once
def _share_limits(num: int, den: int) -> tuple[float, float, float] | tuple[None, None, None]:
    if not 0 <= num <= den:
        raise ValueError("a share needs 0 <= num <= den")
    return (num / den, *wilson_interval(num, den)) if den else (None, None, None)


def _boxes(scale: str, *, kind: str) -> Scale:
    boxes = SCALES[scale]
    if boxes.kind != kind:
        raise ValueError(f"{scale} is not a {kind} scale")
    return boxes


def _count(hist: Hist, boxes: Scale) -> int:
    for score, count in hist.items():
        if not boxes.low <= score <= boxes.high:
            raise ValueError(f"score {score} is outside {boxes.low}..{boxes.high}")
        if count < 0:
            raise ValueError("counts cannot be negative")
    return sum(hist.values())


def _in_boxes(hist: Hist, boxes: frozenset[int]) -> int:
    return sum(count for score, count in hist.items() if score in boxes)
