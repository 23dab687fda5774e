"""The end of a link's life: what nobody answered in time is expired."""

import datetime as dt

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from ground import limits
from ground.limits import Limit
from surveys.models import Invitation, Survey

BUNCH = 1000
ONCE_A_DAY = Limit("mix-anonymous", 1, 86_400)


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


def mix_anonymous() -> int:
    """Once a day write anew, in one go, which invitations were answered anonymously the day before; returns how many.

    PostgreSQL notes beside each row the transaction that wrote it, and an answer and its invitation share one.
    """
    if not limits.hit(ONCE_A_DAY, ""):
        return 0
    since = timezone.now() - dt.timedelta(days=3)
    answered = Invitation.objects.filter(survey__in=Survey.objects.filter(is_anonymous=True), answered_at__gte=since)
    return answered.update(answered_at=F("answered_at"))
