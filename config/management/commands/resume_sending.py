"""`manage.py resume_sending`: let mails leave again after a restore."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ground import halting


class Command(BaseCommand):
    help = "Let mails, messages and calls leave again after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        resumed = halting.resume(by=None)
        self.stdout.write(_("Mails leave again.") if resumed else _("Sending was not halted."))
