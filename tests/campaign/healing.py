"""How long one kill holds up an answer: the time until its comment is read and its day is counted.

python -m tests.campaign.healing --kills 200
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.answers import Customers
from tests.campaign.running import launch, migrated, query, run_inside, surroundings
from tests.e2e.stack import Stack, stop, wait_for

KILLED = ("understand", "count", "ring", "beat", "web", "broker")
SECONDS = 120
WAITING = """SELECT (SELECT count(*) FROM feedback_comment WHERE classified_at IS NULL)
    + (SELECT count(*) FROM ground_change)"""


@dataclass
class Healing:
    """Seconds from a kill, within an answer's being worked on, until all of it was done; by what was killed."""

    stack: Stack
    dice: random.Random
    paths: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def after(self, name: str, fault: Callable[[], object]) -> float:
        """One answer, and the fault within the time in which it is worked on; the seconds begin when that is over."""
        self.paths = self.paths or run_inside(self.stack, "rows.sent(50)").split()
        path = self.paths.pop()
        customer = Customers(self.stack.base, [path], threading.Event())
        customer.answer_all([path])
        time.sleep(self.dice.uniform(0, 1.5))
        fault()
        began = time.monotonic()
        wait_for(lambda: not query(self.stack, WAITING)[0][0], seconds=SECONDS, what=f"an answer after {name}")
        taken = time.monotonic() - began
        self.seconds.setdefault(name, []).append(taken)
        return taken

    def percentile(self, percent: int) -> float:
        """By nearest rank, over all that was killed."""
        values = sorted(value for name, found in self.seconds.items() if name != "nothing" for value in found)
        return values[-(-len(values) * percent // 100) - 1]

    def __str__(self) -> str:
        each = ", ".join(f"{name} {max(found):.1f}" for name, found in self.seconds.items())
        kills = sum(len(found) for name, found in self.seconds.items() if name != "nothing")
        return f"{kills} kills, p50 {self.percentile(50):.1f} s, p99 {self.percentile(99):.1f} s; the longest: {each}"


def run(
    directory: Path,
    *,
    kills: int,
    killed: Sequence[str] = KILLED,
    lease: int = 15,
    broker: str = "",
    outage: Callable[[], object] | None = None,
) -> Healing:
    """So many answers, during each of which another process is killed; the first one is left alone.

    During the last one the broker that was given is away, as `outage` makes it.
    """
    environment = surroundings(directory) | {"LEASE_SECONDS": str(lease)}
    environment |= {"CELERY_BROKER_URL": broker} if broker else {}
    shutil.copyfile(migrated(), directory / "otklik.sqlite3")
    stack = launch(directory, environment)
    try:
        healing = Healing(stack, random.Random(7))
        healing.after("nothing", lambda: None)
        for turn in range(kills):
            name = killed[turn % len(killed)]
            healing.after(name, lambda name=name: stack.kill(name))
        if outage:
            healing.after("outage", outage)
        return healing
    finally:
        stop(stack)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.healing")
    parser.add_argument("--kills", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="otklik-healing-") as name:
        healing = run(Path(name), kills=options.kills)
    sys.stdout.write(f"healing: {healing}\n")
    return 0 if healing.percentile(99) <= 30 else 1


if __name__ == "__main__":
    sys.exit(main())
