"""Indexes every comment for searching anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from feedback import search


class Command(BaseCommand):
    help = "Index every comment for searching anew, in bunches. Stopped in the middle, go on with --after."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="leave out the comments up to this id")

    def handle(self, *args: Any, **options: Any) -> None:
        for last in search.rebuild(after=options["after"]):
            self.stdout.write(f"indexed up to {last}; to go on from here: --after {last}")
        self.stdout.write("done")
