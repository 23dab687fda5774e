"""`POST /api/v1/interactions/` and `.../bulk/`: contacts as the CRM knows them, one or up to a thousand at a time."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ground.access import Scope
from ground.api_bulk import ItemResult, Items, results_of
from ground.api_keys import ToReport, program_of
from ground.api_once import IDEMPOTENT, once
from surveys import deciding, interactions
from surveys.choosing import active_rules
from surveys.models import Interaction
from surveys.shapes import DecisionShape, InteractionShape, TakenShape

# So many are decided about in one transaction: on SQLite answers and mails wait for it.
BUNCH = 200


@extend_schema(request=InteractionShape, responses={202: TakenShape}, **IDEMPOTENT)
@api_view(["POST"])
@permission_classes([ToReport])
def take_interaction(request: Request) -> Response:
    """Create or update an interaction and decide whether its customer may be asked.

    Upsert by `source` and `external_id` in the order of `updated_at`. With an `Idempotency-Key` a repeated request
    gets the first reply and `Idempotent-Replay: true`.
    """
    shape = InteractionShape(data=request.data)
    shape.is_valid(raise_exception=True)
    writer = Writer(program_of(request).scope)
    report = shape.to_report()
    writer.check(report)
    return once(request, lambda: (202, writer.receive(report)))


class InteractionResult(ItemResult, TakenShape):
    """Of each item in the order they came: what became of it, or why it was refused."""

    outcome = serializers.ChoiceField(choices=["created", "updated", "stale", "refused"])
    id = serializers.IntegerField(required=False, help_text="Left out when it was refused.")
    decision = DecisionShape(required=False, allow_null=True, help_text="Left out when it was refused.")


class InteractionItems(Items):
    items = InteractionShape(many=True, help_text="1 to 1,000 interactions.")


class InteractionResults(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many came to each outcome.")
    results = InteractionResult(many=True)


@extend_schema(request=InteractionItems, responses={200: InteractionResults}, **IDEMPOTENT)
@api_view(["POST"])
@permission_classes([ToReport])
def take_interactions(request: Request) -> Response:
    """Up to 1,000 interactions: one that is refused harms no other.

    The reply has a result for each, in their order; one that is told twice is decided about once, as it stands in the
    end. Repeating a call is safe, and needed when no reply came: what is stored already is `stale`.
    """
    items = Items.read(request.data)
    writer = Writer(program_of(request).scope)

    return once(request, lambda: (200, _results(items, writer)), in_one_transaction=False)


def _results(items: list[Any], writer: "Writer") -> dict[str, Any]:
    """Take the items in, each in a transaction of its own, whose locks cannot be taken in a wrong order; then decide
    about bunches of them, whose customers are locked in the order of their keys."""
    taken: list[interactions.Taken] = []
    shape = InteractionShape(data={})

    def take(item: Any) -> dict[str, Any]:
        shape.again(item).is_valid(raise_exception=True)
        report = shape.to_report()
        writer.check(report)
        taken.append(writer.take(report))
        return {"outcome": taken[-1].outcome}

    body = results_of(items, take)
    rules = active_rules()
    accepted = [result for result in body["results"] if result["outcome"] != "refused"]
    for begin in range(0, len(taken), BUNCH):
        bunch = taken[begin : begin + BUNCH]
        decisions = deciding.consider_all([one.interaction for one in bunch], rules=rules)
        for result, one, decision in zip(accepted[begin:], bunch, decisions, strict=False):
            result |= TakenShape(deciding.Received(one.interaction, one.outcome, decision)).data
    return body


class Writer:
    """Takes reports in the name of one key."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.own = set() if scope.covers_all() else interactions.codes_of(scope)

    def check(self, report: interactions.Report) -> None:
        """A team's key writes its own team's interactions only, and moves none in or out. Raises PermissionDenied."""
        if self.scope.covers_all():
            return
        known = Interaction.objects.filter(source=report.source, external_id=report.external_id)
        if interactions.is_foreign(report, known.select_related("team").first(), self.own):
            raise PermissionDenied(_("This key may write interactions of its own team only."))

    def take(self, report: interactions.Report) -> interactions.Taken:
        """Take a report in; about asking is decided later. Raises ValidationError."""
        try:
            return interactions.take(report, writer=self.scope)
        except interactions.Refused as error:
            raise ValidationError({error.attr: [str(error)]}) from error

    def receive(self, report: interactions.Report) -> dict[str, Any]:
        """What the reply says of a report that was taken in and decided about. Raises ValidationError."""
        try:
            return TakenShape(deciding.receive(report, writer=self.scope)).data
        except interactions.Refused as error:
            raise ValidationError({error.attr: [str(error)]}) from error
