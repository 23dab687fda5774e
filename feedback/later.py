"""What an answer changes of what its customer is asked and answers later, which somebody may count by day.

Later answers are repeats of it, and of whoever is asked later it is what they said last.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models.functions import TruncDate

from feedback.models import Response
from ground.models import Change, Organisation
from surveys.models import Invitation

SCOPE = "repeats"
# Answers further apart have nothing to do with each other.
LONGEST = dt.timedelta(days=366)


def mark(*told: tuple[int | None, dt.datetime]) -> None:
    """Mark the days of the later answers of these customers, and of what they were asked later."""
    since: dict[int, dt.datetime] = {}
    for customer, at in told:
        if customer is not None:
            since[customer] = min(at, since.get(customer, at))
    if not since:
        return
    later = Response.objects.filter(
        customer__in=since, answered_at__gt=min(since.values()), answered_at__lte=max(since.values()) + LONGEST
    )
    on = later.order_by().annotate(on=TruncDate("answered_at", tzinfo=Organisation.current().timezone))
    Change.mark(SCOPE, *on.values_list("on", flat=True).distinct())
    sent = Invitation.objects.filter(customer__in=since, sent_at__gt=min(since.values()))
    Change.mark("invitation", *sent.values_list("sent_at", flat=True))


def mark_of(responses: Iterable[Response]) -> None:
    """Mark the days of what the customers of these answers answered later."""
    mark(*((response.customer_id, response.answered_at) for response in responses))
