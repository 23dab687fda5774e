"""Mails whose end a person settles: nobody knows whether they left, or the mail server refused them for good.

An answer proves that an uncertain mail arrived, so such a one needs nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from ground import audit
from ground.access import Scope
from ground.models import AuditEntry, Role, User
from surveys.models import Invitation, Message

State = Invitation.State
SENT_AGAIN, LEFT = "mail.sent_again", "mail.left"
TAKEN_AS_SENT = "taken as sent by hand"
UNCERTAIN = Q(state=State.UNCERTAIN, answer_state=Invitation.AnswerState.NONE)


@dataclass(frozen=True)
class Settled:
    """How many mails an act settled, how many were not as they had been seen, and who had settled those."""

    count: int
    missed: int
    others: tuple[str, ...]


def uncertain(scope: Scope) -> QuerySet[Invitation]:
    """Handed over in teams that this scope manages, without the server's word and without an answer."""
    return _managed(scope).filter(UNCERTAIN)


def failed(scope: Scope) -> QuerySet[Invitation]:
    """Refused for good, in teams that this scope manages."""
    return _managed(scope).filter(state=State.FAILED)


def with_last_try(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """The invitations, each with the key of its last message as `last_try`, 0 when there was none."""
    return invitations.annotate(last_try=Coalesce(Max("messages__pk"), 0))


def send_again(seen: Mapping[int, int], *, scope: Scope, by: User) -> Settled:
    """Put mails back into the queue; `seen` maps an invitation to its last try as the person saw it.

    A link that is too old stays where it is. The checks are made once more before the mail leaves.
    """
    now = timezone.now()

    def change(rows: QuerySet[Invitation]) -> int:
        again = rows.filter(UNCERTAIN | Q(state=State.FAILED), expires_at__gt=now)
        Invitation.mark_days(again.values_list("pk", flat=True))  # of the day on which it will not have been sent
        return again.update(
            state=State.PLANNED, due_at=now, sent_at=None, error="", attempts=0, lease="", leased_until=None
        )

    return _settle(seen, change, scope=scope, by=by, verb=SENT_AGAIN)


def leave(seen: Mapping[int, int], *, scope: Scope, by: User) -> Settled:
    """Ask no more about these mails: an uncertain one is taken as sent, a failed one is called off."""

    def change(rows: QuerySet[Invitation]) -> int:
        taken = rows.filter(state=State.UNCERTAIN).update(state=State.SENT, error=TAKEN_AS_SENT)
        return taken + rows.filter(state=State.FAILED).update(state=State.CANCELLED)

    return _settle(seen, change, scope=scope, by=by, verb=LEFT)


def _managed(scope: Scope) -> QuerySet[Invitation]:
    return Invitation.objects.filter(scope.rows(least=Role.MANAGER))


@transaction.atomic
def _settle(
    seen: Mapping[int, int], change: Callable[[QuerySet[Any]], int], *, scope: Scope, by: User, verb: str
) -> Settled:
    """Make the change where the last try is still the one seen: a mail that failed anew is another question."""
    settled: list[int] = []
    missed: list[int] = []
    for pk, last_try in sorted(seen.items()):  # in one order, so that two people never wait for each other
        later = Message.objects.filter(invitation=OuterRef("pk"), pk__gt=last_try)
        rows = _managed(scope).filter(~Exists(later), pk=pk)
        (settled if change(rows) else missed).append(pk)
    for invitation in Invitation.objects.filter(pk__in=settled):
        audit.note(verb, by=by, subject=invitation)
    return Settled(count=len(settled), missed=len(missed), others=_who(_managed(scope).filter(pk__in=missed)))


def _who(invitations: QuerySet[Invitation]) -> tuple[str, ...]:
    subjects = [f"{Invitation._meta.label_lower}:{pk}" for pk in invitations.values_list("pk", flat=True)]
    entries = AuditEntry.objects.filter(subject__in=subjects, verb__in=[SENT_AGAIN, LEFT], actor__isnull=False)
    return tuple(dict.fromkeys(str(entry.actor) for entry in entries.select_related("actor")))
