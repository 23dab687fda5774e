"""Rows of customers with one value of an attribute that is a segment, like "plan=gold"."""

from django.db.models import CharField, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Left
from django.db.models.lookups import Exact

from ground.text import is_storable
from surveys.models import Segment

# So much of a value is told; counts by segment keep no more of it.
LONGEST = 64


def read(text: str) -> tuple[Segment | None, str]:
    """The segment and the value that an address asks for; None for an attribute that is no segment."""
    attribute, _equals, value = text.partition("=")
    return (Segment.objects.filter(attribute=attribute).first() if value and is_storable(text) else None), value


def having(text: str, *, customer: str = "customer") -> Q:
    """The condition on rows whose customers have it; `customer` leads to them. `read` says whether it is a segment."""
    attribute, _equals, value = text.partition("=")
    told = Cast(KeyTextTransform(attribute, f"{customer}__attributes"), CharField())
    return Q(Exact(Left(told, LONGEST), Value(value)))
