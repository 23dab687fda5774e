"""`make bench-knowing`: what the pages about a period cost at a million answers, and the same questions without counts.

Rows 5 and 10. A year and the one before it are asked for in both ways, by the counts of days and from the rows
themselves; every number of the two has to be equal, percentiles but for the width of a bucket.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.answering import database
from bench.pages import Measured, manage, once, page, plan_of, print_machine, server_seconds

DATABASES = ("SQLite", "PostgreSQL")
READERS = ("whole", "team")
GOAL_MS, WITHIN = 150, 0.0101
SPANS = ("", "period=7", "period=90", "period=365")
SCOPES = ("channel=phone", "team={team}", "survey={survey}", "evidence=confirmed", "team={team}&channel=chat")
# A whole year and the year before it: all that there is.
YEAR = 365

HISTOGRAM = """SELECT scale, score, count(*) FROM feedback_response WHERE answered_at >= %s AND answered_at < %s
    AND evidence IN ('confirmed', 'presumed') AND NOT is_excluded GROUP BY scale, score"""
CLASSES = """SELECT derived_class, count(*) FROM feedback_comment WHERE said_at >= %s AND said_at < %s AND is_counted
    GROUP BY derived_class"""
REACHED = """SELECT count(*), count(CASE WHEN answer_state IN ('confirmed', 'presumed') THEN 1 END)
    FROM surveys_invitation WHERE sent_at >= %s AND sent_at < %s AND NOT is_test"""
SERVED = """SELECT channel, n, v, place FROM (
    SELECT channel, response_working_seconds AS v, count(*) OVER (PARTITION BY channel) AS n,
        row_number() OVER (PARTITION BY channel ORDER BY response_working_seconds) AS place
    FROM surveys_interaction WHERE created_at >= %s AND created_at < %s AND response_working_seconds IS NOT NULL
        AND direction = 'inbound') AS found
    WHERE place IN (1 + (n - 1) / 2, 1 + 9 * (n - 1) / 10)"""

STATEMENTS = {"scores": HISTOGRAM, "classes": CLASSES, "funnel": REACHED, "service": SERVED}


def measure(turns: int, days: int = YEAR) -> None:
    """Print both comparisons; inside Django, beside data of `bench.generate`."""
    from django.conf import settings

    from config.up import processes

    settings.ALLOWED_HOSTS = ["testserver"]
    print_machine()
    processes.collect_rarely()  # as the server does once it is loaded
    _compare(days)
    _pages(turns)
    print_machine()


def _compare(days: int) -> None:
    """The four questions of the dashboard about so many days and those before them, by the counts and by the rows."""
    from django.utils import timezone

    from analytics import funnel, reports
    from analytics.periods import Period
    from analytics.reports import Filters
    from analytics.service import service
    from analytics.unanswered import unanswered
    from ground.access import EVERYTHING

    last = timezone.now().date() - dt.timedelta(days=1)
    period = Period(last - dt.timedelta(days=days - 1), last)
    filters = Filters(scope=EVERYTHING, period=period, before=period.compared("previous"))
    as_of = timezone.now()

    def counted() -> dict[str, Any]:
        return {
            "scores": reports.scores(filters, as_of=as_of), "classes": reports.classes(filters, as_of=as_of),
            "funnel": funnel.reach(filters, as_of=as_of),
            "service": service(filters, unanswered(filters, as_of=as_of), as_of=as_of),
        }  # fmt: skip

    costs = [_cost(counted) for _turn in range(5)]
    raw = [_cost(lambda: _by_rows(filters)) for _turn in range(2)]
    by_counts, by_rows = statistics.median(cost for cost, _told in costs), min(cost for cost, _told in raw)
    faults = list(_faults(costs[-1][1], raw[-1][1]))
    print(f"{2 * days} days by counts: {by_counts:.0f} ms; by rows: {by_rows:.0f} ms; {by_rows / by_counts:.0f} times.")
    print(
        "Every count is equal, percentiles within 1 %." if not faults else f"DIFFERENT: {'; '.join(faults)}", flush=True
    )


def _cost(ask: Any) -> tuple[float, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 0")
        (server,) = cursor.fetchone()
    before = time.process_time() + server_seconds(server)
    told = ask()
    return 1000 * (time.process_time() + server_seconds(server) - before), told


def _by_rows(filters: Any) -> dict[str, Any]:
    from django.db import connection

    told: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for when, days in (("now", filters.period), ("before", filters.before)):
            ends = [moment.astimezone(dt.UTC).replace(tzinfo=None) for moment in days.moments(filters.zone)]
            if connection.vendor == "postgresql":
                ends = [moment.replace(tzinfo=dt.UTC) for moment in ends]
            for name, statement in (
                ("scores", HISTOGRAM),
                ("classes", CLASSES),
                ("funnel", REACHED),
                ("service", SERVED),
            ):
                cursor.execute(statement, [str(end) for end in ends])
                told[f"{name} {when}"] = cursor.fetchall()
    return told


def _faults(counted: dict[str, Any], rows: dict[str, Any]) -> Iterator[str]:
    """What the two ways tell differently."""
    for card in counted["scores"].cards:
        for when, n in (("now", card.metric.n), ("before", card.n_before)):
            told = sum(count for scale, _score, count in rows[f"scores {when}"] if scale == card.scale)
            if told != n:
                yield f"{card.scale} {when}: {n} and {told}"
    if sum(count for _name, count in rows["classes now"]) != counted["classes"].total:
        yield "comments"
    if rows["funnel now"][0] != tuple(counted["funnel"].facts.get(fact, 0) for fact in ("sent", "answered")):
        yield f"invitations: {rows['funnel now'][0]}"
    exact = {}
    for channel, n, seconds, place in rows["service now"]:
        exact[channel, "median" if place <= 1 + (n - 1) // 2 else "p90"] = seconds
    for served in counted["service"].channels:
        for name in ("median", "p90"):
            told, true = getattr(served.response, name), exact.get((served.channel, name))
            if told is None or true is None or abs(told - true) > WITHIN * true + 0.5:
                yield f"{served.channel} {name}: {told} and {true}"


def _pages(turns: int) -> None:
    """CPU of every page about a period, cold and warm, for who sees everything and for one team's manager."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from ground.models import User

    print(f"{'reader':<8}{'page':<60}{'p50':>7}{'p95':>7}{'cold':>7}{'queries':>9}   the costliest statement")
    measured = []
    for reader in READERS:
        client = Client()
        client.force_login(User.objects.get(email=f"{reader}@example.org"))
        cookie = client.cookies.output(header="", attrs=[]).strip()
        for path in addresses(reader):
            cold = sorted(once(cookie, path, forget=True) for _turn in range(4))[1]  # the first loads templates
            case = Measured(f"{reader}: {path}", sorted(once(cookie, path, forget=True) for _turn in range(turns)))
            with CaptureQueriesContext(connection) as seen:
                page(cookie, path)
            costliest = max(seen.captured_queries, key=lambda asked: float(asked["time"]))
            plan = plan_of(costliest["sql"]) if connection.vendor == "sqlite" else costliest["sql"][:120]
            told = f"{statistics.median(case.times):>7.0f}{case.p95:>7.0f}{cold:>7.0f}{len(seen):>9}"
            print(f"{reader:<8}{path[:60]:<60}{told}   {costliest['time']} {plan}", flush=True)
            measured.append(case)
    over = [
        f"{case.what} ({case.p95:.0f})" for case in sorted(measured, key=lambda case: -case.p95) if case.p95 > GOAL_MS
    ]
    print(f"{len(measured)} pages; over {GOAL_MS} ms: {len(over)}. {'; '.join(over)}", flush=True)


