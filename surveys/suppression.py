"""Addresses that get no more mail, and the verbs that change the list."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from surveys.models import Customer, Invitation, Suppression, Survey

Reason = Suppression.Reason
# A customer's own word outlives a dead address, which shows itself again; a spam report is for ever.
STRENGTH: list[str] = [Reason.MANUAL, Reason.HARD_BOUNCE, Reason.UNSUBSCRIBED, Reason.SPAM_REPORT, Reason.ERASED]


def is_suppressed(address: str, survey: Survey) -> Suppression | None:
    """The entry that forbids mail of this survey to this address, or None."""
    return Suppression.objects.filter(Q(survey=None) | Q(survey=survey), address=fold(address)).order_by("pk").first()


def fold(address: str) -> str:
    """The form in which addresses are compared."""
    return address.strip().lower()


def suppress(address: str, *, reason: str, survey: Survey | None = None, source: str = "") -> None:
    """Put an address on the list, for one survey or for all. Of two reasons the stronger stays, the first of equals."""
    told = {"reason": reason, "source": source[:100]}
    entry, is_new = Suppression.objects.get_or_create(address=fold(address), survey=survey, defaults=told)
    if not is_new and STRENGTH.index(reason) > STRENGTH.index(entry.reason):
        Suppression.objects.filter(pk=entry.pk).update(**told, created_at=timezone.now())


@transaction.atomic
def unsubscribe(invitation: Invitation, *, everything: bool) -> None:
    """Stop asking this customer: through this survey or through any. Mails not yet handed over are held back by it."""
    customer = Customer.objects.get(pk=invitation.customer_id)
    for address in _addresses(invitation, customer):
        suppress(
            address,
            reason=Suppression.Reason.UNSUBSCRIBED,
            survey=None if everything else invitation.survey,
            source=f"survey {invitation.survey.code}",
        )


@transaction.atomic
def resubscribe(invitation: Invitation) -> None:
    """Undo the customer's own unsubscription; entries made for another reason stay."""
    addresses = _addresses(invitation, invitation.customer)
    Suppression.objects.filter(
        Q(survey=None) | Q(survey=invitation.survey),
        address__in=addresses,
        reason=Suppression.Reason.UNSUBSCRIBED,
    ).delete()


def _addresses(invitation: Invitation, customer: Customer) -> list[str]:
    """Where the mail went and where the next one would go."""
    sent_to = invitation.messages.values_list("address", flat=True)
    return sorted({fold(address) for address in [*sent_to, customer.email] if address})
