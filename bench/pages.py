"""What a page of the admin costs: milliseconds of CPU of this process and of the one of PostgreSQL that serves it."""

import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.answering import ROOT
from bench.calibration import RECORDED, loop_seconds


@dataclass(frozen=True)
class Measured:
    """Milliseconds of CPU of one case's warm pages, in ascending order."""

    what: str
    times: list[float]

    @property
    def p95(self) -> float:
        """The nearest rank: of 20 pages the second slowest."""
        return self.times[math.ceil(0.95 * len(self.times)) - 1]


def print_machine() -> None:
    """How fast the machine is at this moment."""
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(
        f"Calibration: the loop takes {loop_seconds():.2f} s of CPU here, {RECORDED:.2f} s where the baselines ", end=""
    )
    print(f"were recorded; load {load}.", flush=True)


def page(cookie: str, path: str) -> str:
    """A page, asked for as the web server asks: a test client's reply would hang on to everything that made it."""
    from django.test import RequestFactory

    from config.wsgi import application

    environ = RequestFactory(headers={"cookie": cookie}).get(path).environ
    status: list[str] = []
    reply = application(environ, lambda line, _headers, _trouble=None: status.append(line))
    body = b"".join(reply)
    reply.close()  # type: ignore[attr-defined]
    if not status[0].startswith("200"):
        raise SystemExit(f"{path}: {status[0]}")
    return body.decode()


def once(cookie: str, path: str, *, forget: bool = False) -> float:
    """Milliseconds of CPU of a page, PostgreSQL's process included; `forget` what was kept for a minute before."""
    from django.core.cache import cache
    from django.db import connection

    if forget:
        cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 0")
        (server,) = cursor.fetchone()
    before = time.process_time() + server_seconds(server)
    page(cookie, path)
    return 1000 * (time.process_time() + server_seconds(server) - before)


def server_seconds(pid: int) -> float:
    """CPU that PostgreSQL's process has used; on SQLite the database is a part of this one."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 if pid else 0


def plan_of(statement: str) -> str:
    """The tables and indexes of a statement, in the order in which SQLite walks them."""
    from django.db import connection

    if not statement.startswith("SELECT"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}", None)
        return "; ".join(line[3] for line in cursor.fetchall())[:160]


def manage(environment: dict[str, str], *command: str) -> None:
    """Run a command of the product, and end with it when it fails."""
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
