"""Reminders and thanks in the demo: those whose day is past have been sent, the others will be."""

from django.utils import timezone

from surveys import channels
from surveys.models import Invitation, Message, Survey

CODE = "support"
DAYS = 4
KIND = Message.Kind.REMINDER1


def switch_on() -> None:
    """Before history is told: its mails then get the dates of their reminders."""
    Survey.objects.filter(code=CODE).update(first_reminder_days=DAYS)


def tell() -> None:
    """After history is told: what was due by now did leave then, and only answers from here on are thanked for."""
    now = timezone.now()
    due = Invitation.objects.filter(next_reminder_at__lte=now).select_related("customer")
    Message.objects.bulk_create(
        [
            Message(
                invitation=invitation,
                kind=KIND,
                address=invitation.customer.email,
                message_id=channels.message_id(invitation, KIND),
                state=Message.State.ACCEPTED,
                created_at=invitation.next_reminder_at or now,
                handed_over_at=invitation.next_reminder_at,
            )
            for invitation in due
        ],
        batch_size=500,
    )
    due.update(reminders_sent=1, next_reminder_at=None)
    Invitation.objects.exclude(thanks_due_at=None).update(thanks_due_at=None)
    Survey.objects.filter(code=CODE).update(sends_thanks=True)
