"""`manage.py reclassify [--after ID] [--language ru] [--per-second N]`: read comments anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from feedback import reclassify
from feedback.models import Comment


class Command(BaseCommand):
    help = "Read comments anew; what people said stays. Stopped in the middle, go on with --after."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="leave out the comments up to this id")
        parser.add_argument("--language", help="only comments that were read as this language, like ru")
        parser.add_argument("--per-second", type=float, default=reclassify.PER_SECOND, metavar="N",
                            help="at most; 0 for no limit")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        comments = Comment.objects.all()
        if options["language"]:
            comments = comments.filter(language=options["language"])
        for last, done in reclassify.read_again(comments, after=options["after"], per_second=options["per_second"]):
            self.stdout.write(f"{done} read, up to {last}; to go on from here: --after {last}")
        self.stdout.write("done")
