"""The whole product on an empty database, killed child by child while it works; and the account at the end."""

import atexit
import functools
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import mail_server
from tests.campaign import accounts
from tests.e2e.stack import ROOT, Stack, free_port, started, stop, wait_for
from tests.servers import postgres

CHILDREN = ("web", "ring", "send", "count", "understand", "job", "beat", "broker")
LEASE, TIMEOUT = 4, 4
START_SECONDS = 240


@contextmanager
def everything(directory: Path, *, seconds: float) -> Iterator[Stack]:
    """The product with short leases, its mail going to a server whose last word may take so many seconds."""
    with mail_server.running(directory / "taken", seconds=seconds) as port:
        environment = surroundings(directory) | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        shutil.copyfile(migrated(), directory / "otklik.sqlite3")
        stack = launch(directory, environment)
        try:
            yield stack
        finally:
            stop(stack)


def surroundings(directory: Path, database: str | None = None) -> dict[str, str]:
    """The environment of a product of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")}
    environment |= {"DATABASE_URL": database} if database else {}
    return environment | {
        "OTKLIK_DATA_DIR": str(directory),
        "PORT": str(free_port()),
        "SMTP_PORT": str(free_port()),
        "MAILBOX_PORT": str(free_port()),
        "EMAIL_TIMEOUT": str(TIMEOUT),
        "LEASE_SECONDS": str(LEASE),
    }


def migrate(environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)


@functools.cache
def migrated() -> Path:
    """A database file with every table and nothing in it, made once for all that begin with a copy of it."""
    directory = Path(tempfile.mkdtemp(prefix="otklik-migrated-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    migrate(surroundings(directory))
    return directory / "otklik.sqlite3"


@dataclass
class Product:
    """Everything that runs on one database, and links of it that wait for an answer.

    `postgres` is where the data of its database lie, None on SQLite.
    """

    stack: Stack
    postgres: Path | None = None
    links: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return "PostgreSQL" if self.postgres else "SQLite"

    def take(self, count: int) -> list[str]:
        """So many links that nobody has used."""
        if len(self.links) < count:
            self.links += run_inside(self.stack, f"rows.sent({max(count, 200)})").split()
        taken, self.links = self.links[:count], self.links[count:]
        return taken

    def pids(self) -> dict[str, int]:
        """Those of all, once none is between two lives."""
        found: dict[str, int] = {}

        def are_there() -> bool:
            found.update({name: self.stack.child(name) for name in CHILDREN})
            return all(found.values())

        wait_for(are_there, seconds=120, what="every process to live")
        return found

    def kill_all(self) -> None:
        """kill -9 the whole tree, and start it again."""
        kill_tree(self.stack)
        self.stack = launch(self.stack.data_dir, self.stack.environment)


@contextmanager
def product(directory: Path, *, with_postgres: bool, **settings: str) -> Iterator[Product]:
    """A product of its own, on a file or on a PostgreSQL of its own, both within the directory."""
    place, data_dir = directory / "pg" if with_postgres else None, directory / "data"
    data_dir.mkdir()
    with postgres(durable=True, keep=place) if place else nullcontext() as url:
        environment = surroundings(data_dir, url) | settings
        if url:
            migrate(environment)
        else:
            shutil.copyfile(migrated(), data_dir / "otklik.sqlite3")
        running = Product(launch(data_dir, environment), postgres=place)
        try:
            yield running
        finally:
            stop(running.stack)


def launch(directory: Path, environment: dict[str, str]) -> Stack:
    """Start everything and return once it answers."""
    with (directory / "up.log").open("a", encoding="utf-8") as log:
        # PostgreSQL's socket belongs to another user.
        bounds = [] if "DATABASE_URL" in environment else bound_by_rights()
        command = [*bounds, sys.executable, "-m", "tests.campaign.up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True)
    return started(Stack(process=process, data_dir=directory, environment=environment), is_up, seconds=START_SECONDS)


def bound_by_rights() -> list[str]:
    """What makes a program of root obey the rights of files, as everybody else's does."""
    rights = "-dac_override,-dac_read_search"
    return ["setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}"] if os.geteuid() == 0 else []


