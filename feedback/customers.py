"""What is known of customers beside each other: the last score, the last contact, and who was unhappy lately."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
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
    covered = scope.rows(own=OWN)
    newest = _counted(scope).filter(customer=OuterRef("pk")).order_by("-answered_at", "-pk").values("pk")[:1]
    last = Customer.objects.filter(pk__in=customers).annotate(last=Subquery(newest)).values_list("last", flat=True)
    answers = Response.objects.filter(pk__in=[key for key in last if key]).select_related("survey")
    by_customer = {answer.customer_id: answer for answer in answers}
    since = timezone.now() - LATELY
    contacts = Interaction.objects.filter(covered, CONTACTS, customer__in=customers).order_by().values("customer")
    counted = contacts.annotate(
        came=Max("created_at"),
        lately=Count("pk", filter=Q(created_at__gte=since)),
        every=Count("pk"),
        complaints=Count("pk", filter=Q(is_complaint=True)),
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
    answers = _counted(scope).filter(customer=customer).select_related("survey").order_by("-answered_at", "-pk")
    found: dict[str, Response] = {}
    for answer in answers[:100]:
        found.setdefault(answer.scale, answer)
    return list(found.values())


def unhappy(scope: Scope) -> list[int]:
    """Customers with a low score among the newest answers of four weeks, by primary key; the newest come first."""
    since = timezone.now() - UNHAPPY_LATELY
    newest = _counted(scope).filter(answered_at__gte=since).order_by("-answered_at", "-pk")
    looked = Response.objects.filter(pk__in=newest.values("pk")[:LOOKED_THROUGH])
    low = looked.filter(in_band("low"), customer__isnull=False).order_by("-answered_at", "-pk")
    return list(dict.fromkeys(low.values_list("customer", flat=True)[:MOST]))


def _counted(scope: Scope) -> QuerySet[Response]:
    return Response.objects.filter(
        scope.rows(own=OWN), evidence__in=Response.COUNTED, is_excluded=False, score__isnull=False
    )
