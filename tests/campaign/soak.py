"""Everything under a mixed load for long, a child killed every 20 s: nothing is lost, and nothing grows.

    python -m tests.campaign.soak --minutes 30

Customers answer and change their answers, a program tells of contacts (one in five twice) whose customers are mailed,
and reads numbers and decisions. Beside it the whole process tree is measured: memory, open files, and how long the
oldest mail and the oldest comment have waited.
"""

import argparse
import itertools
import random
import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.campaign import accounts, answers, events
from tests.campaign.answers import Customers
from tests.campaign.mails import waiting
from tests.campaign.running import CHILDREN, Product, everything, mail_account, query, run_inside
from tests.e2e.stack import Stack, wait_for

LINKS, CUSTOMERS = 600, 2
PAUSE, FAULT_SECONDS, LOOK_SECONDS = 0.2, 20.0, 2.0
ASKED = ("/api/v1/metrics/nps/", "/api/v1/decisions/", "/api/v1/decisions/counts/", "/api/v1/ideas/")
# A mail waits from the moment at which it was both due and decided about, a comment since it was written or changed.
LATE = """SELECT max(julianday('now') - julianday(at)) * 86400 FROM (
    SELECT min(max(due_at, created_at)) AS at FROM surveys_invitation
        WHERE state IN ('planned', 'postponed') AND due_at < datetime('now')
    UNION ALL SELECT min((SELECT max(v.at) FROM feedback_revision v WHERE v.response_id = c.response_id))
        FROM feedback_comment c WHERE classified_at IS NULL AND quarantined_at IS NULL)"""
TOLD = "SELECT count(DISTINCT external_id) FROM surveys_interaction WHERE source = 'campaign'"
SECRET = re.compile(rb"[\w.+-]+@example\.(?:org|com)|\b[0-9a-hjkmnp-tv-z]{27}\b|the courier came late")


