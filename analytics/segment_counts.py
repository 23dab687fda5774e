"""Which segments of customers contacts belong to: what the CRM tells of the customers, by their attributes."""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from analytics.slice_counts import kinds_of
from surveys.models import Interaction, Segment
from surveys.segments import LONGEST

CONTACT_KEY = ("kind", "value", "team", "channel", "fact")
DURATION_KEY = ("kind", "value", "team", "channel", "span", "bucket")
RETURN_KEY = ("kind", "value", "team", "channel", "ended", "marks")


def of_contacts(rows: QuerySet[Interaction]) -> dict[int, list[str]]:
    """By the keys of these contacts what their customers are, like "plan=gold"."""
    found, attributes = _found(rows)
    return {pk: [f"{attributes[at]}={value}" for at, value in values] for pk, (_team, values) in found.items()}


def kept_of_contacts(rows: QuerySet[Interaction]) -> dict[int, list[tuple[str, str]]]:
    """The same with the kinds they are counted by; of an attribute that has another value for every customer, the most
    frequent ones alone."""
    found, attributes = _found(rows)
    ranks: dict[int, Counter[tuple[int | None, str]]] = defaultdict(Counter)
    for team, values in found.values():
        for at, value in values:
            ranks[at][team, value] += 1
    kinds = {at: kinds_of(rank) for at, rank in ranks.items()}
    return {
        pk: [(kind, f"{attributes[at]}={value}") for at, value in values if (kind := kinds[at].get((team, value)))]
        for pk, (team, values) in found.items()
    }


def _found(rows: QuerySet[Interaction]) -> tuple[dict[int, tuple[int | None, list[tuple[int, str]]]], list[str]]:
    """By the keys of contacts their team, and each value with the place of its attribute; and the attributes."""
    attributes = list(Segment.objects.values_list("attribute", flat=True))
    if not attributes:
        return {}, []
    told: dict[str, Any] = {
        f"segment{place}": KeyTextTransform(attribute, "customer__attributes")
        for place, attribute in enumerate(attributes)
    }
    known = rows.order_by().exclude(customer__attributes={}).annotate(**told).values_list("pk", "team", *told)
    return {
        pk: (team, [(at, str(value)[:LONGEST]) for at, value in enumerate(values) if value not in (None, "")])
        for pk, team, *values in known
    }, attributes
