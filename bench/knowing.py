"""Rows 5 and 10: the dashboard and every page of the desk beside many answers, and beside a tenth of them.

`make bench-knowing` prints each page about a period in many scopes instead, at a million answers.
"""

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import by_rows, costs, generate, pages, product, table
from bench.product import DATABASES, Ask
from bench.table import Row

TIMES, TURNS = 10, 10
READERS = ("whole", "team")
SPANS = ("", "period=7", "period=90", "period=365")
SCOPES = ("channel=phone", "team={team}", "survey={survey}", "evidence=confirmed", "team={team}&channel=chat")
# A year and the year before it: all that there is.
YEAR = 365
RAW_GOALS = {"SQLite": 100, "PostgreSQL": 60}


def rows(database: str, answers: int, keep: Path | None) -> Iterator[Row | str]:
    with product.side_by_side(database, 2, keep=keep and keep / database, DATABASE_POOL="1") as (small, large):
        for place, count in ((small, answers // TIMES), (large, answers)):
            product.filled_once(place, "answers", count, partial(generate.fill, place))
        with product.inside(small) as ask_small, product.inside(large) as ask_large:
            for ask in (ask_small, ask_large):
                ask("bench.pages.prepare")
            yield from _larger(database, answers, ask_small, ask_large)
            yield from _against_rows(database, answers, ask_large)
            yield from _every_page(database, answers, ask_small, ask_large)


def _larger(database: str, answers: int, small: Ask, large: Ask) -> Iterator[Row]:
    """Row 5: the indicators of 28 days beside ten times the answers, by turns."""
    for reader, name in (("whole", "of everything"), ("team", "of one team")):
        ways = {"small": small, "large": large}
        turns = {way: partial(_shown, ask, reader) for way, ask in ways.items()}
        spent = costs.by_turns(turns, TURNS + 1)
        before, after = (costs.rank(spent[way][1:], 0.5) for way in ways)
        what = f"indicators {name}: {answers:,} answers against {answers // TIMES:,}, CPU"
        yield Row(5, what, database, f"{after:.0f} ms", f"{before:.0f} ms", after / before, 1.3, is_limit=True)


def _shown(ask: Ask, reader: str, _turn: int) -> float:
    return float(ask("bench.pages.once", reader, "/admin/dashboard/"))


def _against_rows(database: str, answers: int, ask: Ask) -> Iterator[Row | str]:
    """Row 5: the same numbers by their counts and from the rows themselves, by turns."""
    found = ask("bench.by_rows.measure", YEAR, 5)
    measured, baseline, faults = found["counts"], found["rows"], found["faults"]
    what = f"two years of {answers:,} answers by counts, against {len(by_rows.STATEMENTS)} statements: CPU"
    ratio = baseline / measured
    yield Row(5, what, database, f"{measured:.0f} ms", f"{baseline:.0f} ms", ratio, RAW_GOALS[database])
    what = "the same numbers: different counts, or percentiles by over 1 %"
    yield Row(5, what, database, f"{len(faults)}", "0", len(faults), 0, is_limit=True)
    yield from (f"Row 5, {database}: {fault}" for fault in faults)


def _every_page(database: str, answers: int, small: Ask, large: Ask) -> Iterator[Row | str]:
    """Row 10: the slowest page, and whether any asks more of ten times the answers."""
    found = {(reader, path): (p95, n) for reader, path, p95, n in large("bench.knowing.every_page", TURNS)}
    fewer = {(reader, path): n for reader, path, _p95, n in small("bench.knowing.every_page", 1)}
    slowest = sorted(((p95, *page) for page, (p95, _n) in found.items()), reverse=True)
    what = f"{len(found)} lists and pages, {answers:,} answers: first byte, p95 of the slowest, CPU"
    measured, ratio = f"{slowest[0][0]:.0f} ms", slowest[0][0] / pages.GOAL_MS
    yield Row(10, what, database, measured, f"{pages.GOAL_MS} ms", ratio, 1, is_limit=True)
    more = {page: (fewer[page], n) for page, (_p95, n) in found.items() if page in fewer and n > fewer[page]}
    what = f"pages that ask more statements than beside {answers // TIMES:,} answers"
    yield Row(10, what, database, f"{len(more)} of {len(found)}", "0", len(more), 0, is_limit=True)
    over = sum(p95 > pages.GOAL_MS for p95, _reader, _path in slowest)
    told = "; ".join(f"{path} of {reader} {p95:.0f}" for p95, reader, path in slowest[: max(3, over)])
    yield f"Row 10, {database}: {over} over {pages.GOAL_MS} ms, the slowest are {told}."
    if more:
        told = "; ".join(f"{path} of {reader} {a} and {b}" for (reader, path), (a, b) in sorted(more.items()))
        yield f"Row 10, {database}, statements: {told}."


def every_page(turns: int) -> list[tuple[str, str, float, int]]:
    """Reader, address, p95 and statements of every page of the desk that needs no key; inside Django."""
    from tests import two_teams

    found = []
    for reader in ("administrator", "team"):
        for path in two_teams.lists():
            status, content_type, _body = pages.fetch(pages.sign_in(reader), path)
            if status == 200 and content_type.startswith("text/html"):
                case = pages.measure(reader, path, turns)
                found.append((reader, path, case.p95, case.queries))
    return found


def print_pages(turns: int) -> None:
    """Every page about a period; inside Django."""
    pages.prepare()
    pages.print_each([pages.measure(reader, path, turns) for reader in READERS for path in addresses(reader)])


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
        address = None if pattern.pattern.converters else reverse(f"analytics:{pattern.name}")
        if address and address != dashboard and pages.fetch(pages.sign_in(reader), address)[0] == 200:
            found += [address, f"{address}?period=365"]
    return found


def main() -> int:
    """Each database in turn, filled and measured in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--days", type=int, default=YEAR, help="how many days are asked for by counts and by rows")
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--keep", type=Path, help="a directory of data to measure again; made if missing")
    asked = parser.parse_args()
    for name in asked.databases:
        print(f"\n{name}, {asked.answers:,} answers; {table.machine()}", flush=True)
        keep = asked.keep and asked.keep / name
        with product.on(name, keep=keep, DATABASE_POOL="1") as environment:
            product.filled_once(environment, "answers", asked.answers, partial(generate.fill, environment))
            with product.inside(environment) as ask:
                print(_told(asked.days, ask("bench.by_rows.measure", asked.days, 5)), flush=True)
                ask("bench.knowing.print_pages", asked.turns)
    return 0


def _told(days: int, found: dict[str, Any]) -> str:
    same = "; ".join(found["faults"]) or "every count is equal, percentiles within 1 %"
    counts, rows = found["counts"], found["rows"]
    return f"{2 * days} days by counts: {counts:.0f} ms; by rows: {rows:.0f}, {rows / counts:.1f} times; {same}."


if __name__ == "__main__":
    sys.exit(main())
