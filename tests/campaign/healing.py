"""How long one kill holds up an answer: the time until its comment is read and its day is counted.

python -m tests.campaign.healing --kills 60
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign import accounts, faults, running
from tests.campaign.answers import Customers
from tests.campaign.running import Product, query
from tests.e2e.stack import wait_for

DATABASES = ("SQLite", "PostgreSQL")
KILLED = ("understand", "count", "ring", "beat", "web", "broker")
DATABASE = "database"
SECONDS = 120
WAITING = """SELECT (SELECT count(*) FROM feedback_comment WHERE classified_at IS NULL)
    + (SELECT count(*) FROM ground_change)"""


@dataclass
class Healing:
    """Seconds from a kill, within an answer's being worked on, until all of it was done; by what was killed."""

    product: Product
    dice: random.Random
    seconds: dict[str, list[float]] = field(default_factory=dict)
    unclear: int = 0
    # Answers that are there at the end.
    stored: int = 0

    def after(self, name: str, fault: Callable[[], object]) -> float:
        """One answer, and the fault within the time in which it is worked on; the seconds begin when that is over."""
        [path] = self.product.take(1)
        customer = Customers(self.product.stack.base, [path], threading.Event())
        customer.answer_all([path])
        time.sleep(self.dice.uniform(0, 1.5))
        fault()
        began = time.monotonic()
        stack = self.product.stack
        wait_for(lambda: not query(stack, WAITING)[0][0], seconds=SECONDS, what=f"an answer after {name}")
        taken = time.monotonic() - began
        self.seconds.setdefault(name, []).append(taken)
        self.unclear += customer.unclear
        return taken

    def kill(self, name: str) -> None:
        """kill -9 of a process; PostgreSQL stops at once, with all that it was about, and begins again."""
        if name != DATABASE:
            self.product.stack.kill(name)
            return
        with faults.lost(self.product):
            pass

    @property
    def kills(self) -> list[float]:
        return sorted(value for name, found in self.seconds.items() if name != "nothing" for value in found)

    def percentile(self, percent: int) -> float:
        """By nearest rank, over all that was killed."""
        return self.kills[-(-len(self.kills) * percent // 100) - 1]

    def told(self) -> str:
        """The closing line. Nobody answers but by a link of the own: what is stored beyond those is there twice."""
        line = accounts.line(
            attempted=self.answered + self.unclear, acknowledged=self.answered, lost=self.lost, doubled=self.doubled,
            faults=len(self.kills),
        )  # fmt: skip
        return f"{line}; {self}"

    @property
    def answered(self) -> int:
        return sum(map(len, self.seconds.values()))

    @property
    def lost(self) -> int:
        return max(0, self.answered - self.stored)

    @property
    def doubled(self) -> int:
        return max(0, self.stored - self.answered)

    def __str__(self) -> str:
        each = ", ".join(f"{name} {max(found):.1f}" for name, found in self.seconds.items())
        return (
            f"{len(self.kills)} kills, p50 {self.percentile(50):.1f} s, p99 {self.percentile(99):.1f} s, "
            f"max {self.kills[-1]:.1f} s; the longest of each: {each}"
        )


def run(
    directory: Path,
    *,
    kills: int,
    killed: Sequence[str] = KILLED,
    lease: int = 15,
    broker: str = "",
    outage: Callable[[], object] | None = None,
    with_postgres: bool = False,
) -> Healing:
    """So many answers, during each of which another process is killed; the first one is left alone.

    During the last one the broker that was given is away, as `outage` makes it.
    """
    settings = {"LEASE_SECONDS": str(lease)} | ({"CELERY_BROKER_URL": broker} if broker else {})
    with running.product(directory, with_postgres=with_postgres, **settings) as product:
        healing = Healing(product, random.Random(7))
        healing.after("nothing", lambda: None)
        for turn in range(kills):
            name = killed[turn % len(killed)]
            healing.after(name, lambda name=name: healing.kill(name))
        if outage:
            healing.after("outage", outage)
        healing.stored = query(product.stack, "SELECT count(*) FROM feedback_response")[0][0]
        return healing


def run_on_both(directory: Path, *, kills: int, lease: int = 15) -> dict[str, Healing]:
    """So many kills on each database, two products beside each other: most of the time they wait for a lease."""
    running.migrated()  # made once, before two ask for it

    def one(name: str) -> Healing:
        with_postgres = name == "PostgreSQL"
        place = directory / name
        place.mkdir(mode=0o755)
        killed = (*KILLED, DATABASE) if with_postgres else KILLED
        return run(place, kills=kills, killed=killed, lease=lease, with_postgres=with_postgres)

    with ThreadPoolExecutor(2) as threads:
        return dict(zip(DATABASES, threads.map(one, DATABASES), strict=True))


def together(found: dict[str, Healing]) -> Healing:
    """The account of all of them."""
    whole = Healing(next(iter(found.values())).product, random.Random(7))
    for each in found.values():
        whole.unclear, whole.stored = whole.unclear + each.unclear, whole.stored + each.stored
        for name, seconds in each.seconds.items():
            whole.seconds.setdefault(name, []).extend(seconds)
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.healing")
    parser.add_argument("--kills", type=int, default=60, help="on each database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="otklik-healing-") as name:
        Path(name).chmod(0o755)  # PostgreSQL has a user of its own
        found = run_on_both(Path(name), kills=options.kills)
    for database, each in found.items():
        sys.stdout.write(f"healing, {database}: {each}\n")
    healing = together(found)
    sys.stdout.write(f"healing: {healing.told()}\n")
    return 0 if healing.percentile(99) <= 30 else 1


if __name__ == "__main__":
    sys.exit(main())
