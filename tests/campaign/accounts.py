"""The words of closing lines, and what `make campaign` sums up from them.

Each fault is told once: where several lines are about the same, the last of them tells it.
"""

import re
import sys
from collections.abc import Iterable

import pytest

# What an account says was injected: kills, crashes, strikes, disks that fill up, clocks that are set.
FAULTS = re.compile(r"\bfaults ([\d,]+)")
# What it says was sent in, hostile or made up.
INPUTS = re.compile(r"\b([\d,]+) inputs sent")
# What `make campaign` run whole injects at least.
FEWEST_FAULTS = 3000


def line(*, attempted: int, acknowledged: int, lost: int, doubled: int, faults: int = 0) -> str:
    """`lost` and `doubled` are of what was acknowledged; none is told of `faults` that another line tells."""
    told = f"attempted {attempted}, acknowledged {acknowledged}, lost {lost}, doubled {doubled}"
    return f"{told}, faults {faults}" if faults else told


def total(pattern: re.Pattern[str], told: str | Iterable[str]) -> int:
    """The sum over all lines."""
    return sum(
        int(found.replace(",", "")) for found in pattern.findall(told if isinstance(told, str) else "\n".join(told))
    )


def tell(capsys: pytest.CaptureFixture[str], said: str) -> None:
    """Print a line of account, whatever becomes of the test."""
    with capsys.disabled():
        print(f"\n{said}", file=sys.stderr)  # noqa: T201
