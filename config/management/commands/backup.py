"""`manage.py backup FILE`: everything that is needed to begin again, in one file, while everything runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from config.backups import failing, making, phrase


class Command(BaseCommand):
    help = "Write a backup of the database and the ledgers into one new file; nothing need be stopped for it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to make; it must not be there yet")
        parser.add_argument(
            "--keep", type=int, metavar="N", help="FILE is a directory; of its backups the newest N stay"
        )
        parser.add_argument("--encrypt", action="store_true", help="with BACKUP_PASSPHRASE, or one that is asked for")
        parser.add_argument("--keys", action="store_true", help="put the keys in use in, too; only with --encrypt")
        parser.add_argument("--exports", action="store_true", help="put the files of large exports in, too")

    def handle(self, *args: Any, **options: Any) -> None:
        with failing.in_words(self):
            passphrase = phrase.new() if options["encrypt"] else ""
            path, what = options["file"], {"with_keys": options["keys"], "with_exports": options["exports"]}
            if options["keep"] is None:
                size = making.make(path, passphrase=passphrase, **what)
            else:
                path, size = making.make_in(path, keep=options["keep"], passphrase=passphrase, **what)
        self.stdout.write(_("%(path)s: %(size).1f MB.") % {"path": path, "size": size / 1_000_000})
        if not options["keys"]:
            self.stdout.write(_("The secret keys are not in it: keep a copy of them elsewhere."))
