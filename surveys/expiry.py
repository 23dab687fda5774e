"""The end of a link's life: what nobody answered in time is expired."""

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from surveys.models import Invitation

BUNCH = 1000


def over() -> QuerySet[Invitation]:
    """Sent, not answered, and the link is dead; one that was opened in its last minutes is given the time to settle."""
    end = timezone.now() - dt.timedelta(seconds=settings.SETTLEMENT_SECONDS + 60)
    answers = [Invitation.AnswerState.NONE, Invitation.AnswerState.UNVERIFIED]
    return Invitation.objects.filter(state=Invitation.State.SENT, answer_state__in=answers, expires_at__lte=end)


def expire(*, limit: int = 10_000) -> int:
    """Call expired what was sent and not answered until its link's end, oldest first; returns how many."""
    done = 0
    while done < limit:
        keys = list(over().order_by("expires_at").values_list("pk", flat=True)[:BUNCH])
        # Seen again in the update itself: an answer may have come meanwhile.
        done += over().filter(pk__in=keys).update(state=Invitation.State.EXPIRED, next_reminder_at=None)
        if len(keys) < BUNCH:
            break
    return done
