from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from config.mailbox.server import HOST, serve


class Command(BaseCommand):
    help = "Catch mail on SMTP_PORT and show it on MAILBOX_PORT, until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        def ready() -> None:
            self.stdout.write(_("Mailbox: %(address)s") % {"address": f"http://{HOST}:{settings.MAILBOX_PORT}/"})

        try:
            serve(
                directory=settings.DATA_DIR / "mailbox",
                smtp_port=settings.SMTP_PORT,
                page_port=settings.MAILBOX_PORT,
                ready=ready,
            )
        except OSError as error:
            raise CommandError(str(error)) from error
