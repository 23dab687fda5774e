"""`manage.py erase_person`: erase one customer everywhere, and write the database's file anew unless it is large."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ground import erasing
from ground.jobs import GaveUp


class Command(BaseCommand):
    help = "Erase one customer, known by e-mail, telephone or id, from every table, text, index and file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="an e-mail address, a telephone number, or the customer's id in the CRM")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--clean", action="store_true", help="write a large file anew at once; nobody can write meanwhile"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        subject = erasing.find(options["who"])
        if not subject.is_known:
            raise CommandError(_("Nothing is kept of them."))
        self.say(_("Customers: %d") % len(subject.keys))
        for table, number in erasing.counts(subject).items():
            self.say(f"  {table}: {number}")
        if not options["yes"] and input(_("Erase? Nobody can take it back. Type yes:") + " ").strip().lower() != "yes":
            raise CommandError(_("Nothing was erased."))
        began = time.monotonic()
        try:
            erasure = erasing.erase(subject, by=None)
        except OSError as error:
            reason = _("The file of erasures beside the keys cannot be written (%s): nothing was erased.")
            raise CommandError(reason % error.strerror) from None
        except GaveUp as error:
            raise CommandError(_(str(error))) from None
        done = time.monotonic()
        is_clean = erasing.clean() if options["clean"] else erasing.clean_if_due()
        values = {
            "rows": sum(erasure.counts.values()), "seconds": done - began, "cleaning": time.monotonic() - done,
        }  # fmt: skip
        says = _("Erased: %(rows)d rows in %(seconds).1f s; the tables written anew in %(cleaning).1f s.")
        if not is_clean:
            says = _(
                "Erased: %(rows)d rows in %(seconds).1f s. A worker writes the large file anew at night, from 2 to 6."
            )
        self.say(says % values)

    def say(self, line: str) -> None:
        self.stdout.write(line)
