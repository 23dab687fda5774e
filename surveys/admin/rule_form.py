"""The form of a sending rule: what happened, whom, when, how many, by which way."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys import channels, conditions, rule_words
from surveys.admin import rule_fields
from surveys.admin.condition_rows import ConditionsField
from surveys.models import SendingRule, Survey

PLAIN = [
    "name", "survey", "is_active", "event", "event_name", "repeat", "delay_minutes", "delay_in_working_hours",
    "cadence_days", "sample_percent", "sample_by", "vip_unsampled", "quota", "quota_period", "daily_maximum",
    "spreads", "priority",
]  # fmt: skip
FIELDSETS: list[tuple[Any, dict[str, Any]]] = [
    (None, {"fields": ["name", "survey", "is_active"]}),
    (_("What happened"), {"fields": ["event", "event_name", "repeat"], "classes": ["of-events"]}),
    (_("Which interactions or customers"), {"fields": ["conditions"]}),
    (_("When"), {"fields": ["delay_minutes", "delay_in_working_hours"], "classes": ["of-events"]}),
    (_("How often"), {"fields": ["cadence_days"], "classes": ["of-intervals"]}),
    (
        _("How many"),
        {
            "fields": [
                "sample_percent", "sample_by", "sample_cells", "vip_unsampled", "quota", "quota_period",
                "daily_maximum", "spreads",
            ]
        },
    ),
    (_("By which way and in which language"), {"fields": ["send_through", "languages"]}),
    (_("Before or after other rules"), {"fields": ["priority"]}),
]  # fmt: skip


def at_intervals() -> list[str]:
    """The surveys that wait for no event, by the values of the form's choices."""
    return [str(pk) for pk in Survey.objects.filter(kind=Survey.Kind.RELATIONAL).values_list("pk", flat=True)]


def default(name: str) -> Any:
    """What a new rule begins with: a form's own fields do not take it from the model."""
    return SendingRule._meta.get_field(name).get_default()


class RuleForm(forms.ModelForm):
    conditions = ConditionsField(
        label=_("All of these hold"),
        required=False,
        help_text=_("Several values with commas between. Without any, everything fits."),
    )
    delay_minutes = rule_fields.DelayField(
        label=_("How long after"), help_text=_("0: at once."), initial=default("delay_minutes")
    )
    send_through = rule_fields.OrderField(
        label=_("Send through"),
        choices=(),
        initial=default("send_through"),
        help_text=_("The next one is used when the customer has no address for the one before."),
    )
    languages = rule_fields.OrderField(
        label=_("Languages, in this order"),
        choices=settings.LANGUAGES,
        required=False,
        help_text=_("For customers whose own language the survey lacks. None given: the organisation's."),
    )
    sample_cells = rule_fields.SharesField(
        label=_("Shares"),
        required=False,
        help_text=_("A line for each value: phone = 50. What is not named has the share above."),
    )

    class Meta:
        model = SendingRule
        fields = [*PLAIN, "conditions", "send_through", "languages", "sample_cells"]
        help_texts = {
            "name": _("For your own lists; customers do not see it."),
            "is_active": _("Switched off, it plans nothing; what is planned already goes out."),
            "cadence_days": _("30, 90 or 180 are usual. Each customer has a day of their own, so all days are alike."),
            "sample_percent": _("100: everybody. Who is asked is drawn, and is the same however often it is decided."),
            "event_name": _("For another event: its name as the API reports it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = rule_words.ways()
        for field, choices in (("send_through", [(way, names.get(way, way)) for way in channels.KINDS]),):
            if field in self.fields:
                self.fields[field].choices = self.fields[field].widget.choices = choices  # type: ignore[attr-defined]
                self.fields[field].widget.places = min(3, len(choices))  # type: ignore[attr-defined]
        if "conditions" in self.fields and self._is_at_intervals():
            self.fields["conditions"].widget.of_customer_alone = True  # type: ignore[attr-defined]
        cells, kind = (self.initial.get(name) or "" for name in ("sample_cells", "sample_by"))
        self.initial["sample_cells"] = rule_fields.by_name(cells or {}, kind)

    def _is_at_intervals(self) -> bool:
        """Whether the survey that the form shows as chosen is asked at intervals."""
        return str(self["survey"].value()) in at_intervals()

    def clean_event_name(self) -> str:
        """In small letters: the API takes no others."""
        return str(self.cleaned_data["event_name"]).lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        survey = data.get("survey")
        if data.get("event") == SendingRule.Event.OTHER and not data.get("event_name"):
            self.add_error("event_name", _("Name the event."))
        if survey and survey.kind == Survey.Kind.RELATIONAL:
            self._check_intervals(data)
        cells = data.get("sample_cells")
        if cells:
            data["sample_cells"] = rule_fields.by_code(cells, data.get("sample_by", ""))
        if data.get("sample_by") == SendingRule.SampleBy.NOTHING:
            data["sample_cells"] = {}
        if (data.get("sample_percent") or 0) > 100:
            self.add_error("sample_percent", _("At most 100."))
        return data

    def _check_intervals(self, data: dict[str, Any]) -> None:
        for place, fault in conditions.faults(data.get("conditions") or [], of_customer_alone=True):
            self.add_error(
                "conditions", gettext("Condition %(number)d: %(fault)s") % {"number": place + 1, "fault": fault}
            )
        if not data.get("cadence_days"):
            self.add_error("cadence_days", _("At least one day."))

    def save(self, commit: bool = True) -> SendingRule:
        if self.instance.pk and self.has_changed():
            self.instance.version += 1
        return super().save(commit)


def columns() -> list[str]:
    """The columns of a rule that its form writes."""
    return [SendingRule._meta.get_field(name).attname for name in RuleForm.Meta.fields]  # type: ignore[union-attr]
