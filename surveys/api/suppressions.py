"""`/api/v1/suppressions/`: addresses that get no more mail, kept in step with the CRM's own list."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from ground import api_pages, audit
from ground.access import Scope
from ground.api_keys import ToSuppress, program_of
from surveys import suppression
from surveys.api.customers import check_whole
from surveys.models import Suppression
from surveys.shapes import SuppressionShape

Reason = Suppression.Reason
# What a customer said or asked for is not for a program to take back.
REVOCABLE = (Reason.MANUAL, Reason.HARD_BOUNCE)


class TheCustomersOwn(APIException):
    status_code = 409
    default_code = "the_customers_own"
    default_detail = _("The customer's own word or a spam report cannot be taken back by a program.")


class EntryShape(serializers.ModelSerializer[Suppression]):
    survey = serializers.CharField(source="survey.code", allow_null=True, default=None, help_text="Null: all surveys.")

    class Meta:
        model = Suppression
        fields = ["id", "address", "survey", "reason", "source", "created_at"]


@extend_schema(
    methods=["GET"],
    operation_id="v1_suppressions_list",
    parameters=api_pages.PARAMETERS,
    responses={200: api_pages.page_shape("SuppressionPage", EntryShape)},
)
@extend_schema(methods=["POST"], request=SuppressionShape, responses={200: EntryShape, 201: EntryShape})
@api_view(["GET", "POST"])
@permission_classes([ToSuppress])
def suppressions(request: Request) -> Response:
    """List the addresses that get no more mail, or add one: 201, or 200 with the entry that is there already.

    It holds from the moment of the reply, for mails already planned as well. For keys of the whole organisation.
    """
    check_whole(_scope(request))
    if request.method == "GET":
        rows = Suppression.objects.select_related("survey")
        page = api_pages.page(request, rows, lambda row: EntryShape(row).data)
        audit.note_read("suppressions.read", key=program_of(request).key, count=len(page.data["results"]))
        return page
    shape = SuppressionShape(data=request.data)
    shape.is_valid(raise_exception=True)
    data = shape.validated_data
    place = {"address": data["address"], "survey": data.get("survey")}
    is_new = not Suppression.objects.filter(**place).exists()
    suppression.suppress(**place, reason=data["reason"], source=data["source"])
    entry = Suppression.objects.select_related("survey").get(**place)
    return Response(EntryShape(entry).data, status=201 if is_new else 200)


@extend_schema(methods=["GET"], responses={200: EntryShape})
@extend_schema(methods=["DELETE"], responses={204: None})
@api_view(["GET", "DELETE"])
@permission_classes([ToSuppress])
def one_suppression(request: Request, pk: int) -> Response:
    """Read or take back an entry; what the customer said, and a spam report, stay (409)."""
    check_whole(_scope(request))
    entry = Suppression.objects.select_related("survey").filter(pk=pk).first()
    if entry is None:
        raise Http404
    if request.method == "GET":
        audit.note_read("suppressions.read", key=program_of(request).key, count=1)
        return Response(EntryShape(entry).data)
    if not Suppression.objects.filter(pk=pk, reason__in=REVOCABLE).delete()[0]:
        raise TheCustomersOwn
    return Response(status=204)


def _scope(request: Request) -> Scope:
    return program_of(request).scope
