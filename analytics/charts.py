"""Geometry of the charts that the server draws: positions as text, ready for the attributes of an SVG.

Text, because a template would write a float with the comma of the reader's language. Horizontal positions are
percentages, so that a chart fills its card; vertical ones are pixels.
"""

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from analytics import formats
from analytics.display import DisplayState, Unit
from analytics.periods import Period

TREND_HEIGHT = 104
TOP, BOTTOM = 4.0, 80.0
LABELS = 4

# Lowest and highest value of a scale and the steps its axis may have, in printed units.
AXES: dict[Unit, tuple[int, int, tuple[int, ...]]] = {
    "share": (0, 100, (5, 10, 20)), "points": (-100, 100, (20, 50)), "per_1000": (0, 1000, (1, 2, 5, 10, 20, 50, 200)),
}  # fmt: skip
FEWEST_STEPS, MOST_STEPS = 4, 6


class Point(Protocol):
    """One week of a trend, the last one perhaps a part of it; `value` to `hi` are None below five answers."""

    @property
    def period(self) -> Period: ...
    @property
    def start(self) -> dt.date: ...
    @property
    def value(self) -> float | None: ...
    @property
    def lo(self) -> float | None: ...
    @property
    def hi(self) -> float | None: ...
    @property
    def n(self) -> int: ...
    @property
    def state(self) -> DisplayState: ...


class Days(Protocol):
    """From a day to a day, both included."""

    @property
    def start(self) -> dt.date: ...
    @property
    def end(self) -> dt.date: ...


