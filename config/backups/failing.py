"""How the commands of backups end when something is wrong: with a sentence and without a trace."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import BaseCommand
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from config.backups.archive import Trouble


@contextmanager
def in_words(command: BaseCommand) -> Iterator[None]:
    """Ends the program with 1 for what people can mend."""
    try:
        yield
    except Trouble as trouble:
        says = str(trouble)
    except OperationalError as error:
        says = _("The database does not answer (%(reason)s). Check DATABASE_URL.") % {"reason": str(error).strip()}
    else:
        return
    command.stderr.write(says)
    sys.exit(1)
