"""The calibration plot: confidence against how often it was right, as the server draws it."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.display import SHOWN_FROM, display_state
from analytics.quality.figures import Tenth

LEFT = 0.3  # no class is shown below
SIZE = 240


@dataclass(frozen=True)
class Dot:
    """Positions in pixels of the square, as text."""

    x: str
    y: str
    lo: str
    hi: str
    is_weak: bool


@dataclass(frozen=True)
class Plot:
    dots: tuple[Dot, ...]
    grid: tuple[tuple[str, str, int], ...]
    diagonal_y: str
    size: int = SIZE


def plot(tenths: Sequence[Tenth]) -> Plot | None:
    """None when no tenth has enough comments."""
    dots = tuple(
        Dot(_x(one.mean), _y(one.right.value), _y(one.right.lo), _y(one.right.hi), display_state(one.right.n) == "weak")
        for one in tenths
        if one.right.n >= SHOWN_FROM and one.right.value is not None
        and one.right.lo is not None and one.right.hi is not None
    )  # fmt: skip
    grid = tuple((_x(at / 100), _y(at / 100), at) for at in (40, 60, 80, 100))
    return Plot(dots, grid, _y(LEFT)) if dots else None


def _x(value: float) -> str:
    return f"{SIZE * (max(value, LEFT) - LEFT) / (1 - LEFT):.1f}"


def _y(value: float) -> str:
    return f"{SIZE * (1 - value):.1f}"