class Noted(Days, Protocol):
    """A note of one or more days; its text is what `str` gives."""

    @property
    def number(self) -> int: ...
    @property
    def days(self) -> str: ...


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis; `anchor` keeps the outer labels inside the chart."""

    at: str
    label: str
    anchor: str = "middle"
    label_at: str = ""


@dataclass(frozen=True)
class Bullet:
    """A value with its interval on an axis."""

    ticks: tuple[Tick, ...]
    lo: str
    hi: str
    value: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    is_weak: bool
    title: str


@dataclass(frozen=True)
class Run:
    """Weeks in a row that have a value: the outline of their band and their line, in units of the inner box."""

    band: str
    line: str


@dataclass(frozen=True)
class Mark:
    """Where a note stands, and how wide its days are."""

    x: str
    left: str
    width: str
    number: int
    title: str


@dataclass(frozen=True)
class Trend:
    """A line with its band, broken where there is no value; the chosen period is shaded.

    `points` are what it draws; without a `unit` they are times. `among` so many of one kind it stands.
    """

    runs: tuple[Run, ...]
    dots: tuple[Dot, ...]
    grid: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    shade_x: str
    shade_width: str
    zero: str | None
    marks: tuple[Mark, ...] = ()
    for_script: str = ""
    height: int = TREND_HEIGHT
    points: tuple[Point, ...] = ()
    unit: Unit | None = None
    among: int = 1

    @property
    def has_last(self) -> bool:
        """Whether the last week is drawn."""
        return bool(self.points) and self.points[-1].value is not None

    @property
    def is_cut(self) -> bool:
        """Whether the last week goes on after the period: nothing is concluded from a part of one."""
        return bool(self.points) and not self.points[-1].period.is_whole("week")


def axis(lowest: float, highest: float, *, unit: Unit) -> tuple[int, int, int]:
    """First value, last value and step of an axis of four to six steps that holds both, within the scale."""
    low, high, steps = AXES[unit]
    for step in steps:
        first = max(low, math.floor(lowest / step) * step)
        last = min(high, math.ceil(highest / step) * step)
        while last - first < FEWEST_STEPS * step:
            first = max(low, first - step)
            if last - first < FEWEST_STEPS * step:
                last = min(high, last + step)
        if last - first <= MOST_STEPS * step:
            break
    return first, last, step


def bullet(value: float, lo: float, hi: float, *, unit: Unit) -> Bullet:
    """Where value and interval lie; all three in the unit of the score (shares 0..1)."""
    over = axis(printed(lo, unit), printed(hi, unit), unit=unit)
    return strip(value, lo, hi, unit=unit, over=over)


def strip(value: float, lo: float, hi: float, *, unit: Unit, over: tuple[int, int, int]) -> Bullet:
    """A bullet on an axis shared by the rows of a table."""
    lo_at, hi_at, value_at = (_percent(printed(number, unit), over[0], over[1]) for number in (lo, hi, value))
    return Bullet(ticks=ticks(over, unit=unit), lo=lo_at, hi=hi_at, value=value_at)


def common_axis(lines: Sequence[Sequence[Point]], *, unit: Unit) -> tuple[int, int, int] | None:
    """One axis for several trends; None while no week of theirs has a value."""
    shown = [point for points in lines for point in points if point.lo is not None and point.hi is not None]
    if not shown:
        return None
    lowest, highest = min(point.lo or 0 for point in shown), max(point.hi or 0 for point in shown)
    return axis(printed(lowest, unit), printed(highest, unit), unit=unit)


def trend(
    points: Sequence[Point], *, unit: Unit, shaded: Period, notes: Sequence[Noted] = (),
    over: tuple[int, int, int] | None = None, among: int = 1,
) -> Trend | None:  # fmt: skip
    """The weeks' line and band; None while no week has a value.

    It stands on an axis of its own unless `over` is one that it shares.
    """
    shown = [(index, point) for index, point in enumerate(points) if point.state != "hidden"]
    own = over or common_axis([points], unit=unit)
    if not shown or own is None:
        return None
    first, last, step = own
    shade_x, shade_width = shade(shaded, points)
    words_of = {index: _week_words(point, unit=unit) for index, point in shown}

    def height(value: float) -> float:
        return _height(printed(value, unit), first, last)

    return Trend(
        runs=tuple(run_of(run, len(points), height=height) for run in runs_of(shown)),
        dots=tuple(_dot(index, point, len(points), height=height, title=words_of[index]) for index, point in shown),
        grid=tuple(
            Tick(at=f"{y:.1f}", label=_axis_label(at, unit), label_at=f"{y + 4:.1f}")
            for at in range(first, last + 1, step if (last - first) / step <= FEWEST_STEPS else 2 * step)
            for y in [_height(at, first, last)]
        ),
        weeks=week_labels(points),
        shade_x=shade_x,
        shade_width=shade_width,
        zero=f"{_height(0, first, last):.1f}" if unit == "points" and first < 0 < last else None,
        marks=tuple(mark(note, points) for note in notes),
        for_script=_for_script(points, words_of, unit=unit, first=first, last=last, notes=notes),
        points=tuple(points),
        unit=unit,
        among=among,
    )


def _for_script(
    points: Sequence[Point], words_of: Mapping[int, str], *, unit: Unit, first: int, last: int, notes: Sequence[Noted]
) -> str:
    """What `charts.js` draws over the chart, as JSON: places by the day, and each week's words as in its table."""

    def of(index: int, point: Point) -> dict[str, Any]:
        words = [words_of[index]] if index in words_of else []
        end = point.period.end
        words += [f"{note.number}. {note}" for note in notes if note.start <= end and note.end >= point.start]
        places = (None if one is None else printed(one, unit) for one in (point.value, point.lo, point.hi))
        value, lo, hi = (None, None, None) if point.state == "hidden" else places
        return {"x": 7 * index + 3.5, "value": value, "lo": lo, "hi": hi, "weak": point.state == "weak",
                "text": "\n".join(words)}  # fmt: skip

    told = {"days": 7 * len(points), "axis": [first, last], "points": list(map(of, range(len(points)), points))}
    return json.dumps(told, ensure_ascii=False)


def _week_words(point: Point, *, unit: Unit) -> str:
    value = formats.score(point.value, unit=unit, n=point.n)
    limits = formats.interval(point.lo, point.hi, unit=unit, n=point.n)
    return f"{week_name(point)}: {value} ({limits}), n={formats.number(point.n)}"


def week_name(point: Point) -> str:
    """The day on which a week begins; of a part of one, its days."""
    whole = point.period.is_whole("week")
    return formats.day(point.start) if whole else formats.period(point.start, point.period.end)


