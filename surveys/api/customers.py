"""`/api/v1/customers/`: whom we may ask, as the CRM knows them."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ground import api_pages, audit
from ground.access import Scope
from ground.api_bulk import ItemResult, Items, results_of
from ground.api_keys import ToKeepCustomers, program_of
from ground.api_once import IDEMPOTENT, once
from ground.api_shape import ZoneField
from ground.text import is_storable
from surveys import acquaintance, interactions
from surveys.models import Customer
from surveys.shapes import LANGUAGE, NO_LANGUAGE, CustomerShape


class KnownShape(serializers.ModelSerializer[Customer]):
    """A customer as we know them."""

    timezone = serializers.CharField(allow_null=True)

    class Meta:
        model = Customer
        fields = [
            "id", "external_id", "name", "email", "phone", "language", "timezone", "attributes", "is_staff",
            "no_consent", "is_vip", "contract_start", "contract_end", "value", "created_at",
        ]  # fmt: skip


class CustomerChange(CustomerShape):
    """What changes; what is left out stays. Empty text or null takes a value away."""

    external_id = consent = None  # the one names the customer for ever, the other is told with a POST
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    language = serializers.RegexField(LANGUAGE, required=False, allow_blank=True, error_messages=NO_LANGUAGE)
    timezone = ZoneField(required=False, allow_blank=True)
    contract_start = serializers.DateField(required=False, allow_null=True)
    contract_end = serializers.DateField(required=False, allow_null=True)
    value = serializers.DecimalField(max_digits=14, decimal_places=2, required=False, allow_null=True)
    is_staff = serializers.BooleanField(required=False)
    no_consent = serializers.BooleanField(required=False)
    is_vip = serializers.BooleanField(required=False)


class CustomerResult(ItemResult):
    """Of each item in the order they came: what became of it, or why it was refused."""

    outcome = serializers.ChoiceField(choices=["created", "updated", "refused"])
    id = serializers.IntegerField(required=False, help_text="Left out when it was refused.")


class CustomerItems(Items):
    items = CustomerShape(many=True, help_text="1 to 1,000 customers.")


class CustomerResults(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many came to each outcome.")
    results = CustomerResult(many=True)


@extend_schema(
    methods=["GET"],
    operation_id="v1_customers_list",
    parameters=api_pages.PARAMETERS,
    responses={200: api_pages.page_shape("CustomerPage", KnownShape)},
)
@extend_schema(methods=["POST"], request=CustomerShape, responses={200: KnownShape, 201: KnownShape}, **IDEMPOTENT)
@api_view(["GET", "POST"])
@permission_classes([ToKeepCustomers])
def customers(request: Request) -> Response:
    """List customers, or create or update one.

    POST finds the customer by `external_id`, else by `email`, else by `phone`: 201 for a new one, 200 for a known one
    with what is sent brought up to date. A team's key lists the customers its team has served and changes none.
    """
    if request.method == "GET":
        page = api_pages.page(request, _seen(program_of(request).scope), lambda row: KnownShape(row).data)
        audit.note_read("customers.read", key=program_of(request).key, count=len(page.data["results"]))
        return page
    check_whole(program_of(request).scope)

    def act() -> tuple[int, Any]:
        customer, is_new = _take(request.data)
        # Of a new one it is told what it said itself.
        audit.note_read("customers.read", key=program_of(request).key, count=0 if is_new else 1)
        return 201 if is_new else 200, KnownShape(customer).data

    return once(request, act)


@extend_schema(request=CustomerItems, responses={200: CustomerResults}, **IDEMPOTENT)
@api_view(["POST"])
@permission_classes([ToKeepCustomers])
def many_customers(request: Request) -> Response:
    """Create or update up to 1,000 customers; one that is refused harms no other."""
    items = Items.read(request.data)
    check_whole(program_of(request).scope)

    def take(item: Any) -> dict[str, Any]:
        customer, is_new = _take(item)
        return {"id": customer.pk, "outcome": "created" if is_new else "updated"}

    return once(request, lambda: (200, results_of(items, take)), in_one_transaction=False)


@extend_schema(methods=["GET"], responses={200: KnownShape})
@extend_schema(methods=["PATCH"], request=CustomerChange, responses={200: KnownShape})
@api_view(["GET", "PATCH"])
@permission_classes([ToKeepCustomers])
def customer(request: Request, external_id: str) -> Response:
    """Read or change the customer whom the CRM knows by this id."""
    scope = program_of(request).scope
    known = _seen(scope).filter(external_id=external_id).first() if is_storable(external_id) else None
    if known is None:
        raise Http404
    if request.method == "PATCH":
        check_whole(scope)
        shape = CustomerChange(data=request.data)
        shape.is_valid(raise_exception=True)
        changed = {name: value for name, value in shape.validated_data.items() if name in request.data}
        if "email" in changed:
            changed["email"] = changed["email"].strip().lower()
        if changed.get("timezone") == "":
            changed["timezone"] = None
        with transaction.atomic():
            interactions.change_customer(known, changed)
    audit.note_read("customers.read", key=program_of(request).key, count=1)
    return Response(KnownShape(known).data)


def check_whole(scope: Scope) -> None:
    """Raises PermissionDenied for a team's key."""
    if not scope.covers_all():
        raise PermissionDenied(_("Only a key of the whole organisation may write here."))


def _seen(scope: Scope) -> QuerySet[Customer]:
    """All customers, or those whom the key's team has served and knows."""
    if scope.covers_all():
        return Customer.objects.all()
    return Customer.objects.filter(Exists(acquaintance.opening(scope).filter(customer=OuterRef("pk"))))


def _take(data: Any) -> tuple[Customer, bool]:
    """The customer, created or brought up to date, and whether it is new. Raises ValidationError."""
    shape = CustomerShape(data=data)
    shape.is_valid(raise_exception=True)
    values = {name: value for name, value in shape.validated_data.items() if value is not None}
    try:
        return _taken(values)
    except IntegrityError:
        return _taken(values)  # a parallel call created the row first; now it is found
    except interactions.Refused as error:
        raise ValidationError({error.attr: [str(error)]}) from error


@transaction.atomic
def _taken(values: dict[str, Any]) -> tuple[Customer, bool]:
    is_new = interactions.known_customer(**values) is None
    return interactions.take_customer(**values), is_new
