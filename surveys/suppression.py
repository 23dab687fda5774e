"""Addresses that get no more mail, and the verbs that change the list."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ground import hashed_file, optouts
from surveys import consents, phones
from surveys.consents import Said
from surveys.models import Consent, Customer, Gateway, Invitation, Message, Suppression, Survey

Reason = Suppression.Reason
# A customer's own word outlives a dead address, which shows itself again; a spam report is for ever.
STRENGTH: list[str] = [Reason.MANUAL, Reason.HARD_BOUNCE, Reason.UNSUBSCRIBED, Reason.SPAM_REPORT, Reason.ERASED]
# What the file beside the keys has to remember through a restore.
OWN_WORD = (Reason.UNSUBSCRIBED, Reason.SPAM_REPORT)
RESTORED, IMPORTED = "file of opt-outs", "import"
# What an entry begins with whose address only the key can tell.
UNREADABLE = "erased:"


def is_suppressed(address: str, survey: Survey) -> Suppression | None:
    """The entry that forbids mail of this survey to this address, or None."""
    kept = Suppression.objects.filter(Q(survey=None) | Q(survey=survey), address__in=readings([fold(address)]))
    return kept.order_by("pk").first()


def readings(addresses: Iterable[str]) -> dict[str, str]:
    """Everything that may stand on the list for these folded addresses, each with the address that it stands for."""
    found = {address: address for address in addresses if address}
    return found | {unreadable(address): address for address in found}


def unreadable(address: str) -> str:
    """What stands on the list for the folded address of somebody who was erased."""
    return f"{UNREADABLE}{hashed_file.digest('suppressed', address)}"


def make_unreadable(addresses: Iterable[str]) -> None:
    """Nobody is asked under these folded addresses any more, and nobody can read them on the list."""
    for address in addresses:
        Suppression.objects.filter(address=address).delete()
        told = {"reason": Reason.ERASED, "source": ""}
        Suppression.objects.get_or_create(address=unreadable(address), survey=None, defaults=told)


def fold(address: str) -> str:
    """The form in which addresses are compared: e-mail in small letters, telephone numbers as E.164."""
    address = address.strip().lower()
    return address if "@" in address else phones.e164(address) or address


def dead(customers: Iterable[Customer]) -> set[str]:
    """Those of their addresses, folded, from which mail came back for good."""
    addresses = {fold(text) for customer in customers for text in (customer.email, customer.phone) if text}
    found = Suppression.objects.filter(address__in=addresses, survey=None, reason=Suppression.Reason.HARD_BOUNCE)
    return set(found.values_list("address", flat=True))


def suppress(address: str, *, reason: str, survey: Survey | None = None, source: str = "") -> bool:
    """Put an address on the list, for one survey or for all; False when it was there for a reason as strong.

    Of two reasons the stronger stays, the first of equals. A mail whose address was erased names nobody.
    """
    if not address:
        return False
    told = {"reason": reason, "source": source[:100]}
    if reason in OWN_WORD:
        # Before the commit: a line too much in the file is on the safe side, a line too few is not.
        optouts.note(fold(address), is_out=True, scope=survey.code if survey else optouts.ALL)
    entry, is_new = Suppression.objects.get_or_create(address=fold(address), survey=survey, defaults=told)
    if not is_new and STRENGTH.index(reason) <= STRENGTH.index(entry.reason):
        return False
    if not is_new:
        Suppression.objects.filter(pk=entry.pk).update(**told, created_at=timezone.now())
    return True


def unsubscribe(invitation: Invitation, *, everything: bool, said: Said | None = None) -> None:
    """Stop asking this customer: through this survey or through any. Mails not yet handed over are held back by it."""
    survey, source = None if everything else invitation.survey, f"survey {invitation.survey.code}"
    stop(invitation.customer, addresses_of(invitation), survey=survey, source=source, said=said)


@transaction.atomic
def stop(
    customer: Customer, addresses: Iterable[str], *, survey: Survey | None, source: str, said: Said | None = None
) -> None:
    """Put the customer's addresses on the list by the customer's own word, for one survey or for all."""
    for address in addresses:
        suppress(address, reason=Reason.UNSUBSCRIBED, survey=survey, source=source)
    if said:
        consents.record(customer, Consent.Act.UNSUBSCRIBED, said, survey=survey)


def resubscribe(invitation: Invitation, *, said: Said | None = None) -> None:
    """Undo the customer's own unsubscription; entries made for another reason stay."""
    resume(invitation.customer, addresses_of(invitation), surveys=[invitation.survey], said=said)


@transaction.atomic
def resume(
    customer: Customer, addresses: Iterable[str], *, surveys: Collection[Survey], said: Said | None = None
) -> None:
    """Take back what the customer stopped, for all surveys and for these."""
    addresses = set(addresses)
    entries = Suppression.objects.filter(Q(survey=None) | Q(survey__in=surveys), address__in=addresses)
    entries.filter(reason=Reason.UNSUBSCRIBED).delete()
    kept = Suppression.objects.filter(survey=None, address__in=addresses, reason=Reason.SPAM_REPORT)
    for address in addresses - set(kept.values_list("address", flat=True)):
        for scope in (optouts.ALL, *(survey.code for survey in surveys)):
            optouts.note(address, is_out=False, scope=scope)
    if said:
        consents.record(customer, Consent.Act.RESUBSCRIBED, said)


def standing(invitation: Invitation) -> list[Suppression]:
    """What keeps mail from this customer, for this survey or for all, the widest first."""
    addresses = addresses_of(invitation)
    entries = Suppression.objects.filter(Q(survey=None) | Q(survey=invitation.survey), address__in=addresses)
    return sorted(entries, key=lambda entry: entry.survey_id is not None)


@transaction.atomic
def reapply_optouts() -> int:
    """After a restore: put everybody on the list again who had opted out by the file; returns how many entries."""
    gone = optouts.standing()
    surveys = {survey.code: survey for survey in Survey.objects.all()}
    count = 0
    for address in _known_addresses() if gone else ():
        hashed = optouts.digest(address)
        for scope in (optouts.ALL, *surveys):
            if (hashed, scope) in gone:
                survey = surveys.get(scope)
                told = {"reason": Reason.UNSUBSCRIBED, "source": RESTORED}
                entry, is_new = Suppression.objects.get_or_create(address=address, survey=survey, defaults=told)
                if not is_new and STRENGTH.index(Reason.UNSUBSCRIBED) > STRENGTH.index(entry.reason):
                    is_new = bool(Suppression.objects.filter(pk=entry.pk).update(**told))
                count += is_new
    return count


def _known_addresses() -> Iterable[str]:
    """Every address that mail has gone or might go to."""
    known = Customer.objects.exclude(email="").values_list("email", flat=True)
    called = Customer.objects.exclude(phone="").values_list("phone", flat=True)
    sent_to = reached(Message.objects.exclude(address="")).values_list("address", flat=True)
    return sorted({fold(address) for rows in (known, called, sent_to) for address in rows.distinct().iterator()})


def reached(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Those whose address is one: what was handed over to the CRM bears its number of the customer, however much that
    looks like a telephone."""
    return messages.exclude(~Q(address__contains="@"), channel=Gateway.Kind.WEBHOOK)


def addresses_of(invitation: Invitation) -> list[str]:
    """Where the mail went and where the next one would go."""
    customer = invitation.customer
    sent_to = reached(invitation.messages.all()).values_list("address", flat=True)
    return sorted({fold(address) for address in [*sent_to, customer.email, customer.phone] if address})
