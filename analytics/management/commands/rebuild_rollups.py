"""Counts every day anew."""

from typing import Any

from django.core.management.base import BaseCommand

from analytics import rollups


class Command(BaseCommand):
    help = "Count every day anew from the rows. Stopped in the middle, the workers finish it."

    def handle(self, *args: Any, **options: Any) -> None:
        for left in rollups.rebuild():
            self.stdout.write(f"{left} day counts to go")
        self.stdout.write("done")
