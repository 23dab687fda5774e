"""The same request twice gets the first reply twice, and changes nothing the second time."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ground.models import IdempotencyRecord

KEPT_FOR = dt.timedelta(days=7)


class KeyReused(Exception):
    """This Idempotency-Key came with another body before."""


def fingerprint(method: str, path: str, data: Any) -> str:
    """A hash of what was asked; the order of JSON keys does not matter."""
    body = json.dumps(data, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


def once(
    *, caller: str, key: str, mark: str, act: Callable[[], tuple[int, Any]], in_one_transaction: bool = True
) -> tuple[int, Any, bool]:
    """Run `act` and keep its (status, body) in one transaction, or return the kept one; the flag says "a replay".

    Not in one transaction, `act` must stand being repeated: a crash before the reply is kept makes it run again.
    Raises KeyReused when the key was used for another request.
    """
    kept = _kept(caller, key, mark)
    if kept:
        return kept.status, kept.body, True
    try:
        if not in_one_transaction:
            done = act()
        with transaction.atomic():
            status, body = act() if in_one_transaction else done
            IdempotencyRecord.objects.create(caller=caller, key=key, fingerprint=mark, status=status, body=body)
    except IntegrityError:
        kept = _kept(caller, key, mark)  # a parallel twin was faster; what we did is rolled back
        if kept is None:
            raise
        return kept.status, kept.body, True
    return status, body, False


def _kept(caller: str, key: str, mark: str) -> IdempotencyRecord | None:
    record = IdempotencyRecord.objects.filter(caller=caller, key=key).first()
    if record and record.fingerprint != mark:
        raise KeyReused
    return record


def forget_old() -> int:
    """Delete records past their seven days; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]
