"""Rows 2 and 3: answers from 32 connections at once, against a view without a database, and beside working workers."""

import math
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench import answering, crowd
from bench.answering import AGENT, ROOT, Row, database
from bench.crowd import Reply

SLICE, SLICES = 100, 5
MANY = 1000
COMMENT = "Ждал сорок минут, но всё решили. Спасибо!"


def rows() -> Iterator[Row]:
    """Two rows a database."""
    for name in ("SQLite", "PostgreSQL"):
        with database(name) as url, _seeded(url, SLICE * (SLICES + 1) + MANY) as (environment, paths):
            yield _against_no_database(name, environment, paths[MANY:])
            yield _tail(name, environment, paths[:MANY])


@contextmanager
def _seeded(url: str | None, count: int) -> Iterator[tuple[dict[str, str], list[str]]]:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
        environment = os.environ | {"OTKLIK_DATA_DIR": directory, "LOG_LEVEL": "ERROR"}
        environment |= {"PORT": str(answering.free_port()), "DJANGO_SETTINGS_MODULE": "bench.settings"}
        if url:
            environment["DATABASE_URL"] = url
        yield environment, answering.seed(environment, count)


def _against_no_database(name: str, environment: dict[str, str], paths: Sequence[str]) -> Row:
    """Answers a second, in alternating slices."""
    port = int(environment["PORT"])
    seconds = {"ours": 0.0, "nothing": 0.0}
    with answering.web(environment, port):
        warm, *slices = [_forms(port, paths[start : start + SLICE]) for start in range(0, len(paths), SLICE)]
        _taken(crowd.ask(port, _posts("/bench/", warm)[:1]))
        for number, forms in enumerate([warm, *slices]):
            for way, prefix in (("nothing", "/bench/"), ("ours", "/r/")):
                posts = _posts(prefix, forms)
                began = time.perf_counter()
                # The first answer was given already, to show the view without a database what the page looks like.
                _taken(crowd.ask(port, posts[1:]))
                seconds[way] += time.perf_counter() - began if number else 0
    rates = {way: (SLICE - 1) * SLICES / spent for way, spent in seconds.items()}
    return Row(
        number=2,
        what=f"answers from {crowd.CONNECTIONS} connections, {name}",
        measured=f"{rates['ours']:.0f} /s",
        baseline=f"{rates['nothing']:.0f} /s",
        ratio=rates["ours"] / rates["nothing"],
        goal="0.5x",
    )


def _tail(name: str, environment: dict[str, str], paths: Sequence[str]) -> Row:
    """The slowest of a hundred against the middle one, while the workers read the comments and count."""
    port = int(environment["PORT"])
    with everything(environment, port):
        forms = _forms(port, paths)
        found = _taken(crowd.ask(port, _posts("/r/", forms)))
    times = sorted(reply.seconds for reply in found)
    middle, late = (times[math.ceil(share * len(times)) - 1] for share in (0.5, 0.99))
    return Row(
        number=3,
        what=f"p99 against p50, {crowd.CONNECTIONS} writers and workers, {name}",
        measured=f"{1000 * late:.0f} ms",
        baseline=f"{1000 * middle:.0f} ms",
        ratio=late / middle,
        goal="<= 5x",
    )


@contextmanager
def everything(environment: dict[str, str], port: int) -> Iterator[None]:
    command = [sys.executable, "manage.py", "up", "--no-mailbox"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            answering.wait(port)
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _forms(port: int, paths: Sequence[str]) -> list[tuple[str, bytes]]:
    """Each page's token and the form that answers it; the page is old enough to be a person's when this returns."""
    pages = _taken(crowd.ask(port, [f"GET {path}/9 HTTP/1.1\r\n{_head()}\r\n".encode() for path in paths]))
    fields = [answering.fields(page.body.decode()) for page in pages]
    time.sleep(1.6)
    typed = {"score": "9", "comment": COMMENT}
    return [
        (path.rpartition("/")[2], urllib.parse.urlencode(hidden | typed).encode())
        for path, hidden in zip(paths, fields, strict=True)
    ]


def _posts(prefix: str, forms: Sequence[tuple[str, bytes]]) -> list[bytes]:
    form_type = "Content-Type: application/x-www-form-urlencoded\r\n"
    return [
        f"POST {prefix}{token} HTTP/1.1\r\n{_head()}{form_type}Content-Length: {len(form)}\r\n\r\n".encode() + form
        for token, form in forms
    ]


def _head() -> str:
    return f"Host: 127.0.0.1\r\nUser-Agent: {AGENT}\r\n"


def _taken(replies: list[Reply]) -> list[Reply]:
    """Raises SystemExit unless all were served: a locked database is a 503."""
    if wrong := [reply.status for reply in replies if reply.status != 200]:
        raise SystemExit(f"{len(wrong)} of {len(replies)} were not taken: {wrong[0]}")
    return replies
