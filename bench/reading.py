"""`make bench-reading`: the CPU that a page of the reading list costs at a million comments, by filter and by reader.

What is counted is this process and, on PostgreSQL, the one that serves it. What the list keeps for a minute stays kept.
"""

import argparse
import re
import sys
from functools import partial
from pathlib import Path

from bench import pages, product, table
from bench.product import DATABASES

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
    """Print what each case costs each reader; inside Django."""
    pages.prepare()
    found = []
    for reader in READERS:
        for name, query in addresses().items():
            if re.search(only, f"{reader}: {name}"):
                cases = {name: query}
                if name in DEEP and (deep := _fifth_page(reader, query)):
                    cases[f"{name}, page 5"] = deep
                found += [
                    pages.measure(reader, f"{LIST}?{query}", turns, what=name, is_cold=False)
                    for name, query in cases.items()
                ]
    pages.print_each(found)


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


def _fifth_page(reader: str, query: str) -> str:
    for _page in range(4):
        older = OLDER.search(pages.page(reader, f"{LIST}?{query}"))
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
        print(f"\n{name}, {asked.comments:,} comments; {table.machine()}", flush=True)
        keep = asked.keep and asked.keep / name
        with product.on(name, keep=keep, DATABASE_POOL="1") as environment:
            fill = partial(product.ask_once, environment, "bench.library.make")
            product.filled_once(environment, "comments", asked.comments, fill)
            product.ask_once(environment, "bench.reading.measure", asked.turns, asked.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