def kill_tree(stack: Stack) -> None:
    """kill -9 everything in one go: keeper, supervisor and the process group of every child."""
    state = json.loads((stack.data_dir / "run" / "up.json").read_text(encoding="utf-8"))
    os.kill(state["keeper"], signal.SIGKILL)
    os.kill(state["pid"], signal.SIGKILL)
    for child in state["children"].values():
        if child["pid"] > 0:
            with suppress(ProcessLookupError):
                os.killpg(child["pid"], signal.SIGKILL)
    stack.process.wait()


def is_up(stack: Stack) -> bool:
    assert stack.process.poll() is None, (stack.data_dir / "up.log").read_text(encoding="utf-8")
    try:
        return bool(stack.child("beat") and stack.child("send"))
    except (OSError, ValueError, KeyError):
        return False


def run_inside(stack: Stack, program: str) -> str:
    return stack.manage("shell", "-v0", "-c", f"from tests.campaign import rows; {program}").strip()


def query(stack: Stack, sql: str) -> list[tuple]:
    """Rows of the product's database, read beside it."""
    if "DATABASE_URL" in stack.environment:
        with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as line:
            return line.execute(sql).fetchall()
    with closing(sqlite3.connect(f"file:{stack.data_dir}/otklik.sqlite3?mode=ro", uri=True, timeout=20)) as line:
        return line.execute(sql).fetchall()


def states(stack: Stack) -> Counter[str]:
    return Counter(dict(query(stack, "SELECT state, count(*) FROM surveys_invitation GROUP BY state")))


class Killer(threading.Thread):
    """Kills one of the children at random, again and again, each time soon after it is back."""

    def __init__(self, stack: Stack, names: Sequence[str], *, kills: int, pause: float, seed: int = 7) -> None:
        super().__init__(daemon=True)
        self.stack, self.names, self.wanted, self.pause = stack, names, kills, pause
        self.dice = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.stopping = threading.Event()

    def run(self) -> None:
        while sum(self.killed.values()) < self.wanted and not self.stopping.wait(
            self.dice.uniform(0.5, 1.5) * self.pause
        ):
            name = self.dice.choice(self.names)
            try:
                self.stack.kill(name)
            except (OSError, ValueError, KeyError):
                continue  # it is being replaced at this very moment
            self.killed[name] += 1


@dataclass(frozen=True)
class Account:
    """Mails: `acknowledged` are those of which the server said so and we heard it, `taken` all that it noted."""

    attempted: int
    acknowledged: int
    lost: int
    doubled: int
    taken: int
    uncertain: int
    faults: int
    seconds: float

    def __str__(self) -> str:
        told = accounts.line(
            attempted=self.attempted, acknowledged=self.acknowledged, lost=self.lost, doubled=self.doubled,
            faults=self.faults,
        )  # fmt: skip
        return f"{told}; mails taken {self.taken}, uncertain {self.uncertain}, {self.seconds:.0f} s"


def mail_account(stack: Stack, *, faults: int, began: float, taken: Path | None = None) -> Account:
    """Lost is an invitation that is neither settled nor waiting for a person. `taken` is where the mails lie."""
    found = states(stack)
    numbers = Counter(number for number, _recipient in mail_server.taken(taken or stack.data_dir / "taken"))
    unsettled = sum(found[state] for state in ("planned", "postponed", "sending"))
    acknowledged = query(
        stack,
        "SELECT count(*) FROM surveys_message WHERE state = 'accepted' AND kind = 'invitation'",
    )[0][0]
    return Account(
        attempted=sum(found.values()),
        acknowledged=acknowledged,
        lost=unsettled + max(0, acknowledged - len(numbers)),
        doubled=sum(count - 1 for count in numbers.values()),
        taken=len(numbers),
        uncertain=found["uncertain"],
        faults=faults,
        seconds=time.monotonic() - began,
    )
