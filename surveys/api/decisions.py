"""`/api/v1/decisions/`: why customers were asked or not; `/api/v1/interactions/skip/`: not to ask about one."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ground import api_pages
from ground.access import Scope
from ground.api_keys import ToRead, ToReport, program_of
from ground.api_once import IDEMPOTENT, once
from ground.api_shape import MomentField, StrictSerializer
from surveys import acquaintance, eligibility, ledger, skipping
from surveys.models import Agent, Decision, Interaction, Survey

MONTH = dt.timedelta(days=30)


class CheckShape(serializers.Serializer[Any]):
    check = serializers.CharField()
    passed = serializers.BooleanField(allow_null=True, help_text="Null: it moved the mail to another time.")


class DecisionRowShape(serializers.Serializer[Decision]):
    """One decision with every check that was made; `reason` in the caller's language as `reason_text`."""

    id = serializers.IntegerField()
    source = serializers.CharField(source="interaction.source")  # type: ignore[assignment]
    external_id = serializers.CharField(source="interaction.external_id")
    customer = serializers.SerializerMethodField(help_text="The customer's `external_id`; null: none, or not told.")
    team = serializers.CharField(source="interaction.team.code", allow_null=True, default=None)
    closing = serializers.IntegerField()
    ordinal = serializers.IntegerField(help_text="Above 1: it was decided again.")
    event = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Decision.Outcome.choices)
    reason = serializers.CharField()
    reason_text = serializers.SerializerMethodField()
    survey = serializers.CharField(source="survey.code", allow_null=True, default=None)
    rule = serializers.CharField(source="rule.name", allow_null=True, default=None)
    rule_version = serializers.IntegerField(allow_null=True)
    cell = serializers.CharField(help_text="The sampling cell.")
    weight = serializers.FloatField(help_text="How many customers one that is asked stands for.")
    due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField()
    checks = CheckShape(source="trace", many=True)

    def get_customer(self, decision: Decision) -> str | None:
        return None if decision.is_hidden else decision.interaction.customer.external_id  # type: ignore[attr-defined]

    def get_reason_text(self, decision: Decision) -> str:
        return str(eligibility.REASONS.get(decision.reason, decision.reason))


class Filter(StrictSerializer):
    """What narrows the list; all of it has to hold."""

    source = serializers.CharField(max_length=64, required=False, help_text="With `external_id`: of one interaction.")
    external_id = serializers.CharField(max_length=128, required=False)
    customer = serializers.CharField(max_length=128, required=False, help_text="The customer's `external_id`.")
    survey = serializers.SlugField(max_length=64, required=False, help_text="The survey's code.")
    outcome = serializers.ChoiceField(choices=Decision.Outcome.values, required=False)
    reason = serializers.ChoiceField(choices=list(eligibility.REASONS), required=False)
    since = MomentField(required=False)
    until = MomentField(required=False)


class CountsFilter(StrictSerializer):
    survey = serializers.SlugField(max_length=64, required=False, help_text="The survey's code; left out: all.")
    since = MomentField(required=False, help_text="30 days before `until` unless told.")
    until = MomentField(required=False, help_text="Now unless told.")


class LineShape(serializers.Serializer[ledger.Line]):
    outcome = serializers.CharField()
    reason = serializers.CharField()
    reason_text = serializers.SerializerMethodField()
    count = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of all decisions of the period, 0 to 1.")

    def get_reason_text(self, line: ledger.Line) -> str:
        return str(eligibility.REASONS.get(line.reason, line.reason))


