"""What surveys keeps of customers, how they are known by it, and what is done before it is emptied.

A customer who is erased stays as a number: whoever counted contacts, invitations and answers counts the same.
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ground.erasing import KEY
from ground.holdings import Holding, Subject
from ground.named import EMAIL, ID, NAME, PHONE, Word
from surveys import nobody, own_data, phones, suppression
from surveys.models import Customer, ErasureRequest, Invitation, Message, Suppression

THEIRS = "invitation__customer"
State = Invitation.State


def _nobody(row: Any) -> str:
    return f"erased-{secrets.token_hex(16)}"


def _no_link(row: Any) -> str:
    return secrets.token_hex(32)


HOLDINGS = [
    Holding("surveys.OwnDataLink", own=("customer",), goes=True, secret=("token_hash",)),
    Holding("surveys.Pause", own=("customer",), goes=True),
    Holding("surveys.Consent", own=("customer",), goes=True),
    Holding("surveys.ErasureRequest", own=("customer",), said=("outcome",)),
    Holding("surveys.Skip", own=("interaction__customer",), empty={"reason": ""}, said=("reason",)),
    Holding(
        "surveys.Message", own=(THEIRS,), empty={"address": "", "message_id": "", "provider_id": "", "error": ""},
        plain=("channel", "status_code"),
    ),
    Holding(
        "surveys.Invitation", own=("customer",),
        empty={"error": "", "token_hash": _no_link, "unsubscribe_hash": _no_link, "next_reminder_at": None,
               "thanks_due_at": None},
        plain=("reason", "language", "sent_through", "cell"), secret=("token_hash", "unsubscribe_hash"),
    ),
    Holding("surveys.Decision", own=("interaction__customer",), plain=("reason", "event", "cell", "trace")),
    Holding("surveys.InteractionEvent", own=("interaction__customer",), plain=("kind",)),
    Holding(
        "surveys.Interaction", own=("customer",), empty={"external_id": _nobody, "tags": [], "attributes": {}},
        plain=("source", "reason", "priority"),
    ),
    Holding(
        "surveys.Customer", own=("pk",),
        empty={"external_id": None, "name": "", "email": "", "phone": "", "timezone": "", "no_consent": True,
               "attributes": nobody.segments_of, "is_vip": False, "contract_start": None, "contract_end": None,
               "value": None},
        plain=("language",),
    ),
    # An address that stays suppressed stays as what the key makes of it.
    Holding("surveys.Suppression", plain=("address", "source")),
]  # fmt: skip
# What only people who work here write, and what holds texts that everybody is shown.
PLAIN = (
    "surveys.Agent", "surveys.Segment", "surveys.Survey", "surveys.SurveyVersion", "surveys.Question",
    "surveys.AskingPolicy", "surveys.SendingRule", "surveys.Link", "surveys.WidgetShow", "surveys.Gateway",
)  # fmt: skip


def words_of(typed: str) -> set[Word]:
    """What somebody typed, as each of the things that it may be."""
    if "@" in typed:
        return {Word(EMAIL, typed.lower())}
    phone = phones.e164(typed)
    return ({Word(ID, typed)} if typed else set()) | ({Word(PHONE, phone)} if phone else set())


def widen(subject: Subject) -> None:
    """All customers who are known by one of the words, and everything that these are known by."""
    subject.keys |= _keys_by(subject.words)
    customers = Customer.objects.filter(pk__in=subject.keys)
    for row in customers.values_list("email", "phone", "external_id", "name"):
        subject.words |= _words(*row)
    own = Message.objects.filter(invitation__customer__in=subject.keys).exclude(address="")
    sent_to = suppression.reached(own)
    for address in sent_to.values_list("address", flat=True).distinct():
        subject.words |= _words(*(("", address) if "@" not in address else (address, "")), "", "")
    by_addresses = Message.objects.filter(address__in=_addresses(subject))
    subject.keys |= set(by_addresses.values_list(THEIRS, flat=True))


def _keys_by(words: Iterable[Word]) -> set[int]:
    texts = {kind: {word.text for word in words if word.kind == kind} for kind in (EMAIL, PHONE, ID)}
    found = Customer.objects.filter(Q(email__in=texts[EMAIL]) | Q(external_id__in=texts[ID]))
    keys = set(found.values_list("pk", flat=True))
    for address in texts[EMAIL]:
        keys |= set(Customer.objects.filter(email__iexact=address).values_list("pk", flat=True))
    for phone in texts[PHONE]:
        # However it was written, its last digits stand together.
        near = Customer.objects.filter(phone__contains=phone[-2:]).values_list("pk", "phone")
        keys |= {key for key, written in near.iterator() if phones.e164(written) == phone}
    return keys


def _words(email: str, phone: str, external_id: str | None, name: str) -> set[Word]:
    written = phones.e164(phone) if phone else ""
    return {
        word
        for word in (
            Word(EMAIL, email.strip().lower()),
            Word(PHONE, written),
            Word(ID, external_id or ""),
            Word(NAME, name),
        )
        if word.text
    }


def _addresses(subject: Subject) -> set[str]:
    return {word.text for word in subject.words if word.kind in (EMAIL, PHONE)}


def known() -> Iterator[tuple[Word, int | None, Any]]:
    """Everything that customers are known by, with the key and since when: what an erasure is recognised by."""
    rows = Customer.objects.values_list("pk", "created_at", "email", "phone", "external_id", "name")
    for key, since, email, phone, external_id, name in rows.iterator():
        yield Word(KEY, str(key)), key, since
        for word in _words(email, phone, external_id, name):
            yield word, key, since
    sent_to = suppression.reached(Message.objects.exclude(address="")).values_list("address", THEIRS, "created_at")
    for address, key, since in sent_to.iterator():
        yield Word(EMAIL if "@" in address else PHONE, suppression.fold(address)), key, since
    for address, since in Suppression.objects.values_list("address", "created_at").iterator():
        yield Word(EMAIL if "@" in address else PHONE, address), None, since


def settle(subject: Subject) -> None:
    """Nothing more goes out to them: what waits is called off, and their addresses stay suppressed, unreadably."""
    waiting = Invitation.objects.filter(customer__in=subject.keys, state__in=Invitation.WAITING)
    waiting.update(state=State.CANCELLED)
    suppression.make_unreadable(_addresses(subject))
    still_open = ErasureRequest.objects.filter(customer__in=subject.keys, closed_at=None)
    still_open.update(closed_at=timezone.now(), outcome=own_data.ERASED)
