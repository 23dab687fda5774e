"""`manage.py make_api_key NAME`: prints a new API key, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from ground import audit
from ground.models import Allowance, ApiKey, Team


class Command(BaseCommand):
    help = "Make an API key and print it; it is stored as a hash and cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="who will use it, e.g. zendesk")
        parser.add_argument("--team", help="code of the only team whose rows it may write")
        parser.add_argument(
            "--may", nargs="+", choices=Allowance.values, default=[Allowance.REPORT], help="what it is for; report"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team = None
        if options["team"]:
            team = Team.objects.filter(code=options["team"]).first()
            if team is None:
                raise CommandError(_("There is no team with code “%(code)s”.") % {"code": options["team"]})
        with transaction.atomic():
            key, secret = ApiKey.objects.create_key(name=options["name"][:50], team=team, allowances=options["may"])
            audit.note("apikey.added", by=None, subject=key)
        self.stdout.write(secret)
