"""`manage.py load_demo`: half a year of a made-up company, in Russian and English."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from config.demo.load import load


class Command(BaseCommand):
    help = "Load believable demo data through the same doors as real traffic; a second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        queue = logging.getLogger("ground.rowqueue")
        usual = queue.level
        # What is taken up here came from no request.
        queue.setLevel(logging.WARNING)
        try:
            count = load()
        finally:
            queue.setLevel(usual)
        if count:
            seconds = time.monotonic() - started
            self.stdout.write(_("Demo: %(count)d contacts in %(seconds).0f s.") % {"count": count, "seconds": seconds})
