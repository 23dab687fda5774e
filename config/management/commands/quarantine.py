"""`manage.py quarantine list|retry`: rows of every queue that failed three times."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config import queues
from ground import rowqueue

SHOWN = 100


class Command(BaseCommand):
    help = "List the rows that no worker could finish, or put them back into their queues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("list", "retry"))
        parser.add_argument("--queue", metavar="MODEL", help="only rows of this model, like feedback.comment")
        parser.add_argument("--id", type=int, action="append", help="only this row of the queue; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        stuck = [
            rows.filter(pk__in=options["id"]) if options["id"] else rows
            for rows in queues.quarantined()
            if options["queue"] in (None, rows.model._meta.label_lower)
        ]
        if options["what"] == "retry":
            self.stdout.write(f"{sum(rowqueue.retry(rows) for rows in stuck)} rows wait again")
            return
        for rows in stuck:
            for row in rows.order_by("-quarantined_at")[:SHOWN]:
                name = f"{row._meta.label_lower} {row.pk}"
                self.stdout.write(f"{name:<32}{row.quarantined_at:%Y-%m-%d %H:%M}  {row.attempts} tries  {row.error}")
