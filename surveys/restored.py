"""What a restored database must not do again: whatever was due by now may have left since the backup was made."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from ground.halting import MAY_HAVE_LEFT
from surveys import invitations, own_data, reminders, schedule, thanks
from surveys.attempts import FREE
from surveys.models import Invitation, RuleSchedule


@transaction.atomic
def settle(*, now: dt.datetime | None = None) -> int:
    """Call every invitation uncertain that was due, for a person to look at; returns how many.

    Reminders and thanks that were due are dropped, mails with links to own data count as sent, and surveys at intervals
    go on from this moment.
    """
    now = now or timezone.now()
    due = list(invitations.waiting().values_list("pk", flat=True))
    for start in range(0, len(due), 500):
        some = due[start : start + 500]
        Invitation.objects.filter(pk__in=some).update(
            state=Invitation.State.UNCERTAIN, sent_at=now, error=MAY_HAVE_LEFT, **FREE
        )
        Invitation.mark_days(some)
    reminders.waiting().update(next_reminder_at=None)
    thanks.waiting().update(thanks_due_at=None)
    own_data.waiting().update(sent_at=now, error=MAY_HAVE_LEFT)  # whoever got none asks for another
    minute = schedule.minute_of(now)
    RuleSchedule.objects.update(upto=minute, until=minute, cursor=0)
    return len(due)