def shade(period: Days, points: Sequence[Point]) -> tuple[str, str]:
    """Where a period begins on a trend of these weeks, and how wide it is."""
    left, right = _edges(period, points)
    return f"{left:.2f}%", f"{right - left:.2f}%"


def _edges(days: Days, points: Sequence[Point]) -> tuple[float, float]:
    """Where days begin and end on a trend of these weeks, in percent."""

    def place(after: int) -> float:
        return min(max(100 * after / (7 * len(points)), 0), 100)

    first = points[0].start
    return place((days.start - first).days), place((days.end - first).days + 1)


def mark(note: Noted, points: Sequence[Point]) -> Mark:
    """Where a note stands on a trend of these weeks."""
    left, right = _edges(note, points)
    return Mark(
        x=f"{(left + right) / 2:.2f}%",
        left=f"{left:.2f}%",
        width=f"{right - left:.2f}%",
        number=note.number,
        title=f"{note.days}: {note}",
    )


def runs_of(shown: Sequence[tuple[int, Point]]) -> list[list[tuple[int, Point]]]:
    """The weeks that have a value, cut where one between them has none."""
    runs: list[list[tuple[int, Point]]] = []
    for index, point in shown:
        if runs and runs[-1][-1][0] == index - 1:
            runs[-1].append((index, point))
        else:
            runs.append([(index, point)])
    return runs


def run_of(run: list[tuple[int, Point]], count: int, *, height: Callable[[float], float]) -> Run:
    """The outline of a band and its line, at the height that each value has."""

    def place(x: float, number: float | None) -> str:
        return f"{x:.2f},{height(number or 0):.2f}"

    xs = [week_x(index, count) for index, _ in run]
    if len(run) == 1:
        # A lonely week keeps a visible interval: its band is a narrow column.
        (_, point), x = run[0], xs[0]
        corners = [(x - 0.6, point.lo), (x - 0.6, point.hi), (x + 0.6, point.hi), (x + 0.6, point.lo)]
        return Run(band=" ".join(place(*corner) for corner in corners), line="")
    upper = [place(x, point.hi) for x, (_, point) in zip(xs, run, strict=True)]
    lower = [place(x, point.lo) for x, (_, point) in zip(xs, run, strict=True)]
    line = [place(x, point.value) for x, (_, point) in zip(xs, run, strict=True)]
    return Run(band=" ".join(upper + lower[::-1]), line=" ".join(line))


def _dot(index: int, point: Point, count: int, *, height: Callable[[float], float], title: str) -> Dot:
    return Dot(
        x=f"{week_x(index, count):.2f}%",
        y=f"{height(point.value or 0):.2f}",
        is_weak=point.state == "weak",
        title=title,
    )


def week_labels(points: Sequence[Point]) -> tuple[Tick, ...]:
    """The first days of some of the weeks, under them."""
    every = math.ceil(len(points) / LABELS)
    chosen = [index for index in range(len(points)) if index % every == 0]
    return tuple(
        Tick(
            at=f"{week_x(index, len(points)):.2f}%" if index else "0%",
            label=formats.day(points[index].start),
            anchor="middle" if index else "start",
        )
        for index in chosen
    )


def ticks(over: tuple[int, int, int], *, unit: Unit) -> tuple[Tick, ...]:
    """The labelled places of an axis from `axis`."""
    first, last, step = over
    anchors = {first: "start", last: "end"}
    return tuple(
        Tick(at=_percent(at, first, last), label=_axis_label(at, unit), anchor=anchors.get(at, "middle"))
        for at in range(first, last + 1, step)
    )


def _axis_label(at: int, unit: Unit) -> str:
    return formats.number(at, signed=unit == "points")


def printed(value: float, unit: Unit) -> float:
    """A value as an axis counts it: a share in percent."""
    return 100 * value if unit == "share" else value


def week_x(index: int, count: int) -> float:
    """Where the middle of a week lies, in percent."""
    return 100 * (index + 0.5) / count


def _height(value: float, first: int, last: int) -> float:
    return BOTTOM - (BOTTOM - TOP) * (value - first) / (last - first)


def _percent(value: float, first: int, last: int) -> str:
    return f"{100 * (value - first) / (last - first):.2f}%"
