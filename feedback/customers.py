"""What is known of customers beside each other: the last score, the last contact, and who was unhappy lately."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Max, Model, Q, QuerySet
from django.utils import timezone

from feedback.choices import OWN
from feedback.filters import in_band
from feedback.models import Response
from ground.access import Scope
from surveys.models import Customer, Interaction
from surveys.returning import CONTACTS

LATELY = dt.timedelta(days=90)
UNHAPPY_LATELY = dt.timedelta(days=28)
# So many of the newest answers are looked through for low scores, and so many customers are named.
LOOKED_THROUGH, MOST = 20_000, 1000
COUNTED = Q(evidence__in=Response.COUNTED, is_excluded=False, score__isnull=False)
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Lately:
    """The newest counted score, when the last contact began, and how many there were."""

    last: Response | None = None
    came: dt.datetime | None = None
    contacts: int = 0
    of_all: int = 0
    complaints: int = 0


def lately(customers: Collection[int], *, scope: Scope) -> dict[int, Lately]:
    """Of each of these customers, from the rows that the scope covers; three statements for all of them."""
    newest: dict[int | None, int] = {}
    answers = of_customers(Response, customers, scope=scope).filter(COUNTED).order_by("-answered_at", "-pk")
    for customer, key in answers.values_list("customer", "pk"):
        newest.setdefault(customer, key)
    last = Response.objects.filter(pk__in=newest.values()).select_related("survey")
    by_customer = {answer.customer_id: answer for answer in last}
    since = timezone.now() - LATELY
    contacts = of_customers(Interaction, customers, scope=scope).filter(CONTACTS)
    counted = (
        contacts.order_by()
        .values("customer")
        .annotate(
            came=Max("created_at"),
            lately=Count("pk", filter=Q(created_at__gte=since)),
            every=Count("pk"),
            complaints=Count("pk", filter=Q(is_complaint=True)),
        )
    )
    found = {row["customer"]: row for row in counted}
    return {
        key: Lately(
            last=by_customer.get(key),
            came=found[key]["came"] if key in found else None,
            contacts=found[key]["lately"] if key in found else 0,
            of_all=found[key]["every"] if key in found else 0,
            complaints=found[key]["complaints"] if key in found else 0,
        )
        for key in customers
    }


def last_scores(customer: Customer, *, scope: Scope) -> list[Response]:
    """The newest counted answer on each scale, of the customer's last hundred."""
    answers = of_customers(Response, [customer.pk], scope=scope).filter(COUNTED).select_related("survey")
    answers = answers.order_by("-answered_at", "-pk")
    found: dict[str, Response] = {}
    for answer in answers[:100]:
        found.setdefault(answer.scale, answer)
    return list(found.values())


def unhappy(scope: Scope) -> list[int]:
    """Customers with a low score among the newest answers of four weeks, by primary key; the newest come first."""
    since = timezone.now() - UNHAPPY_LATELY
    newest = Response.objects.filter(COUNTED, scope.rows(own=OWN), answered_at__gte=since)
    newest = newest.order_by("-answered_at", "-pk")
    looked = Response.objects.filter(pk__in=newest.values("pk")[:LOOKED_THROUGH])
    low = looked.filter(in_band("low"), customer__isnull=False).order_by("-answered_at", "-pk")
    return list(dict.fromkeys(low.values_list("customer", flat=True)[:MOST]))


def of_customers(model: type[Row], customers: Collection[int], *, scope: Scope) -> QuerySet[Row]:
    """The rows of these customers that the scope covers.

    Found by their keys: with the team beside the customer SQLite would walk through the whole team's rows.
    """
    rows = model._default_manager
    return rows.filter(scope.rows(own=OWN), pk__in=rows.filter(customer__in=customers).order_by().values("pk"))
