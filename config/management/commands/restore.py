"""`manage.py restore FILE`: an empty database becomes that of the backup, and nothing leaves before it is told to."""

from pathlib import Path
from typing import Any

import environ
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.backups import archive, failing, phrase, restoring
from config.backups.archive import Trouble
from config.backups.restoring import Restored


class Command(BaseCommand):
    help = "Fill an empty database from a backup. Sending stays halted until `resume_sending`."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` made")
        parser.add_argument("--database", metavar="URL", help="an empty database instead of that of DATABASE_URL")
        parser.add_argument("--other-keys", action="store_true", help="go on though the keys here are others")

    def handle(self, *args: Any, **options: Any) -> None:
        with failing.in_words(self):
            if options["database"]:
                _choose(options["database"])
            passphrase = phrase.known() if archive.is_encrypted(options["file"]) else ""
            done = restoring.restore(options["file"], passphrase=passphrase, other_keys=options["other_keys"])
        self.stdout.write("\n".join(_told(done)))


def _choose(url: str) -> None:
    """Let this process work on another database of the same kind as the settings'."""
    found = environ.Env.db_url_config(url)
    if ("sqlite" in found["ENGINE"]) != (connection.vendor == "sqlite"):
        raise Trouble(_("--database names another kind of database than DATABASE_URL: set DATABASE_URL instead."))
    connection.close()
    connection.settings_dict.update({key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    connection.settings_dict["OPTIONS"] = connection.settings_dict["OPTIONS"] | found.get("OPTIONS", {})


def _told(done: Restored) -> list[str]:
    lines = [_("Restored what was there at %(moment)s.") % {"moment": done.created_at}]
    if done.uncertain:
        lines.append(
            ngettext(
                "%d mail that was due may have left already: it waits under “Uncertain mails”.",
                "%d mails that were due may have left already: they wait under “Uncertain mails”.",
                done.uncertain,
            )
            % done.uncertain
        )
    lines += _held_back(done)
    if done.opted_out:
        told = ngettext("%d opt-out was applied anew.", "%d opt-outs were applied anew.", done.opted_out)
        lines.append(told % done.opted_out)
    if done.erased:
        told = ngettext("%d erasure was made anew.", "%d erasures were made anew.", done.erased)
        lines.append(told % done.erased)
    if done.keys_changed and not done.other_variables:
        lines.append(_("The keys are those of the backup; the ones before lie beside them."))
    for variable, file in done.other_variables:
        says = _(
            "%(variable)s holds another key than the backup's. Before anything starts, put there what lies in "
            "%(path)s, or take the variable away: else links in mails, opt-outs and second factors are dead."
        )
        lines.append(says % {"variable": variable, "path": file})
    lines.append(_("Everybody has to log in again."))
    lines.append(_("Nothing is sent until you run: python manage.py resume_sending"))
    return lines


def _held_back(done: Restored) -> list[str]:
    """What colleagues are not told a second time."""
    lines = []
    if done.held:
        lines.append(
            ngettext(
                "%d message to colleagues may have left already: it waits on the page “Quarantine”.",
                "%d messages to colleagues may have left already: they wait on the page “Quarantine”.",
                done.held,
            )
            % done.held
        )
    if done.told:
        lines.append(
            ngettext(
                "%d notice that was due is not told again: look through the lists of comments and requests.",
                "%d notices that were due are not told again: look through the lists of comments and requests.",
                done.told,
            )
            % done.told
        )
    return lines
