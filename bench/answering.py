"""Row 1: the CPU that one customer costs, page and answer, on the real server with the real middleware, durably."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import product
from bench.calibration import LIMESURVEY_FLOW_MS, RECORDED, loop_seconds
from bench.product import ROOT, Environment
from bench.table import Row

FLOWS, WARM_UP = 400, 50
GOALS = {"SQLite": 50, "PostgreSQL": 20}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def rows(database: str) -> Iterator[Row]:
    """The baseline is scaled to this machine by its calibration loop."""
    baseline = LIMESURVEY_FLOW_MS * loop_seconds() / RECORDED
    with product.on(database) as environment:
        flow = measure(environment)
    what = "one flow, page and answer: CPU of the servers, against LimeSurvey"
    yield Row(1, what, database, f"{flow:.2f} ms", f"{baseline:.1f} ms", baseline / flow, GOALS[database])


def measure(environment: Environment) -> float:
    """CPU milliseconds of the servers (web, and PostgreSQL where it is one) for one GET and one POST."""
    port, paths = free_port(), seed(environment)
    url = environment.get("DATABASE_URL")
    data = data_directory(url) if url else None
    with web(environment, port) as server:
        run(port, paths[:WARM_UP])
        before = cpu(server, data)
        run(port, paths[WARM_UP:])
        return 1000 * (cpu(server, data) - before) / FLOWS


def seed(environment: Environment, count: int = WARM_UP + FLOWS) -> list[str]:
    """The paths of that many invitations."""
    return list(product.ask_once(environment, "bench.invitations.make", count))


@contextmanager
def web(environment: Environment, port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "granian", "config.front:application", "--interface", "wsgi", "--no-access-log"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait(port)
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the web server does not answer")


def run(port: int, paths: list[str]) -> None:
    """All pages first, then all answers: a page younger than 1.5 s would have its answer held for review."""
    forms = [(path, fields(fetch(port, f"{path}/9"))) for path in paths]
    time.sleep(1.6)
    for path, hidden in forms:
        data = hidden | {"score": "9", "comment": "Ждал сорок минут, но всё решили. Спасибо!"}
        answer = fetch(port, path, data)
        if "9" not in answer:
            raise SystemExit("an answer was not taken")


def fetch(port: int, path: str, data: dict[str, str] | None = None) -> str:
    body = urllib.parse.urlencode(data).encode() if data else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"User-Agent": AGENT})
    with urllib.request.urlopen(request) as reply:
        return reply.read().decode()


def fields(page: str) -> dict[str, str]:
    return dict(HIDDEN.findall(page))


def data_directory(url: str) -> str:
    """Where this PostgreSQL keeps its data; every process of it works there."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    return str(found[0]) if found else ""


def cpu(leader: int, data: str | None) -> float:
    """CPU seconds used so far by the web server's session, and by the PostgreSQL over these data."""
    ticks = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _space, rest = (entry / "stat").read_text().rpartition(")")
                values = rest.split()
                is_postgres = data is not None and "(postgres" in name and str((entry / "cwd").readlink()) == data
            except OSError:
                continue
            if int(values[3]) == leader or is_postgres:
                ticks += sum(int(value) for value in values[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")
