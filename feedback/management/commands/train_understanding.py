"""`manage.py train_understanding`: the heads on the sentence embedding, from the labelled comments of the project."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback.understanding import artefact, embedding


class Command(BaseCommand):
    help = "Train the heads on the sentence embedding from the labelled comments that are not frozen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=artefact.FOLDER, metavar="DIR")
        parser.add_argument("--cache", type=Path, metavar="DIR", help="keep embeddings there between runs")

    def handle(self, *args: Any, **options: Any) -> None:
        if find_spec(embedding.PACKAGE) is None:
            raise CommandError("pip install -r requirements-embedding.txt")
        if not embedding.model_file().is_file():
            raise CommandError(embedding.trouble() or str(embedding.model_file()))
        from feedback.training import teacher

        manifest = teacher.train(options["out"], embed=teacher.cached(options["cache"]))
        self.stdout.write(f"macro-F1 of the tone, not seen: {manifest['macro_f1_unseen']}")
