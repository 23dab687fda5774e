"""Work waits as rows; a worker claims some with a lease, and what a dead worker held is claimed again.

A queue is a model that extends `ground.models.QueueRow` and a queryset of its waiting rows. Nothing here talks to a
broker: the bell that wakes a worker may be lost or rung twice without harm.
"""

import datetime as dt
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ground import outbound

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
# No lease is given for longer than a mail server's or a gateway's patience and this, seconds.
SPARE = 60


@dataclass(frozen=True)
class Claim:
    """Rows that this worker owns until `until`; `lease` proves it."""

    lease: str
    ids: tuple[int, ...]
    until: dt.datetime


def free(now: dt.datetime | None = None) -> Q:
    """The condition for rows that nobody holds and that are not quarantined."""
    return Q(quarantined_at=None) & (Q(leased_until=None) | run_out(now))


def run_out(now: dt.datetime | None = None, *, path: str = "") -> Q:
    """The condition for rows whose time is over: the holder's, or that until which they were put off.

    A lease that ends later than any can was given by a clock that has been set back since: its holder may be long dead.
    """
    now = now or timezone.now()
    longest = max(settings.EMAIL_TIMEOUT or 0, outbound.WHOLE_SECONDS) + settings.LEASE_SECONDS + SPARE
    is_beyond = Q(**{f"{path}leased_until__gt": now + dt.timedelta(seconds=longest)}) & ~Q(**{f"{path}lease": ""})
    return Q(**{f"{path}leased_until__lte": now}) | is_beyond


def waiting_ids(waiting: QuerySet[Any], *, limit: int) -> list[int]:
    """The primary keys of the next free rows of a queue, for the bell to carry."""
    return list(waiting.filter(free()).order_by("pk").values_list("pk", flat=True)[:limit])


def claim(
    waiting: QuerySet[Any], *, ids: list[int], seconds: float | None = None, counts_attempt: bool = True
) -> Claim:
    """Take those of `ids` that still wait and that nobody holds; counts one attempt each, unless told otherwise.

    Whoever takes a bunch and goes through it one by one does not count: its death says nothing against those that it
    had not begun.

    Two workers that claim the same ids share them out: SQLite by its one write lock, PostgreSQL by SKIP LOCKED.
    """
    now = timezone.now()
    until = now + dt.timedelta(seconds=seconds or settings.LEASE_SECONDS)
    lease = secrets.token_hex(16)
    with transaction.atomic():
        rows = waiting.filter(free(now), pk__in=ids)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        taken = dict(rows.values_list("pk", "request"))
        rows.model._default_manager.filter(pk__in=taken).update(
            lease=lease, leased_until=until, **({"attempts": F("attempts") + 1} if counts_attempt else {})
        )
    for pk, request in taken.items():
        _tell("takes up", rows.model, pk, request)
    return Claim(lease=lease, ids=tuple(taken), until=until)


def owned(model: type[models.Model], claimed: Claim) -> QuerySet[Any]:
    """The claimed rows whose lease is still ours; write results through this queryset only."""
    return model._default_manager.filter(pk__in=claimed.ids, lease=claimed.lease)


def renew(model: type[models.Model], claimed: Claim) -> bool:
    """Extend the lease by another term; False when nothing is ours any more."""
    until = timezone.now() + dt.timedelta(seconds=settings.LEASE_SECONDS)
    return bool(owned(model, claimed).update(leased_until=until))


def fail(model: type[models.Model], claimed: Claim, pk: int, *, error: str, delay: float = 0) -> None:
    """Give one row back after a failure, `delay` seconds from here on; the third failure quarantines it, visibly."""
    now = timezone.now()
    row = owned(model, claimed).filter(pk=pk)
    for request in row.values_list("request", flat=True):
        _tell("failed at", model, pk, request)
    row.filter(attempts__gte=MAX_ATTEMPTS).update(quarantined_at=now, error=error[:300], lease="", leased_until=None)
    row.filter(attempts__lt=MAX_ATTEMPTS).update(
        error=error[:300], lease="", leased_until=now + dt.timedelta(seconds=delay)
    )


def retry(quarantined: QuerySet[Any]) -> int:
    """Put quarantined rows back into their queue with fresh attempts; returns how many."""
    return quarantined.exclude(quarantined_at=None).update(
        quarantined_at=None, attempts=0, error="", lease="", leased_until=None
    )


def sweep(waiting: QuerySet[Any]) -> int:
    """Quarantine rows whose worker died under them for the third time; returns how many."""
    now = timezone.now()
    return waiting.filter(free(now), attempts__gte=MAX_ATTEMPTS).update(
        quarantined_at=now, error="the worker died three times on this row", lease="", leased_until=None
    )


def _tell(what: str, model: type[models.Model], pk: int, request: str) -> None:
    """A line in the log by which what became of a request is followed into the worker; it names the row alone."""
    log.info("%s %s %d", what, model._meta.label_lower, pk, extra={"made_by": request})
