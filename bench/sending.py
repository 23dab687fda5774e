"""Row 8: the CPU of one invitation by mail, against a loop of Django's EmailMultiAlternatives on one connection."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import product
from bench.answering import free_port
from bench.table import Row
from tests import mail_server

MAILS, GOAL = 600, 2.5


def rows(database: str) -> Iterator[Row]:
    """Our mail with its rows, and alone; CPU of the sending process, the baseline in turns with them."""
    with product.on(database) as environment, sink(Path(environment["OTKLIK_DATA_DIR"])) as port:
        found = product.ask_once(environment, "bench.mails.run", MAILS, port)
    if database == "SQLite":
        yield _row("a mail, written and handed over, against Django's", "", found["mail"], found["django"])
    what = f"a mail with its rows ({found['statements']:.0f} statements), against Django's without"
    yield _row(what, database, found["whole"], found["django"])


def _row(what: str, database: str, measured: float, baseline: float) -> Row:
    return Row(8, what, database, f"{measured:.2f} ms", f"{baseline:.2f} ms", baseline / measured, GOAL)


@contextmanager
def sink(directory: Path) -> Iterator[int]:
    """A server that takes everything: postfix's own where it is installed, else ours, in a process of its own."""
    postfix = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not postfix:
        with mail_server.running(directory / "taken") as port:
            yield port
        return
    port = free_port()
    with subprocess.Popen([postfix, "-u", "nobody", f"127.0.0.1:{port}", "64"]) as process:
        try:
            wait(port)
            yield port
        finally:
            process.terminate()


def wait(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("the mail sink does not answer")
