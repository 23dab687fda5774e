"""Not asking a customer for a while: while a case is open, while mails do not get through, or at somebody's word."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from surveys.models import Customer, Pause


def pause(customer: Customer, *, reason: str, until: dt.datetime | None = None, source: str = "") -> Pause:
    """Begin a pause, or prolong the one that the same source keeps for the same reason."""
    kept = running(at=timezone.now()).filter(customer=customer, reason=reason, source=source[:100]).first()
    if kept is None:
        return Pause.objects.create(customer=customer, reason=reason, until=until, source=source[:100])
    if kept.until is not None and (until is None or until > kept.until):
        kept.until = until
        kept.save(update_fields=["until"])
    return kept


def end(customer: Customer, *, reason: str, source: str = "") -> int:
    """End what this source paused for this reason; returns how many pauses that were."""
    now = timezone.now()
    ends = running(at=now).filter(customer=customer, reason=reason, source=source[:100])
    return ends.update(until=now)


def running(*, at: dt.datetime) -> QuerySet[Pause]:
    """The pauses that have not ended at that moment."""
    return Pause.objects.filter(Q(until=None) | Q(until__gt=at))


def is_paused(customer: Customer) -> bool:
    return running(at=timezone.now()).filter(customer=customer).exists()
