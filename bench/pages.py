"""What a page of the desk costs, inside Django: milliseconds of CPU, that of PostgreSQL's process included."""

import functools
import logging
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench import costs

GOAL_MS = 150


@dataclass(frozen=True)
class Measured:
    """One page, asked for again and again; `costliest` is its slowest statement."""

    reader: str
    what: str
    times: list[float]
    queries: int
    costliest: str

    @property
    def p95(self) -> float:
        return costs.rank(self.times, 0.95)


def prepare() -> None:
    """As the server does once it is loaded; of pages that are not for everybody it says nothing."""
    from django.conf import settings

    import config.wsgi  # noqa: F401 (ends the connection that loading it needed)
    from config.up import processes

    settings.ALLOWED_HOSTS = ["testserver"]
    processes.collect_rarely()
    logging.getLogger("django.request").setLevel(logging.ERROR)


@functools.cache
def sign_in(reader: str) -> str:
    """The cookie of the one of that name."""
    from django.test import Client

    from ground.models import User

    client = Client()
    client.force_login(User.objects.get(email=f"{reader}@example.org"))
    return client.cookies.output(header="", attrs=[]).strip()


def fetch(cookie: str, path: str) -> tuple[int, str, bytes]:
    """Status, type and body, as the web server asks for them: a test client's reply hangs on to all that made it."""
    from django.test import RequestFactory

    from config.wsgi import application

    environ = RequestFactory(headers={"cookie": cookie}).get(path).environ
    head: list[tuple[str, dict[str, str]]] = []
    reply = application(environ, lambda line, headers, _trouble=None: head.append((line, dict(headers))))
    body = b"".join(reply)
    reply.close()  # type: ignore[attr-defined]
    ((status, headers),) = head
    return int(status[:3]), headers.get("Content-Type", ""), body


def page(reader: str, path: str) -> str:
    status, _type, body = fetch(sign_in(reader), path)
    if status != 200:
        raise SystemExit(f"{path}: {status}")
    return body.decode()


def once(reader: str, path: str, *, is_cold: bool = True) -> float:
    """Milliseconds of a page; of a cold one all was forgotten that is kept for a minute."""
    from django.core.cache import cache

    if is_cold:
        cache.clear()
    return 1000 * costs.of(lambda: page(reader, path), server=costs.server())


def measure(reader: str, path: str, turns: int, *, what: str = "", is_cold: bool = True) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    once(reader, path)  # loads templates
    times = [once(reader, path, is_cold=is_cold) for _turn in range(turns)]
    with CaptureQueriesContext(connection) as seen:
        once(reader, path, is_cold=is_cold)
    costliest = max(seen.captured_queries, key=lambda asked: float(asked["time"]), default={"time": "0", "sql": ""})
    told = f"{costliest['time']} {_plan_of(costliest['sql'])}"
    return Measured(reader, what or path, times, len(seen), told)


def print_each(found: Sequence[Measured]) -> None:
    """All of them, and which are over the goal."""
    print(f"{'reader':<9}{'page':<60}{'p50':>7}{'p95':>7}{'queries':>9}   the costliest statement")
    for case in found:
        numbers = f"{statistics.median(case.times):>7.0f}{case.p95:>7.0f}{case.queries:>9}"
        print(f"{case.reader:<9}{case.what[:59]:<60}{numbers}   {case.costliest}", flush=True)
    worst = sorted(found, key=lambda case: -case.p95)
    over = [f"{case.reader}: {case.what} ({case.p95:.0f})" for case in worst if case.p95 > GOAL_MS]
    every = [time for case in found for time in case.times]
    print(f"\n{len(found)} cases, {len(every)} pages: p50 {statistics.median(every):.0f} ms, p95 ", end="")
    print(f"{costs.rank(every, 0.95):.0f}; over {GOAL_MS} ms: {len(over)}. {'; '.join(over)}", flush=True)


def _plan_of(statement: str) -> str:
    """The tables and indexes of a statement, in the order in which SQLite walks them; PostgreSQL's first words."""
    from django.db import connection

    if connection.vendor != "sqlite" or not statement.startswith("SELECT"):
        return statement[:120]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}", None)
        return "; ".join(line[3] for line in cursor.fetchall())[:160]