class CountsShape(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    total = serializers.IntegerField()
    asked = serializers.IntegerField()
    reasons = LineShape(many=True)


class SkipShape(StrictSerializer):
    source = serializers.CharField(max_length=64)  # type: ignore[assignment]
    external_id = serializers.CharField(max_length=128)
    reason = serializers.CharField(max_length=300)
    agent = serializers.CharField(max_length=128, required=False, help_text="The agent's `external_id` who says so.")


class SkippedShape(serializers.Serializer[skipping.Skipped]):
    is_new = serializers.BooleanField(help_text="False: it was said before, and nothing has changed.")
    held_back = serializers.IntegerField(help_text="How many planned mails do not go out.")
    reason = serializers.CharField(source="skip.reason")
    at = serializers.DateTimeField(source="skip.at")


@extend_schema(
    operation_id="v1_decisions_list",
    parameters=[Filter, *api_pages.PARAMETERS],
    responses={200: api_pages.page_shape("DecisionPage", DecisionRowShape)},
)
@api_view(["GET"])
@permission_classes([ToRead])
def decisions(request: Request) -> Response:
    """List decisions about asking, the oldest first, each with its reason and checks; a team's key sees its own."""
    asked = {name: value for name, value in request.query_params.items() if name not in ("cursor", "limit")}
    shape = Filter(data=asked)
    shape.is_valid(raise_exception=True)
    rows = _filtered(program_of(request).scope, shape.validated_data)
    return api_pages.page(request, rows, lambda row: DecisionRowShape(row).data)


def _filtered(scope: Scope, given: dict[str, Any]) -> QuerySet[Decision]:
    rows = ledger.visible(scope).select_related("interaction__customer", "interaction__team", "rule", "survey")
    paths = {
        "source": "interaction__source", "external_id": "interaction__external_id",
        "customer": "interaction__customer__external_id", "survey": "survey__code", "outcome": "outcome",
        "reason": "reason", "since": "decided_at__gte", "until": "decided_at__lt",
    }  # fmt: skip
    rows = rows.annotate(is_hidden=acquaintance.hidden(scope, "interaction__"))
    return rows.filter(**{paths[name]: value for name, value in given.items()})


@extend_schema(operation_id="v1_decisions_counts", parameters=[CountsFilter], responses={200: CountsShape})
@api_view(["GET"])
@permission_classes([ToRead])
def decision_counts(request: Request) -> Response:
    """How often each reason came out in a period, of one survey or of all."""
    shape = CountsFilter(data=request.query_params.dict())
    shape.is_valid(raise_exception=True)
    given = shape.validated_data
    survey = None
    if "survey" in given:
        survey = Survey.objects.filter(code=given["survey"]).first()
        if survey is None:
            raise Http404
    until = given.get("until") or timezone.now()
    since = given.get("since") or until - MONTH
    found = ledger.counts(program_of(request).scope, since=since, until=until, survey=survey)
    told = {"since": since, "until": until, "total": found.total, "asked": found.asked, "reasons": found.lines}
    return Response(CountsShape(told).data)


@extend_schema(request=SkipShape, responses={200: SkippedShape}, **IDEMPOTENT)
@api_view(["POST"])
@permission_classes([ToReport])
def skip_interaction(request: Request) -> Response:
    """Do not ask about an interaction, for a reason that is kept; what is planned already is held back."""
    shape = SkipShape(data=request.data)
    shape.is_valid(raise_exception=True)
    given = shape.validated_data
    known = Interaction.objects.filter(program_of(request).scope.rows())
    interaction = known.filter(source=given["source"], external_id=given["external_id"]).first()
    if interaction is None:
        raise Http404
    agent = _agent(program_of(request).scope, given.get("agent"))

    def act() -> tuple[int, Any]:
        try:
            done = skipping.skip(interaction, reason=given["reason"], agent=agent)
        except skipping.Refused as error:
            raise ValidationError({"reason": [str(error)]}) from error
        return 200, SkippedShape(done).data

    return once(request, act)


def _agent(scope: Scope, external_id: str | None) -> Agent | None:
    """The named agent; one of another team is as unknown as one that there is not."""
    if external_id is None:
        return None
    agent = Agent.objects.filter(scope.rows(), external_id=external_id).first()
    if agent is None:
        raise ValidationError({"agent": [_("No agent has this id.")]})
    return agent
