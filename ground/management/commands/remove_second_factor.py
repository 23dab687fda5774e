"""`manage.py remove_second_factor E-MAIL`: for the one administrator whose phone is lost with all codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from ground import audit, sessions
from ground.models import SecondFactor, User


class Command(BaseCommand):
    help = "Take somebody's second factor away and end their sessions; the password alone is enough then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the e-mail that the person logs in with")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(_("Nobody logs in with this e-mail."))
        SecondFactor.objects.filter(user=person).delete()
        sessions.end(person)
        audit.note("second_factor.removed", by=None, subject=person)
        self.stdout.write(_("The second factor is taken away: the password alone is enough until it is set up anew."))
