"""`make bench-reading`: the CPU that a page of the reading list costs at a million comments, by filter and by reader.

What is counted is this process and, on PostgreSQL, the one that serves it. A cold page is one for which everything
that the list remembers for a minute was forgotten.
"""

import argparse
import gc
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.answering import ROOT, database
from bench.calibration import RECORDED, loop_seconds

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
READERS = ("whole", "diligent", "team", "agent", "three")
LIST = "/admin/feedback/comment/"
OLDER = re.compile(r'href="\?([^"]*before=\d+)"')


def measure(turns: int, only: str) -> None:
    """Print p50, p95 and a cold page in milliseconds for each case and reader, and the queries; inside Django."""
    from django.conf import settings
    from django.test import Client

    from ground.models import User

    settings.ALLOWED_HOSTS = ["testserver"]
    gc.collect()
    gc.freeze()  # as the server does once it is loaded
    gc.set_threshold(50_000, 50, 100)
    print(f"{'reader':<10}{'filter':<26}{'p50':>7}{'p95':>7}{'cold':>7}{'queries':>9}   the costliest statement")
    for reader in READERS:
        client = Client()
        client.force_login(User.objects.get(email=f"{reader}@example.org"))
        for name, query in addresses().items():
            if re.search(only, f"{reader}: {name}"):
                _print(f"{reader:<10}{name:<26}", client, query, turns)
                if name in DEEP and (deep := _fifth_page(client, query)):
                    _print(f"{reader:<10}{name + ', page 5':<26}", client, deep, turns)


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


def _print(title: str, client: Any, query: str, turns: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    cold = sorted(_once(client, query, forget=True) for _turn in range(4))[1]  # the first loads templates
    times = sorted(_once(client, query) for _turn in range(turns))
    with CaptureQueriesContext(connection) as seen:
        client.get(f"{LIST}?{query}")
    costliest = max(seen.captured_queries, key=lambda asked: float(asked["time"]))
    plan = _plan(costliest["sql"]) if connection.vendor == "sqlite" else ""
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    print(f"{title}{statistics.median(times):>7.0f}{p95:>7.0f}{cold:>7.0f}{len(seen):>9}   {plan}", flush=True)


def _once(client: Any, query: str, *, forget: bool = False) -> float:
    from django.core.cache import cache
    from django.db import connection

    if forget:
        cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()" if connection.vendor == "postgresql" else "SELECT 0")
        (server,) = cursor.fetchone()
    before = time.process_time() + _server_seconds(server)
    reply = client.get(f"{LIST}?{query}")
    if reply.status_code != 200:
        raise SystemExit(f"{query}: {reply.status_code}")
    return 1000 * (time.process_time() + _server_seconds(server) - before)


def _server_seconds(pid: int) -> float:
    """CPU that PostgreSQL's process has used; on SQLite the database is a part of this one."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 if pid else 0


def _plan(statement: str) -> str:
    """The tables and indexes of a statement, in the order in which SQLite walks them."""
    from django.db import connection

    if not statement.startswith("SELECT"):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}", None)
        return "; ".join(line[3] for line in cursor.fetchall())[:160]


def _fifth_page(client: Any, query: str) -> str:
    for _page in range(4):
        older = OLDER.search(client.get(f"{LIST}?{query}").content.decode())
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
    asked = parser.parse_args()
    loop = loop_seconds()
    print(f"Calibration: the loop takes {loop:.2f} s of CPU here, {RECORDED:.2f} s on a quiet machine.")
    for name in ("SQLite", "PostgreSQL"):
        print(f"\n{name}, {asked.comments:,} comments; milliseconds of CPU", flush=True)
        with database(name) as url, tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
            environment = os.environ | {"OTKLIK_DATA_DIR": directory, "LOG_LEVEL": "ERROR"}
            if url:
                environment["DATABASE_URL"] = url
            manage = [sys.executable, "manage.py"]
            subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
            program = f"from bench import library, reading; library.make({asked.comments}); "
            program += f"reading.measure({asked.turns}, {asked.only!r})"
            subprocess.run([*manage, "shell", "-v0", "-c", program], cwd=ROOT, env=environment, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
