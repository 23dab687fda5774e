"""Rows that raise are passed over for a while and stand in the way of no other; the System page tells of them.

For loops over rows that are no queue of their own: a queue has leases, attempts and a quarantine (`ground.rowqueue`).
"""

import datetime as dt
import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from ground.models import Pulse

log = logging.getLogger(__name__)
Result = TypeVar("Result")

REST = dt.timedelta(minutes=5)
# As the pulses of workers, it is forgotten after some days.
PREFIX = "aside@"


def tried(what: str, row: object, act: Callable[..., Result], /, *given: object, **named: object) -> Result | None:
    """What the act returns; None when it raised, which sets the row aside. What it writes is one transaction.

    A database that does not answer, or in which others were in the way, is no row's fault.
    """
    try:
        return act(*given, **named)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # The kind of the error alone: its text may hold what a customer wrote.
        log.error("%s: %s is set aside: %s", what, row, type(error).__name__)
        Pulse.beat(_name(what, row))
        return None


def resting(what: str) -> list[str]:
    """The keys of what was set aside a moment ago and is not to be tried again yet."""
    start = _name(what, "")
    names = Pulse.objects.filter(name__startswith=start, at__gt=timezone.now() - REST)
    return [name.removeprefix(start) for name in names.values_list("name", flat=True)]


def resting_keys(what: str) -> list[int]:
    """The same of rows that are called by their primary keys."""
    return [int(key) for key in resting(what)]


def lately() -> int:
    """How many rows were set aside the last time they were tried, of all kinds."""
    return Pulse.objects.filter(name__startswith=PREFIX, at__gt=timezone.now() - 2 * REST).count()


def _name(what: str, row: object) -> str:
    return f"{PREFIX}{what}:{row}"
