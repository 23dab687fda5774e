"""`manage.py export_person`: everything that is kept of one customer, as JSON."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ground import erasing


class Command(BaseCommand):
    help = "Write everything that is kept of one customer, known by e-mail, telephone or id, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", help="an e-mail address, a telephone number, or the customer's id in the CRM")
        parser.add_argument("--output", help="the file to write; without it, to the terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        subject = erasing.find(options["who"])
        found = erasing.export(subject)
        if not found["rows"] and not found["named_in"]:
            raise CommandError(_("Nothing is kept of them."))
        text = erasing.as_file(found, by=None)
        if options["output"]:
            with open(options["output"], "x", encoding="utf-8") as file:
                file.write(text)
        else:
            sys.stdout.write(text + "\n")
