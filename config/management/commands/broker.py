"""`manage.py broker`: the bundled Valkey by itself, for running worker and scheduler by hand."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.up import broker
from config.up.preflight import Trouble


class Command(BaseCommand):
    help = "Run the bundled message broker in the foreground, where workers and scheduler look for it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            argv = broker.service(settings.BROKER_SOCKET).argv
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        os.execv(argv[0], argv)