def addresses(reader: str) -> list[str]:
    """The pages of knowing that need no more than an address, and the dashboard in many scopes."""
    from django.urls import reverse

    from analytics import urls
    from ground.models import Team
    from surveys.models import Survey

    known = {"team": Team.objects.get(code="t3").pk, "survey": Survey.objects.get(code="nps").pk}
    dashboard = reverse("analytics:dashboard")
    found = [f"{dashboard}?{query}" for query in SPANS]
    found += [f"{dashboard}?{scope.format(**known)}" for scope in SCOPES if reader == "whole"]
    for pattern in urls.urlpatterns:
        if not pattern.pattern.converters and pattern.name != "dashboard" and _is_page(pattern):
            address = reverse(f"analytics:{pattern.name}")
            found += [address, f"{address}?period=365"]
    return found


def _is_page(pattern: Any) -> bool:
    from django.test import RequestFactory

    from ground.access import EVERYTHING
    from ground.models import User

    request = RequestFactory().get(f"/admin/{pattern.pattern}")
    request.user, request.scope = User.objects.get(email="whole@example.org"), EVERYTHING  # type: ignore[attr-defined]
    try:
        return int(pattern.callback(request).status_code) == 200
    except Exception:  # noqa: BLE001 (whatever cannot be asked for without more is no page of its own)
        return False


def main() -> int:
    """Each database in turn, filled and measured in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--days", type=int, default=YEAR, help="how many days are asked for in both ways")
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--keep", type=Path, help="a directory of data to measure again; made if missing")
    asked = parser.parse_args()
    for name in asked.databases:
        print(f"\n{name}, {asked.answers:,} answers; milliseconds of CPU", flush=True)
        with tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
            _bench(name, (asked.keep or Path(directory)) / name, asked)
    return 0


def _bench(name: str, place: Path, asked: argparse.Namespace) -> None:
    place.mkdir(parents=True, exist_ok=True)
    with database(name, keep=place / "server") as url:
        environment = os.environ | {"OTKLIK_DATA_DIR": str(place), "LOG_LEVEL": "ERROR"}
        if url:  # one connection, so that one process of the server does all the work
            environment |= {"DATABASE_URL": url, "DATABASE_POOL": "1"}
        manage(environment, "migrate", "-v0")
        made = place / "answers"
        if not made.exists():
            program = f"from bench import generate; generate.fill({asked.answers}, texts=True)"
            manage(environment, "shell", "-v0", "-c", program)
            made.write_text(f"{asked.answers}")
        elif made.read_text() != f"{asked.answers}":
            raise SystemExit(f"{place} has {made.read_text()} answers")
        manage(
            environment,
            "shell",
            "-v0",
            "-c",
            f"from bench import knowing; knowing.measure({asked.turns}, {asked.days})",
        )


if __name__ == "__main__":
    sys.exit(main())
