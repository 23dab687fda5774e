"""`make bench-reading`: the CPU that a page of the reading list costs at a million comments, by filter and by reader.

What is counted is this process and, on PostgreSQL, the one that serves it. A cold page is one for which everything
that the list remembers for a minute was forgotten.
"""

import argparse
import math
import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

from bench.answering import database
from bench.pages import Measured, manage, once, page, plan_of, print_machine

CASES = {
    "everything": "",
    "class": "class=negative", "class, rare": "class=unsure", "tone": "tone=mixed", "constructive": "constructive=yes",
    "topic": "topic={topic}", "no topic": "topic=none", "tag": "tag={tag}", "score": "score=2", "band": "band=low",
    "contact request": "contact=yes", "unread": "state=unread", "read": "state=read", "open": "state=open",
    "done": "state=done", "team": "team={team}", "agent": "agent={agent}", "channel": "channel=phone",
    "channel, none": "channel=social", "source": "source=complaint", "language": "language=en",
    "language, none": "language=other", "survey": "survey={survey}", "counted": "evidence=counted",
    "held": "evidence=held", "presumed": "evidence=presumed", "excluded": "evidence=excluded",
    "customer": "customer={customer}", "this week": "period=week", "90 days": "period=90d",
    "class + channel": "class=negative&channel=web", "class + topic": "class=neutral&topic={topic}",
    "topic + channel": "topic={topic}&channel=web", "team + topic": "team={team}&topic={topic}",
    "team + class": "team={team}&class=constructive", "agent + class": "agent={agent}&class=negative",
    "unread + class": "state=unread&class=negative", "unread + class, week": "state=unread&class=negative&period=week",
    "contact + open": "contact=yes&state=open", "contact + class": "contact=yes&class=positive",
    "unsure + open": "class=unsure&state=open", "suggestion + open": "class=constructive&state=open",
    "rare pair": "source=complaint&evidence=held", "no hit": "source=review&band=low",
    "tag + class": "tag={tag}&class=negative", "search, rare": "q=флогистон", "search, frequent": "q=спасибо",
    "search, one in eight": "q=курьер", "search, phrase": 'q="обратный звонок"', "search, beginning": "q=опозд*",
    "search + class": "q=спасибо&class=neutral", "search + team": "q=курьер&team={team}",
    "search, two words": "q=курьер возврат", "search, three words": "q=курьер возврат доставка",
    "search, no hit": "q=абракадабра",
}  # fmt: skip
DEEP = ("everything", "class", "class + channel", "topic", "unread", "search, frequent")
GOAL_MS = 150
READERS = ("whole", "diligent", "team", "agent", "three")
DATABASES = ("SQLite", "PostgreSQL")
LIST = "/admin/feedback/comment/"
OLDER = re.compile(r'href="\?([^"]*before=\d+)"')


def measure(turns: int, only: str) -> None:
    """Print p50, p95 and a cold page in milliseconds for each case and reader, and the queries; inside Django."""
    from django.conf import settings
    from django.test import Client

    from config.up import processes
    from ground.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    print_machine()
    processes.collect_rarely()  # as the server does once it is loaded
    print(f"{'reader':<10}{'filter':<26}{'p50':>7}{'p95':>7}{'cold':>7}{'queries':>9}   the costliest statement")
    measured = []
    for reader in READERS:
        client = Client()
        client.force_login(User.objects.get(email=f"{reader}@example.org"))
        cookie = client.cookies.output(header="", attrs=[]).strip()
        for name, query in addresses().items():
            if re.search(only, f"{reader}: {name}"):
                measured.append(_print(reader, name, cookie, query, turns))
                if name in DEEP and (deep := _fifth_page(cookie, f"{LIST}?{query}")):
                    measured.append(_print(reader, f"{name}, page 5", cookie, deep, turns))
    _sum_up(measured)
    print_machine()


def _sum_up(measured: list[Measured]) -> None:
    worst = sorted(measured, key=lambda case: -case.p95)
    p95s, every = [case.p95 for case in worst], sorted(time for case in measured for time in case.times)
    over = [f"{case.what} ({case.p95:.0f})" for case in worst if case.p95 > GOAL_MS]
    print(f"\n{len(measured)} cases, {len(every)} pages: the median page {statistics.median(every):.0f} ms, ", end="")
    print(f"p95 of all pages {every[math.ceil(0.95 * len(every)) - 1]:.0f}; ", end="")
    print(f"p95 by case: median {statistics.median(p95s):.0f}, worst {p95s[0]:.0f} ({worst[0].what}).")
    print(f"Over {GOAL_MS} ms: {len(over)}. {'; '.join(over)}", flush=True)


def addresses() -> dict[str, str]:
    from feedback.models import Tag, Topic
    from ground.models import Team
    from surveys.models import Agent, Customer, Survey

    known = {
        "topic": Topic.objects.all()[5].code, "tag": Tag.objects.all()[0].pk, "team": Team.objects.all()[3].pk,
        "agent": Agent.objects.get(external_id="a3").pk, "survey": Survey.objects.get(code="nps").pk,
        "customer": Customer.objects.get(external_id="c77").pk,
    }  # fmt: skip
    return {name: query.format(**known) for name, query in CASES.items()}


def _print(reader: str, name: str, cookie: str, query: str, turns: int) -> Measured:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cold = sorted(once(cookie, f"{LIST}?{query}", forget=True) for _turn in range(4))[1]  # the first loads templates
    case = Measured(f"{reader}: {name}", sorted(once(cookie, f"{LIST}?{query}") for _turn in range(turns)))
    with CaptureQueriesContext(connection) as seen:
        page(cookie, f"{LIST}?{query}")
    costliest = max(seen.captured_queries, key=lambda asked: float(asked["time"]))
    plan = plan_of(costliest["sql"]) if connection.vendor == "sqlite" else ""
    p50 = statistics.median(case.times)
    print(f"{reader:<10}{name:<26}{p50:>7.0f}{case.p95:>7.0f}{cold:>7.0f}{len(seen):>9}   {plan}", flush=True)
    return case


def _fifth_page(cookie: str, query: str) -> str:
    for _page in range(4):
        older = OLDER.search(page(cookie, f"{LIST}?{query}"))
        if not older:
            return ""
        query = older[1].replace("&amp;", "&")
    return query


def main() -> int:
    """Each database in turn, filled and measured in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--only", default="", help="a regular expression on “reader: filter”")
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--keep", type=Path, help="a directory of data to measure again; made if missing")
    asked = parser.parse_args()
    for name in asked.databases:
        print(f"\n{name}, {asked.comments:,} comments; milliseconds of CPU", flush=True)
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
        made = place / "comments"
        if not made.exists():
            manage(environment, "shell", "-v0", "-c", f"from bench import library; library.make({asked.comments})")
            made.write_text(f"{asked.comments}")
        elif made.read_text() != f"{asked.comments}":
            raise SystemExit(f"{place} has {made.read_text()} comments")
        program = f"from bench import reading; reading.measure({asked.turns}, {asked.only!r})"
        manage(environment, "shell", "-v0", "-c", program)


if __name__ == "__main__":
    sys.exit(main())
