"""Which segments of customers contacts belong to: what the CRM tells of the customers, by their attributes."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from analytics.slice_counts import MOST_VALUES
from surveys.models import Interaction, Segment
from surveys.segments import LONGEST

CONTACT_KEY = ("kind", "value", "team", "channel", "fact")
DURATION_KEY = ("kind", "value", "team", "channel", "span", "bucket")
RETURN_KEY = ("kind", "value", "team", "channel", "ended", "marks")


def of_contacts(rows: QuerySet[Interaction], *, most: int | None = MOST_VALUES) -> dict[int, list[str]]:
    """By the keys of these contacts what their customers are, like "plan=gold".

    Of an attribute that has another value for every customer, the `most` frequent ones alone.
    """
    attributes = list(Segment.objects.values_list("attribute", flat=True))
    if not attributes:
        return {}
    told: dict[str, Any] = {
        f"segment{place}": KeyTextTransform(attribute, "customer__attributes")
        for place, attribute in enumerate(attributes)
    }
    found: dict[int, list[tuple[int, str]]] = {}
    for pk, *values in rows.order_by().exclude(customer__attributes={}).annotate(**told).values_list("pk", *told):
        found[pk] = [(at, str(value)[:LONGEST]) for at, value in enumerate(values) if value not in (None, "")]
    kept = _most_frequent(found, most) if most else None
    return {
        pk: [f"{attributes[at]}={value}" for at, value in values if kept is None or (at, value) in kept]
        for pk, values in found.items()
    }


def _most_frequent(found: dict[int, list[tuple[int, str]]], most: int) -> set[tuple[int, str]]:
    rank = Counter(each for values in found.values() for each in values)
    kept: set[tuple[int, str]] = set()
    for place in {at for at, _value in rank}:
        own = sorted((each for each in rank if each[0] == place), key=lambda each: (-rank[each], each[1]))
        kept.update(own[:most])
    return kept
