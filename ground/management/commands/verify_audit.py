"""`manage.py verify_audit`: whether the audit log is as it was written; names what is not, and exits with 1."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ground import audit_chain


class Command(BaseCommand):
    help = "Hold every entry of the audit log against its seal; exits with 1 when one was changed, removed or put in."

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit_chain.verify()
        for finding in found.findings:
            self.stdout.write(str(finding))
        for cut in found.shortened:
            told = {"at": cut.at, "first": cut.position + 1, "last": cut.reached}
            self.stdout.write(_("%(at)s: a restore shortened the log; seals %(first)d to %(last)d are gone.") % told)
        values = {"sealed": found.sealed, "waiting": found.waiting}
        self.stdout.write(_("Sealed: %(sealed)d, waiting for the seal: %(waiting)d.") % values)
        if count := len(found.findings):
            raise CommandError(
                ngettext("%d entry is not as it was.", "%d entries are not as they were.", count) % count
            )
