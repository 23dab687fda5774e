"""The filter “by the day on which the contact ended”: it comes with a link from the indicators, and goes."""

import datetime as dt

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan, LessThanOrEqual

CONTACT = "invitation__interaction"
# What ends a contact; one of which nothing is told ended as it began.
ENDS = ("closed_at", "resolved_at", "created_at")
# An answer further from the end of its contact is not looked for, and counted by no such day.
AROUND = dt.timedelta(days=92)


def of_responses(since: dt.datetime | None, until: dt.datetime | None) -> Q:
    """The condition on responses about contacts that ended within these moments."""
    ended = Coalesce(*(f"{CONTACT}__{name}" for name in ENDS))
    late = ExpressionWrapper(F("answered_at") - ended, output_field=DurationField())
    condition = Q(invitation__isnull=False)
    condition &= Q(LessThanOrEqual(late, Value(AROUND))) & Q(GreaterThanOrEqual(late, Value(-AROUND)))
    if since:
        condition &= Q(answered_at__gte=since - AROUND) & Q(GreaterThanOrEqual(ended, Value(since)))
    if until:
        condition &= Q(answered_at__lt=until + AROUND) & Q(LessThan(ended, Value(until)))
    return condition
