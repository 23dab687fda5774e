"""The passphrase of encrypted backups: from the environment, or asked for at the terminal."""

import getpass
import sys

from django.conf import settings
from django.utils.translation import gettext as _

from config.backups.archive import Trouble


def new() -> str:
    """The passphrase to encrypt with; typed twice when the environment has none. Raises Trouble."""
    if settings.BACKUP_PASSPHRASE:
        return settings.BACKUP_PASSPHRASE
    if not sys.stdin.isatty():
        raise Trouble(_("The backup is to be encrypted: set BACKUP_PASSPHRASE or BACKUP_PASSPHRASE_FILE."))
    typed = getpass.getpass(_("Passphrase:") + " ")
    if not typed or typed != getpass.getpass(_("Once more:") + " "):
        raise Trouble(_("The two were not the same, or empty."))
    return typed


def known() -> str:
    """The passphrase to open a backup with; empty when there is none."""
    return settings.BACKUP_PASSPHRASE or (getpass.getpass(_("Passphrase:") + " ") if sys.stdin.isatty() else "")
