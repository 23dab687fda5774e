"""The funnel plot of agents: score against number of answers, with the limits that chance alone keeps to (M27)."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from analytics import charts, formats
from analytics.agents import Standing
from analytics.competence import limits_around
from analytics.display import FULL_FROM, SHOWN_FROM
from analytics.reports import Score

HEIGHT, TOP, BOTTOM = 300, 10.0, 262.0
CURVE_STEPS = 48
LABELLED_N = (5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000)
# Percent of the width: at both ends, so that no point is cut, and between two labels.
MARGIN, APART = 2.0, 7.0
# The width goes by the root of the number of answers.
LEAST = math.sqrt(SHOWN_FROM)
LOOKS = {"above": "pos", "below": "neg", "": "neu"}


@dataclass(frozen=True, kw_only=True)
class Point:
    """One agent; who lies outside the limits has a label."""

    x: str
    y: str
    look: str
    is_weak: bool
    label: str
    anchor: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """`band` and the line of the common score are in a box of 100 by the height; the rest is percent and pixels."""

    band: str
    mean: str
    points: Sequence[Point]
    grid: Sequence[charts.Tick]
    ticks: Sequence[charts.Tick]
    height: int = HEIGHT


def plot(standings: Sequence[Standing], total: Score) -> Plot | None:
    """None while fewer than two agents have a score to place: one alone is nobody's neighbour."""
    placed = [one for one in standings if one.metric is not None and one.metric.value is not None]
    if len(placed) < 2 or total.value is None:
        return None
    unit = total.unit
    most = max(one.metric.n for one in placed if one.metric)
    curve = _curve(total, most)
    values = [one.metric.value or 0.0 for one in placed if one.metric]
    wide = limits_around(total, FULL_FROM)
    ends = [*values, *([wide.lo, wide.hi] if wide else [])]
    first, last, step = charts.axis(charts.printed(min(ends), unit), charts.printed(max(ends), unit), unit=unit)

    def y(value: float) -> float:
        at = BOTTOM - (BOTTOM - TOP) * (charts.printed(value, unit) - first) / (last - first)
        return min(max(at, TOP), BOTTOM)

    def x(n: float) -> float:
        """Nobody with fewer answers has a place."""
        return MARGIN + (100 - 2 * MARGIN) * (math.sqrt(n) - LEAST) / max(math.sqrt(most) - LEAST, 1)

    upper = [f"{x(n):.2f},{y(hi):.1f}" for n, _lo, hi in curve]
    lower = [f"{x(n):.2f},{y(lo):.1f}" for n, lo, _hi in curve]
    return Plot(
        band=" ".join(upper + lower[::-1]),
        mean=f"{y(total.value):.1f}",
        points=[_point(one, x=x(one.metric.n), y=y(one.metric.value or 0.0)) for one in placed if one.metric],
        grid=[
            charts.Tick(at=f"{y(at / 100 if unit == 'share' else at):.1f}", label=formats.number(at))
            for at in range(first, last + 1, step)
        ],
        ticks=[charts.Tick(at=f"{at:.2f}%", label=formats.number(n), anchor="middle") for n, at in _labelled(x, most)],
    )


def _labelled(x: Callable[[float], float], most: int) -> Iterator[tuple[int, float]]:
    """As many numbers of answers as have room beside each other."""
    last = -APART
    for n in LABELLED_N:
        if n <= most and x(n) - last >= APART:
            last = x(n)
            yield n, last


def _curve(total: Score, most: int) -> list[tuple[float, float, float]]:
    """The limits from five answers to the most that anybody has, closer together where they bend."""
    found = []
    for place in range(CURVE_STEPS + 1):
        n = max(1, round((LEAST + (math.sqrt(most) - LEAST) * place / CURVE_STEPS) ** 2))
        limits = limits_around(total, n)
        if limits is not None:
            found.append((float(n), limits.lo, limits.hi))
    return found


def _point(one: Standing, *, x: float, y: float) -> Point:
    metric = one.metric
    assert metric is not None
    return Point(
        x=f"{x:.2f}%",
        y=f"{y:.1f}",
        look=LOOKS[one.side],
        is_weak=metric.state == "weak",
        label=str(one.agent) if one.side else "",
        anchor="end" if x > 70 else "start",
        title=f"{one.agent}: {formats.value_of(metric)} ({formats.limits_of(metric)}), n={formats.number(metric.n)}",
    )
