"""What may be asked of the numbers, and how they are told."""

from typing import Any, get_args

from django import forms
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from analytics.api.readers import READERS
from analytics.forms import COMPARISONS, EVIDENCE, fault_of_days
from analytics.periods import Period
from analytics.queue_steps import TARGETS
from analytics.reports import SCALES
from analytics.serving.parts import WALL, WORKING
from analytics.serving.plan_form import PlanForm
from analytics.waiting import Formula
from feedback.filters import BY_CONTACT
from feedback.models import Comment
from ground.api_shape import StrictSerializer
from surveys.models.customers import Channel

# What may be planned for a roster, beside how long a contact takes.
PLANNED = {
    "level": "so many percent within the target.",
    "occupancy": "percent, busy at most.",
    "shrinkage": "percent, paid and away from work.",
    "chats": "served by one person at once.",
    "shift": "hours of a shift.",
}
KINDS = {forms.IntegerField: serializers.IntegerField, forms.FloatField: serializers.FloatField}


class DefinitionShape(serializers.Serializer[Any]):
    """A metric, in the caller's language."""

    key = serializers.CharField(help_text="Its stable name.")
    name = serializers.CharField()
    about = serializers.CharField()
    method = serializers.CharField()
    source = serializers.CharField(source="source_label")  # type: ignore[assignment]
    unit = serializers.CharField()
    better = serializers.CharField(help_text="`up`, `down` or `none`.")
    min_n = serializers.IntegerField(help_text="So many are needed for a number in full.")
    version = serializers.IntegerField()
    in_api = serializers.CharField(help_text="Where this API tells it, if it has no values of its own.")
    has_values = serializers.SerializerMethodField(help_text="Whether this API tells its values.")
    by = serializers.SerializerMethodField(
        help_text="What it can be broken down by; `day`, `week`, `month` are series."
    )

    def get_has_values(self, definition: Any) -> bool:
        return definition.key in READERS

    def get_by(self, definition: Any) -> list[str]:
        return READERS[definition.key].known if definition.key in READERS else []


class Asked(StrictSerializer):
    """Period, comparison and scope, as on the dashboard."""

    start = serializers.DateField(required=False, help_text="The first reporting day; with `end`.")
    end = serializers.DateField(required=False, help_text="The last one. Without both: the last 28 days.")
    compare = serializers.ChoiceField(choices=[key for key, _label in COMPARISONS], default="previous")
    by = serializers.CharField(
        max_length=40, required=False, help_text="A breakdown, a series (`day`, `week`, `month`), or both: `team,week`."
    )
    scale = serializers.ChoiceField(
        choices=SCALES, required=False, help_text="Where answers of several scales are told."
    )
    team = serializers.CharField(max_length=64, required=False, help_text="The team's code.")
    channel = serializers.ChoiceField(choices=Channel.choices, required=False)
    survey = serializers.SlugField(max_length=64, required=False, help_text="The survey's code.")
    evidence = serializers.ChoiceField(choices=EVIDENCE, required=False)
    dated = serializers.ChoiceField(
        choices=["answer", BY_CONTACT],
        required=False,
        help_text="Of `csat`, `nps`, `ces`, `resolved_by_customer`: by the day of the answer, or of the contact’s end.",
    )
    source = serializers.ChoiceField(choices=Comment.Source.choices, required=False)  # type: ignore[assignment]
    agent = serializers.CharField(
        max_length=128, required=False, help_text="The agent's id. Of scores, classes and contacts alone."
    )
    topic = serializers.CharField(max_length=64, required=False, help_text="The topic's code. As `agent`.")
    language = serializers.CharField(max_length=16, required=False, help_text="The answer's language. As `agent`.")
    segment = serializers.CharField(max_length=120, required=False, help_text="Like `plan=gold`. As `agent`.")
    percentile = serializers.ChoiceField(choices=[50, 90, 95], required=False, help_text="Of times; 50 is the median.")
    clock = serializers.ChoiceField(
        choices=[WORKING, WALL], required=False, help_text="Of times: by working hours or not."
    )
    target = serializers.ChoiceField(
        choices=TARGETS, required=False, help_text="Of `service_level` and `staffing`, in seconds."
    )
    formula = serializers.ChoiceField(choices=get_args(Formula), required=False, help_text="Of `service_level`.")
    version = serializers.IntegerField(
        min_value=1, max_value=32_767, required=False, help_text="Of `by=question`; else the newest that was answered."
    )
    format = serializers.ChoiceField(
        choices=["json", "csv"], required=False, help_text="`csv` is a table for BI tools."
    )

    def get_fields(self) -> dict[str, Any]:
        """Also what staff is planned for, within the bounds of the page's form."""
        form = PlanForm(None, names=dict(Channel.choices))
        planned = {
            name: KINDS[type(form.fields[name])](
                min_value=form.fields[name].min_value, max_value=form.fields[name].max_value, required=False,
                help_text=f"Of `staffing`: {PLANNED.get(name, 'work on one contact.')}",
            )
            for name in PlanForm.options()
        }  # fmt: skip
        return planned | super().get_fields()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if fault := fault_of_days(given.get("start"), given.get("end")):
            raise ValidationError(fault)
        return given


class ValueShape(serializers.Serializer[Any]):
    """One number with its uncertainty. Shares and their differences are 0 to 1, NPS is in points; null is a dash."""

    key = serializers.CharField(allow_null=True, help_text="Of the breakdown: a code; null for the whole or for none.")
    name = serializers.CharField(allow_null=True)
    start = serializers.DateField(allow_null=True, help_text="Of a series: the first day of the slot.")
    value = serializers.FloatField(allow_null=True)
    num = serializers.FloatField(allow_null=True)
    den = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    lo = serializers.FloatField(allow_null=True, help_text="The 95-percent interval.")
    hi = serializers.FloatField(allow_null=True)
    state = serializers.ChoiceField(choices=["hidden", "weak", "full"], help_text="By n: under 5, 5 to 29, from 30.")
    prev = serializers.FloatField(allow_null=True)
    diff = serializers.FloatField(allow_null=True)
    diff_lo = serializers.FloatField(allow_null=True)
    diff_hi = serializers.FloatField(allow_null=True)
    p_adj = serializers.FloatField(allow_null=True, help_text="After correction for the number of comparisons.")
    flag = serializers.ChoiceField(choices=["up", "down", "same"], allow_null=True, help_text="A proven change.")
    preliminary = serializers.BooleanField()
    partial = serializers.BooleanField(help_text="Of a series: the period cuts this week or month.")
    n_eff = serializers.FloatField(
        allow_null=True, help_text="How many independent answers the interval goes by, where that is not `n`."
    )
    verdict = serializers.ChoiceField(
        choices=[
            "fix_first", "fix_next", "strength", "watch", "few_data", "open", "acknowledged", "snoozed", "dismissed",
            "over", "certain", "above", "below",
        ],
        allow_null=True,
        help_text="Of `topic_impact`, the first five; of `deviations`, what people decided; of new topics, `certain`; "
        "of `agent_score`, beyond which limit.",
    )  # fmt: skip


class PeriodShape(serializers.Serializer[Period]):
    start = serializers.DateField()
    end = serializers.DateField()


class ValuesShape(serializers.Serializer[Any]):
    metric = serializers.CharField()
    unit = serializers.CharField()
    definition_version = serializers.IntegerField()
    period = PeriodShape(allow_null=True, help_text="null where a metric has days of its own.")
    before = PeriodShape(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="Up to when everything is counted.")
    values = ValueShape(many=True)  # type: ignore[assignment]