@dataclass
class Looks:
    """What was measured every two seconds: kilobytes and open files of the whole tree, seconds of waiting."""

    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def look(self, stack: Stack) -> None:
        memory = files = 0
        top = psutil.Process(stack.process.pid)
        for process in [top, *top.children(recursive=True)]:
            with suppress(psutil.Error):
                memory, files = memory + process.memory_info().rss // 1024, files + process.num_fds()
        self.memory.append(memory)
        self.files.append(files)
        self.waits.append(max(0.0, query(stack, LATE)[0][0] or 0.0))

    @staticmethod
    def growth(values: list[int]) -> float:
        """The last quarter against the second one, in percent: by then everything has been loaded once."""
        quarter = max(1, len(values) // 4)
        before, after = statistics.median(values[quarter : 2 * quarter]), statistics.median(values[-quarter:])
        return 100 * (after - before) / before


class Program(threading.Thread):
    """Tells of contacts, and reads, until it is over."""

    def __init__(self, stack: Stack, secret: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.stack, self.secret, self.over = stack, secret, over
        self.acknowledged: Counter[int] = Counter()
        self.read, self.refused = 0, Counter[int]()

    def run(self) -> None:
        for number in itertools.count():
            for _again in range(2 if number % 5 == 0 else 1):
                while not events.tell(self.stack, self.secret, number):
                    if self.over.wait(PAUSE):
                        return
                self.acknowledged[number] += 1
            self._ask(ASKED[number % len(ASKED)])
            if self.over.wait(PAUSE):
                return

    def _ask(self, path: str) -> None:
        request = urllib.request.Request(self.stack.base + path, headers={"Authorization": f"Api-Key {self.secret}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                self.read += reply.status == 200
        except urllib.error.HTTPError as error:
            self.refused[error.code] += 1
        except OSError:
            pass  # the web process has just been killed


@dataclass(frozen=True, kw_only=True)
class Ledgers:
    """What customers, the program and the mail server noted, against what is stored."""

    seconds: float
    answers: Any
    mails: Any
    told: int
    asked: int
    read: int
    errors: dict[int, int]

    @property
    def acknowledged(self) -> int:
        return self.answers.acknowledged + self.told

    @property
    def lost(self) -> int:
        return self.answers.lost + self.mails.lost + (self.told - self.asked) + sum(self.answers.torn.values())

    @property
    def doubled(self) -> int:
        return self.answers.doubled + self.mails.doubled

    def account(self) -> str:
        told = accounts.line(
            attempted=self.answers.attempted + self.told, acknowledged=self.acknowledged, lost=self.lost,
            doubled=self.doubled, faults=self.answers.faults,
        )  # fmt: skip
        return (
            f"{told}; answers {self.answers.acknowledged}, contacts {self.told}, mails {self.mails.taken}, "
            f"uncertain {self.mails.uncertain}; numbers read {self.read}"
        )


@dataclass(frozen=True, kw_only=True)
class Account(Ledgers):
    """`healed` are the seconds until a killed child was replaced, `waited` those of the oldest work; the longest."""

    faults: dict[str, int]
    healed: float
    waited: float
    memory: float
    files: float
    leaks: int

    def __str__(self) -> str:
        return (
            f"{self.seconds / 60:.1f} min; {self.account()}; "
            f"killed ones were replaced within {self.healed:.1f} s; work waited {self.waited:.0f} s at most; "
            f"memory {self.memory:+.1f} %, open files {self.files:+.1f} %; {self.leaks} secrets in logs; "
            f"errors {self.errors}"
        )


def run(directory: Path, *, minutes: float, fault_seconds: float = FAULT_SECONDS) -> Account:
    began, over, dice, looks = time.monotonic(), threading.Event(), random.Random(7), Looks()
    with everything(directory, seconds=0.0) as stack:
        product = Product(stack)
        paths = product.take(LINKS)
        secret = run_inside(stack, "rows.key()")
        customers = [Customers(stack.base, paths[start::CUSTOMERS], over) for start in range(CUSTOMERS)]
        program = Program(stack, secret, over)
        for thread in (*customers, program):
            thread.start()
        faults, healed = Counter[str](), [0.0]
        until, next_fault = time.monotonic() + minutes * 60, time.monotonic() + fault_seconds
        while time.monotonic() < until:
            looks.look(stack)
            answers.check(customers)
            if time.monotonic() >= next_fault:
                name = dice.choice(CHILDREN)
                healed.append(kill(stack, name))
                faults[name] += 1
                next_fault += fault_seconds
            time.sleep(LOOK_SECONDS)
        over.set()
        return Account(
            **settled(stack, customers, program, kills=sum(faults.values()), began=began), faults=dict(faults),
            healed=max(healed), waited=max(looks.waits), memory=looks.growth(looks.memory),
            files=looks.growth(looks.files), leaks=leaks(stack.data_dir),
        )  # fmt: skip


def settled(stack: Stack, customers: list[Customers], program: Program, *, kills: int, began: float) -> dict[str, Any]:
    """The ledgers, once everybody has come to an end and every mail is settled."""
    for thread in (*customers, program):
        thread.join(300)
        assert not thread.is_alive(), "somebody never got a word"
    answers.check(customers)
    wait_for(lambda: not waiting(stack), seconds=180, what="every mail to be settled")
    return {
        "seconds": time.monotonic() - began,
        "answers": answers.account(stack, customers, faults=kills, began=began),
        "mails": mail_account(stack, faults=kills, began=began),
        "told": len(program.acknowledged),
        "read": program.read,
        "errors": dict(program.refused),
        "asked": query(stack, TOLD)[0][0],
    }


def kill(stack: Stack, name: str) -> float:
    """kill -9 a child; the seconds until another stands in its place."""
    struck, began = stack.kill(name), time.monotonic()

    def is_back() -> bool:
        with suppress(OSError, ValueError, KeyError):
            return stack.child(name) not in (0, struck)
        return False

    wait_for(is_back, seconds=120, what=f"{name} to be back")
    return time.monotonic() - began


def leaks(directory: Path) -> int:
    """Addresses, tokens and comments in any log."""
    return sum(len(SECRET.findall(file.read_bytes())) for file in directory.rglob("*.log*"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30.0)
    with tempfile.TemporaryDirectory(prefix="otklik-soak-") as name:
        account = run(Path(name), minutes=parser.parse_args().minutes)
    print(f"soak: {account}")  # noqa: T201
    return int(bool(account.lost or account.doubled or account.leaks))


if __name__ == "__main__":
    sys.exit(main())
