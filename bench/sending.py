"""Row 8: the CPU of one invitation by mail, against a loop of Django's EmailMultiAlternatives on one connection."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.answering import ROOT, Row, database
from tests import mail_server

MAILS = 600


def rows() -> Iterator[Row]:
    """Our mail alone, and with its rows on each database; the baseline is measured in alternating slices."""
    for name in ("SQLite", "PostgreSQL"):
        with database(name) as url, tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
            found = measure(Path(directory), url)
        if name == "SQLite":
            yield row("one mail, written and handed over", found["mail"], found["django"])
        what = f"with its rows, {name} ({found['statements']:.0f} statements)"
        yield row(what, found["whole"], found["django"])


def row(what: str, measured: float, baseline: float) -> Row:
    ratio = baseline / measured
    return Row(
        number=8, what=what, measured=f"{measured:.2f} ms", baseline=f"{baseline:.2f} ms", ratio=ratio, goal="2.5x"
    )


def measure(directory: Path, url: str | None) -> dict[str, float]:
    """CPU milliseconds of the sending process for one mail, each way."""
    environment = os.environ | {"OTKLIK_DATA_DIR": str(directory), "LOG_LEVEL": "ERROR"}
    if url:
        environment["DATABASE_URL"] = url
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with sink(directory) as port:
        program = f"from bench.mails import run; run({MAILS}, {port})"
        done = subprocess.run(
            [*manage, "shell", "-v0", "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True
        )
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def sink(directory: Path) -> Iterator[int]:
    """A server that takes everything: postfix's own where it is installed, else ours, in a process of its own."""
    postfix = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not postfix:
        with mail_server.running(directory / "taken") as port:
            yield port
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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
