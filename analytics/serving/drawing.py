"""Charts of times: on an axis of their logarithm, since most waits are short and some take days."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analytics import charts, formats
from analytics.periods import Period
from analytics.quantiles import bucket_value
from analytics.serving.weeks import SlowWeek

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
MARKS = (1.0, 10.0, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY)
# Two bars for each doubling.
PER_DOUBLING = 2
CLOSEST = 15.0
HEIGHT, BASE, TOP = 104.0, 80.0, 8.0


@dataclass(frozen=True)
class Axis:
    """Seconds from `lo` to `hi`, both at least one."""

    lo: float
    hi: float

    def part(self, seconds: float) -> float:
        """Where a time lies, 0 to 1; times beyond the axis lie at its ends."""
        inside = min(max(seconds, self.lo), self.hi)
        return math.log(inside / self.lo) / math.log(self.hi / self.lo)

    def ticks(self) -> tuple[charts.Tick, ...]:
        """Round times along the axis, none so near the one before it that their labels meet."""
        found: list[charts.Tick] = []
        last = -CLOSEST
        for seconds in MARKS:
            at = 100 * self.part(seconds)
            if self.lo <= seconds <= self.hi and at - last >= CLOSEST:
                anchor = "start" if at < 4 else "end" if at > 96 else "middle"
                found.append(charts.Tick(at=f"{at:.2f}%", label=formats.duration(seconds), anchor=anchor))
                last = at
        return tuple(found)


@dataclass(frozen=True)
class Bar:
    x: str
    width: str
    y: str
    height: str
    title: str


@dataclass(frozen=True)
class Line:
    at: str
    anchor: str
    label: str
    look: str


@dataclass(frozen=True, kw_only=True)
class Spreading:
    """How the times of one channel spread; `rows` say the same as a table: up to a time, how many."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    ticks: tuple[charts.Tick, ...]
    rows: tuple[tuple[str, int], ...]


def common_axis(hists: Iterable[Mapping[int, int]]) -> Axis:
    """An axis that holds every one of these histograms."""
    steps = [_step(bucket_value(key)) for hist in hists for key in hist]
    lo, hi = min(steps, default=0), max(steps, default=0) + 1
    return Axis(_edge(lo), _edge(max(hi, lo + 4 * PER_DOUBLING)))


def spreading(
    hist: Mapping[int, int], *, axis: Axis, median: float | None, nine: float | None, target: float | None
) -> Spreading:
    """The bars of one histogram with its percentiles and the service level."""
    counts: Counter[int] = Counter()
    for key, count in hist.items():
        counts[_step(bucket_value(key))] += count
    most = max(counts.values(), default=1)
    return Spreading(
        bars=tuple(_bar(step, counts[step], most=most, axis=axis) for step in sorted(counts)),
        lines=tuple(
            _line(seconds, look, axis)
            for seconds, look in ((target, "plan"), (median, "half"), (nine, "nine"))
            if seconds is not None
        ),
        ticks=axis.ticks(),
        rows=tuple((formats.duration(_edge(step + 1)), counts[step]) for step in sorted(counts)),
    )


def _step(seconds: float) -> int:
    return math.floor(PER_DOUBLING * math.log2(max(seconds, 1.0)))


def _edge(step: int) -> float:
    return float(2 ** (step / PER_DOUBLING))


def _bar(step: int, count: int, *, most: int, axis: Axis) -> Bar:
    begins, ends = axis.part(_edge(step)), axis.part(_edge(step + 1))
    height = (BASE - TOP) * count / most
    return Bar(
        x=f"{100 * begins:.2f}%",
        width=f"{max(100 * (ends - begins) - 0.4, 0.4):.2f}%",
        y=f"{BASE - height:.1f}",
        height=f"{height:.1f}",
        title=f"{formats.duration(_edge(step))} – {formats.duration(_edge(step + 1))}: {formats.number(count)}",
    )


def _line(seconds: float, look: str, axis: Axis) -> Line:
    at = 100 * axis.part(seconds)
    return Line(
        at=f"{at:.2f}%", anchor="end" if at > 70 else "start", label=formats.duration(seconds), look=look
    )  # fmt: skip


def trend(
    weeks: Sequence[SlowWeek], *, shaded: Period, notes: Sequence[charts.Noted] = (), among: int = 1
) -> charts.Trend | None:
    """The weeks' ninth decile with its band, higher for longer; None while no week has one."""
    shown = [(index, week) for index, week in enumerate(weeks) if week.value is not None]
    if not shown:
        return None
    known = [seconds for _, week in shown for seconds in (week.value, week.lo, week.hi) if seconds is not None]
    axis = _heights(min(known), max(known))
    # What has no limit upwards, because too few tell, is drawn to the edge.
    drawn = [(index, _within(week, axis)) for index, week in shown]
    shade_x, shade_width = charts.shade(shaded, weeks)

    def height(seconds: float) -> float:
        return charts.BOTTOM - (charts.BOTTOM - charts.TOP) * axis.part(seconds)

    return charts.Trend(
        runs=tuple(charts.run_of(run, len(weeks), height=height) for run in charts.runs_of(drawn)),
        dots=tuple(
            charts.Dot(
                f"{charts.week_x(index, len(weeks)):.2f}%", f"{height(week.value or 0):.2f}", False, _title(week)
            )
            for index, week in shown
        ),
        grid=tuple(
            charts.Tick(at=f"{y:.1f}", label=formats.duration(seconds), label_at=f"{y + 4:.1f}")
            for seconds in _few(axis)
            for y in [height(seconds)]
        ),
        weeks=charts.week_labels(weeks),
        shade_x=shade_x,
        shade_width=shade_width,
        zero=None,
        marks=tuple(charts.mark(note, weeks) for note in notes),
        points=tuple(weeks),
        among=among,
    )


GRID = (
    1.0, 2.0, 5.0, 10.0, 20.0, 30.0, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY,
    365 * DAY,
)  # fmt: skip


def _heights(lowest: float, highest: float) -> Axis:
    """From a round time to a round time."""
    lo = max((seconds for seconds in GRID if seconds <= lowest), default=GRID[0])
    hi = min((seconds for seconds in GRID if seconds >= highest and seconds > lo), default=2 * max(highest, lo))
    return Axis(lo, hi)


def _few(axis: Axis) -> list[float]:
    inside = [seconds for seconds in GRID if axis.lo <= seconds <= axis.hi]
    every = math.ceil(len(inside) / 4)
    return inside[::every]


def _within(week: SlowWeek, axis: Axis) -> SlowWeek:
    return SlowWeek(
        period=week.period,
        value=week.value,
        lo=axis.lo if week.lo is None else week.lo,
        hi=axis.hi if week.hi is None else week.hi,
        n=week.n,
    )


def _title(week: SlowWeek) -> str:
    return f"{charts.week_name(week)}: {formats.duration(week.value)}, n={formats.number(week.n)}"
