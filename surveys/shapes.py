"""What programs and files may say: shape alone; the doors rule."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from ground.api_shape import FlagField, MomentField, PastField, StrictSerializer, ZoneField
from surveys import deciding, interactions, suppression
from surveys.events import BY_COLUMN, SCHEDULED
from surveys.models import Decision, Interaction, Suppression, Survey
from surveys.models.customers import Channel

# The reasons that somebody outside may name.
REASONS = [
    Suppression.Reason.MANUAL,
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.HARD_BOUNCE,
    Suppression.Reason.SPAM_REPORT,
]

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"
NO_LANGUAGE = {"invalid": _("A language is a code like en or pt-BR.")}


class ConsentShape(StrictSerializer):
    given = FlagField(help_text="false: the customer withdrew it and is not asked any more.")
    text = serializers.CharField(max_length=5000, required=False, help_text="The words that the customer agreed to.")
    version = serializers.CharField(max_length=32, required=False, help_text="Your name of this wording.")
    language = serializers.CharField(max_length=16, required=False)
    source = serializers.CharField(max_length=100, required=False, help_text="Where it was given: a form, a call.")
    at = PastField(required=False, help_text="When; of two statements the later one holds.")


class CustomerShape(StrictSerializer):
    external_id = serializers.CharField(max_length=128, required=False)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False)
    phone = serializers.CharField(max_length=32, required=False)
    language = serializers.RegexField(LANGUAGE, required=False, error_messages=NO_LANGUAGE)
    timezone = ZoneField(required=False)
    attributes = serializers.DictField(required=False)
    is_staff = FlagField(required=False, allow_null=True, default=None)
    no_consent = FlagField(required=False, allow_null=True, default=None)
    is_vip = FlagField(required=False, allow_null=True, default=None)
    consent = ConsentShape(required=False)
    contract_start = serializers.DateField(required=False)
    contract_end = serializers.DateField(required=False)
    value = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)


class TeamShape(StrictSerializer):
    code = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=100, required=False)


class AgentShape(StrictSerializer):
    external_id = serializers.CharField(max_length=128)
    name = serializers.CharField(max_length=200, required=False)


class EventShape(StrictSerializer):
    kind = serializers.RegexField(r"^[a-z0-9_-]+$", max_length=32, help_text="`delivered`, or a name of your own.")
    at = PastField(help_text="When it happened.")

    def validate_kind(self, kind: str) -> str:
        """What has a field of its own is said there."""
        if kind in BY_COLUMN:
            raise ValidationError(_("Say this with %s.") % BY_COLUMN[kind])
        return kind


class InteractionShape(StrictSerializer):
    source = serializers.RegexField(r"^[\w.:-]+$", max_length=64, help_text="The system that tells it, e.g. `zendesk`.")
    external_id = serializers.CharField(max_length=128, help_text="Its number there; unique within the source.")
    # A time ahead of now would make every later report look old.
    updated_at = PastField(help_text="When it changed at the source; older deliveries are ignored.")
    customer = CustomerShape()
    team = TeamShape(required=False)
    agent = AgentShape(required=False)
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    direction = serializers.ChoiceField(choices=Interaction.Direction.choices, required=False)
    reason = serializers.CharField(max_length=100, required=False, allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50, required=False)
    priority = serializers.CharField(max_length=32, required=False, allow_blank=True)
    created_at = MomentField(required=False)
    enqueued_at = MomentField(required=False)
    answered_at = MomentField(required=False)
    first_response_at = MomentField(required=False)
    resolved_at = MomentField(required=False)
    closed_at = MomentField(required=False, help_text="Set when the contact is finished: then we may ask.")
    reopened_at = MomentField(required=False)
    replies = serializers.IntegerField(min_value=0, max_value=100_000, required=False)
    transfers = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    handle_seconds = serializers.IntegerField(
        min_value=0, max_value=10_000_000, required=False, help_text="How long people worked on it, in seconds."
    )
    requester_wait_seconds = serializers.IntegerField(
        min_value=0, max_value=1_000_000_000, required=False,
        help_text="How long the customer waited for us meanwhile, in seconds, as the help desk adds it up.",
    )  # fmt: skip
    is_abandoned = FlagField(required=False, allow_null=True, default=None)
    is_resolved = FlagField(required=False, allow_null=True, default=None)
    is_complaint = FlagField(required=False, allow_null=True, default=None)
    attributes = serializers.DictField(required=False)
    events = EventShape(
        many=True, required=False, max_length=50, help_text="What else happened; rules may wait for it."
    )

    def validate_source(self, source: str) -> str:
        """The occasions of surveys at regular intervals are ours alone."""
        if source == SCHEDULED:
            raise ValidationError(_("This source is taken."))
        return source

    def to_report(self) -> interactions.Report:
        data: dict[str, Any] = dict(self.validated_data)
        customer = {name: value for name, value in data.pop("customer").items() if value is not None}
        return interactions.Report(
            source=data.pop("source"),
            external_id=data.pop("external_id"),
            updated_at=data.pop("updated_at"),
            customer=customer,
            team=data.pop("team", None),
            agent=data.pop("agent", None),
            events=tuple((event["kind"], event["at"]) for event in data.pop("events", [])),
            fields=data,
        )


class DecisionShape(serializers.Serializer[Decision]):
    outcome = serializers.CharField()
    reason = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)


class TakenShape(serializers.Serializer[deciding.Received]):
    id = serializers.IntegerField(source="interaction.pk")
    outcome = serializers.ChoiceField(choices=["created", "updated", "stale"])
    decision = DecisionShape(allow_null=True)


class SuppressionShape(StrictSerializer):
    address = serializers.CharField(max_length=254, help_text="An e-mail address, or a phone number like +79161234567.")
    survey = serializers.SlugField(max_length=64, required=False, help_text="A survey's code; left out: all surveys.")
    reason = serializers.ChoiceField(choices=REASONS, default=Suppression.Reason.MANUAL)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=100, required=False, allow_blank=True, default="api", help_text="Where it comes from."
    )

    def validate_address(self, address: str) -> str:
        address = suppression.fold(address)
        if not address.removeprefix("+").isdecimal():
            try:
                validate_email(address)
            except Invalid as error:
                raise ValidationError(_("This is neither an e-mail address nor a phone number.")) from error
        return address

    def validate_survey(self, code: str) -> Survey:
        survey = Survey.objects.filter(code=code).first()
        if survey is None:
            raise ValidationError(_("No survey has this code."))
        return survey
