"""`manage.py reapply_erasures`: after a restore, erase again whoever was erased since the backup."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from ground import erasing


class Command(BaseCommand):
    help = "Erase again, by the file beside the keys, whoever was erased after this database was backed up."

    def handle(self, *args: Any, **options: Any) -> None:
        count = erasing.reapply()
        if not count:
            return
        erasing.clean()
        told = ngettext("%d erasure was done once more.", "%d erasures were done once more.", count)
        self.stdout.write(told % count)
