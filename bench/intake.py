"""Rows 2 and 3: answers from 32 connections at once, against a view without a database, and beside working workers."""

import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench import answering, costs, crowd, product
from bench.answering import AGENT
from bench.crowd import Reply
from bench.product import ROOT, Environment
from bench.table import Row

SLICE, SLICES = 100, 5
MANY = 1000
COMMENT = "Ждал сорок минут, но всё решили. Спасибо!"


def rows(database: str) -> Iterator[Row]:
    port = str(answering.free_port())
    with product.on(database, PORT=port, DJANGO_SETTINGS_MODULE="bench.settings") as environment:
        paths = answering.seed(environment, SLICE * (SLICES + 1) + MANY)
        yield _against_no_database(database, environment, paths[MANY:])
        yield _tail(database, environment, paths[:MANY])


def _against_no_database(database: str, environment: Environment, paths: Sequence[str]) -> Row:
    """Answers a second; the first of the slices shows the view without a database what the page looks like."""
    port = int(environment["PORT"])
    with answering.web(environment, port):
        slices = [_forms(port, paths[start : start + SLICE]) for start in range(0, len(paths), SLICE)]
        _taken(crowd.ask(port, _posts("/bench/", slices[0])[:1]))

        def way(prefix: str, turn: int) -> float:
            posts = _posts(prefix, slices[turn])[1:]
            began = time.perf_counter()
            _taken(crowd.ask(port, posts))
            return time.perf_counter() - began

        ways = {"nothing": lambda turn: way("/bench/", turn), "ours": lambda turn: way("/r/", turn)}
        seconds = costs.by_turns(ways, len(slices))
    ours, nothing = ((SLICE - 1) * SLICES / sum(seconds[name][1:]) for name in ("ours", "nothing"))
    what = f"answers from {crowd.CONNECTIONS} connections, against a view without a database"
    return Row(2, what, database, f"{ours:.0f} a second", f"{nothing:.0f} a second", ours / nothing, 0.5)


def _tail(database: str, environment: Environment, paths: Sequence[str]) -> Row:
    """The slowest of a hundred against the middle one, while the workers read the comments and count."""
    port = int(environment["PORT"])
    with everything(environment, port):
        forms = _forms(port, paths)
        times = [reply.seconds for reply in _taken(crowd.ask(port, _posts("/r/", forms)))]
    late, middle = costs.rank(times, 0.99), costs.rank(times, 0.5)
    what = f"p99 against p50, {crowd.CONNECTIONS} writers and running workers"
    return Row(3, what, database, f"{1000 * late:.0f} ms", f"{1000 * middle:.0f} ms", late / middle, 5, is_limit=True)


@contextmanager
def everything(environment: Environment, port: int) -> Iterator[None]:
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
