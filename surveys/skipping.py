"""Not asking about one interaction because a colleague said so, with a reason that is kept and counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ground import audit
from ground.calendars import Calendars
from ground.models import User
from ground.text import clean_line
from surveys import daily, deciding, windows
from surveys.eligibility import Verdict
from surveys.models import Agent, AskingPolicy, Customer, Interaction, Invitation, Skip
from surveys.sampling import Lot

State = Invitation.State
TRACE = (("eligible", False),)
# The one reason that no person typed: it is kept in English and read in the reader's language.
HISTORY = gettext_noop("imported as history")


class Refused(ValueError):
    """A skip that cannot be; the message is for people."""


@dataclass(frozen=True)
class Skipped:
    """The skip, whether it is new, and how many planned mails it held back."""

    skip: Skip
    is_new: bool
    held_back: int


@transaction.atomic
def skip(interaction: Interaction, *, reason: str, by: User | None = None, agent: Agent | None = None) -> Skipped:
    """Do not ask about this interaction: what is planned is refused, what comes later too.

    `agent` is whose skips it counts among. A second skip changes nothing. Raises Refused without a reason, or when the
    customer was asked already.
    """
    reason = clean_line(reason)[: Skip._meta.get_field("reason").max_length]
    if not reason:
        raise Refused(_("Say why the customer should not be asked."))
    Customer.objects.select_for_update().get(pk=interaction.customer_id)
    invitations = list(Invitation.objects.filter(interaction=interaction).select_related("rule__survey", "customer"))
    known = Skip.objects.filter(interaction=interaction).first()
    if known:
        return Skipped(skip=known, is_new=False, held_back=0)
    if any(invitation.state in (State.SENDING, State.SENT, State.UNCERTAIN) for invitation in invitations):
        raise Refused(_("It is too late: the customer was asked already."))
    made = Skip.objects.create(interaction=interaction, reason=reason, by=by, agent=agent)
    if by:
        audit.note("ask.skipped", by=by, subject=interaction)
    return Skipped(skip=made, is_new=True, held_back=sum(_hold_back(interaction, one) for one in invitations))


def in_words(made: Skip) -> str:
    """Why nobody is to be asked, as the reader understands it."""
    return _(HISTORY) if made.reason == HISTORY else made.reason


def leave_out(interactions: Sequence[Interaction], *, reason: str, by: User | None) -> None:
    """Ask about none of these, which are told as history; whoever is asked about one already stays asked."""
    keys = [interaction.pk for interaction in interactions]
    asked = set(Invitation.objects.filter(interaction__in=keys).values_list("interaction_id", flat=True))
    made = [Skip(interaction_id=pk, reason=reason, by=by) for pk in dict.fromkeys(keys) if pk not in asked]
    Skip.objects.bulk_create(made, ignore_conflicts=True)


def _hold_back(interaction: Interaction, invitation: Invitation) -> bool:
    """Refuse a planned mail, unless a worker has just begun to send it."""
    waiting = Invitation.objects.filter(pk=invitation.pk, state__in=Invitation.WAITING)
    if not waiting.update(state=State.REFUSED, error="skipped", lease="", leased_until=None):
        return False
    if invitation.rule and invitation.rule.daily_maximum is not None:
        hours = windows.window(
            AskingPolicy.current(), customer=invitation.customer, calendars=Calendars(), team_id=interaction.team_id
        )
        daily.give_back(invitation.rule, invitation.leaves_at.astimezone(hours.zone).date())
    lot = Lot(cell=invitation.cell, weight=invitation.weight)
    verdict = Verdict(reason="skipped", trace=TRACE)
    deciding.store(interaction, rule=invitation.rule, verdict=verdict, again=invitation, now=timezone.now(), lot=lot)
    return True
