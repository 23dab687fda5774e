"""A contact and a customer of nobody: what an invitation belongs to once it has been taken from its customer."""

import datetime as dt
import secrets
from importlib import import_module

from django.conf import settings

from surveys.models import Customer, Interaction, Segment

# No contact of anybody's, so that contacts are counted as before.
SOURCE = f"{Interaction.BY_LINK}kept"
# A customer of whom nothing is known.
UNKNOWN: dict[str, str | None] = {"external_id": None, "email": "", "phone": "", "name": ""}
TIMES = (
    "created_at", "enqueued_at", "answered_at", "first_response_at", "resolved_at", "closed_at", "reopened_at",
    "updated_at", "received_at",
)  # fmt: skip


def segments_of(customer: Customer) -> dict[str, object]:
    """Of a customer's attributes only what the indicators are narrowed by: few values, each of many customers."""
    kept = set(Segment.objects.values_list("attribute", flat=True))
    return {name: value for name, value in customer.attributes.items() if name in kept}


def instead_of(contact: Interaction, *, begins: dt.datetime) -> Interaction:
    """A contact that was served as this one was, begun at that moment, of a customer of whom nothing is known."""
    customer = Customer.objects.create(
        attributes=segments_of(contact.customer), no_consent=True, created_at=begins, language=""
    )
    span = contact.created_at - begins
    told = {field.attname: getattr(contact, field.attname) for field in contact._meta.concrete_fields}
    told |= {name: told[name] - span for name in TIMES if told[name]}
    own = {"id": None, "source": SOURCE, "external_id": secrets.token_hex(16), "customer_id": customer.pk}
    return Interaction.objects.create(**told | own | {"tags": [], "attributes": _kept_of(contact)})


def _kept_of(contact: Interaction) -> dict[str, str]:
    """What others count of the contact and could not tell of it alone."""
    alone = Interaction.objects.filter(pk=contact.pk)
    found: dict[str, str] = {}
    for name in settings.CONTACT_MODULES:
        found |= import_module(name).kept_of(alone).get(contact.pk, {})
    return found
