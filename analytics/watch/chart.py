"""The chart of a deviation as the server draws it: the usual range, each day's value, and the days that alarmed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics import formats
from analytics.charts import LABELS, Tick
from analytics.models import Incident
from analytics.watch.subjects import METRICS

HEIGHT, TOP, BOTTOM = 120, 6.0, 98.0


@dataclass(frozen=True)
class Mark:
    x: str
    y: str
    title: str


@dataclass(frozen=True)
class Chart:
    """Positions as text; horizontal ones in percent. Runs of days with a value are lines, alone ones dots."""

    band: tuple[str, ...]
    lines: tuple[str, ...]
    dots: tuple[Mark, ...]
    alarms: tuple[Mark, ...]
    began: str
    grid: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    height: int = HEIGHT


class _Plane:
    """Where days and values lie."""

    def __init__(self, points: Sequence[Any]) -> None:
        known = [value for _day, *rest in points for value in rest if value is not None]
        low, high = min(known), max(known)
        self.room = (high - low or 1.0) * 0.06
        self.low, self.high = (low - self.room if low else 0.0), high + self.room
        self.count = len(points)

    def x(self, place: float) -> float:
        return 100 * (place + 0.5) / self.count

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low)

    def place(self, at: int, value: float) -> str:
        return f"{self.x(at):.2f},{self.y(value):.1f}"


def chart(row: Incident) -> Chart | None:
    """None while there is nothing to draw."""
    points = [(dt.date.fromisoformat(day), *rest) for day, *rest in row.points]
    if all(one[1] is None for one in points):
        return None
    plane = _Plane(points)
    banded = _runs([one if one[3] is not None else None for one in points])
    valued = _runs([one if one[1] is not None else None for one in points])
    length = dt.timedelta(days=6 if row.is_weekly else 0)
    alarmed = {dt.date.fromisoformat(day) - length for day in row.days}
    marks = {
        one[0]: Mark(f"{plane.x(at):.2f}%", f"{plane.y(one[1]):.1f}", _title(row, one))
        for run in valued
        for at, one in run
    }
    began = next((at for at, one in enumerate(points) if one[0] + length >= row.began_on), None)
    return Chart(
        band=tuple(_band(plane, run) for run in banded),
        lines=tuple(" ".join(plane.place(at, one[1]) for at, one in run) for run in valued if len(run) > 1),
        dots=tuple(marks[run[0][1][0]] for run in valued if len(run) == 1),
        alarms=tuple(mark for day, mark in marks.items() if day in alarmed),
        began=f"{plane.x(began - 0.5):.2f}%" if began is not None and row.kind == "shift" else "",
        grid=_grid(row, plane),
        labels=_labels([one[0] for one in points], plane),
    )


def _band(plane: _Plane, run: Sequence[tuple[int, Any]]) -> str:
    upper = [plane.place(at, one[4]) for at, one in run]
    lower = [plane.place(at, one[3]) for at, one in reversed(run)]
    return " ".join(upper + lower)


def _grid(row: Incident, plane: _Plane) -> tuple[Tick, ...]:
    values = (plane.low + plane.room, (plane.low + plane.high) / 2, plane.high - plane.room)
    return tuple(
        Tick(at=f"{plane.y(value):.1f}", label=_told(row, value), label_at=f"{plane.y(value) + 4:.1f}")
        for value in values
    )


def _labels(days: Sequence[dt.date], plane: _Plane) -> tuple[Tick, ...]:
    return tuple(
        Tick(
            at=f"{plane.x(at):.2f}%" if at else "0%",
            label=formats.day(days[at]),
            anchor="middle" if at else "start",
        )
        for at in range(0, len(days), -(-len(days) // LABELS))
    )


def _runs(points: Sequence[Any]) -> list[list[tuple[int, Any]]]:
    runs: list[list[tuple[int, Any]]] = []
    for at, one in enumerate(points):
        if one is None:
            continue
        if runs and runs[-1][-1][0] == at - 1:
            runs[-1].append((at, one))
        else:
            runs.append([(at, one)])
    return runs


def _title(row: Incident, point: Sequence[Any]) -> str:
    day, value, level, lo, hi = point
    usual = f" ({_told(row, lo)}–{_told(row, hi)})" if lo is not None else ""
    return f"{formats.day(day)}: {_told(row, value)}{usual}"


def _told(row: Incident, value: float) -> str:
    kind = METRICS[row.metric].kind
    if kind == "share":
        return formats.percent(str(round(100 * value)))
    if kind == "time":
        return formats.duration(value)
    return formats.number(round(value), signed=kind == "points")
