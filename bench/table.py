"""The table that `make bench` prints: what was measured, against what, and whether the goal is reached."""

import datetime as dt
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from bench.calibration import RECORDED, loop_seconds

COLUMNS = {
    "#": 2, "what": 70, "database": 10, "measured": 16, "baseline": 16, "ratio": 6, "goal": 12, "reached": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line; `ratio` has to be at least `goal`, or at most that where `is_limit`. Some have no database."""

    number: int
    what: str
    database: str
    measured: str
    baseline: str
    ratio: float
    goal: float
    is_limit: bool = False

    @property
    def is_reached(self) -> bool:
        return self.ratio <= self.goal if self.is_limit else self.ratio >= self.goal

    def __str__(self) -> str:
        goal = f"{'at most' if self.is_limit else 'at least'} {self.goal:g}"
        cells = (str(self.number), self.what, self.database, self.measured, self.baseline, _short(self.ratio), goal)
        return _line(*cells, "yes" if self.is_reached else "**no**")


def heading() -> str:
    """The first two lines, as Markdown reads them."""
    return f"{_line(*COLUMNS)}\n|{'|'.join('-' * (width + 2) for width in COLUMNS.values())}|"


def machine() -> str:
    """When, where and how fast: a baseline from elsewhere is scaled by the loop."""
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]  # fmt: skip
    now = dt.datetime.now(dt.UTC)
    return (
        f"{now:%d %B %Y, %H:%M} UTC, {len(names)} cores of {names[0] if names else platform.machine()}, "
        f"Python {platform.python_version()}; 10 million additions take {loop_seconds():.2f} s of CPU here and took "
        f"{RECORDED:.2f} s where the baselines were recorded; load {os.getloadavg()[0]:.1f}."
    )


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, COLUMNS.values(), strict=True)) + " |"


def _short(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}"
