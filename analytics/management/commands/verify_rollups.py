"""Proves that the counts on the dashboard equal a recount of the rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analytics import rollups


class Command(BaseCommand):
    help = "Compare the counts by day with a recount of the rows; ends with code 1 when they differ."

    def handle(self, *args: Any, **options: Any) -> None:
        result = rollups.verify()
        for found in result.differences:
            key = ", ".join(f"{name}={value}" for name, value in found.key.items())
            self.stdout.write(f"{found.day} {found.table} {key}: stored {found.stored}, counted {found.counted}")
        if result.waiting:
            self.stdout.write(f"{result.waiting} day counts were passed over: a change of theirs waits")
        if result.differences:
            raise CommandError(f"{len(result.differences)} counts differ in {result.days} day counts")
        self.stdout.write(f"{result.days} day counts compared, no difference")
