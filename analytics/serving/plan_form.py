"""What may stand in the address of the page of load: what the staff is planned for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.serving.staff import LIVE, WRITTEN, Plan

MEAN, UPPER = "mean", "upper"
MOST_HOURS = 24


class PlanForm(forms.Form):
    """All fields may be left out; then the usual plan holds, and how long a contact takes comes from the data."""

    target = forms.IntegerField(label=_("picked up within, seconds"), min_value=0, max_value=3600, required=False)
    level = forms.IntegerField(label=_("of how many, percent"), min_value=1, max_value=99, required=False)
    occupancy = forms.IntegerField(label=_("busy at most, percent"), min_value=10, max_value=99, required=False)
    shrinkage = forms.IntegerField(label=_("away from work, percent"), min_value=0, max_value=90, required=False)
    chats = forms.IntegerField(label=_("chats at once"), min_value=1, max_value=10, required=False)
    shift = forms.IntegerField(label=_("hours of a shift"), min_value=1, max_value=MOST_HOURS, required=False)
    arrivals = forms.ChoiceField(
        label=_("plan for"), choices=[(MEAN, _("the mean")), (UPPER, _("the upper limit"))], required=False
    )

    def __init__(self, params: Any, *, names: dict[Any, str]) -> None:
        super().__init__(params)
        for channel in LIVE + WRITTEN:
            label = _("%(channel)s, minutes of work") % {"channel": names[channel]}
            self.fields[f"minutes_{channel}"] = forms.FloatField(
                label=label, min_value=0.1, max_value=600, required=False
            )

    @staticmethod
    def options() -> list[str]:
        """The names of what may be planned, without for how busy hours."""
        known = [name for name in PlanForm.base_fields if name != "arrivals"]
        return [*known, *(f"minutes_{channel}" for channel in LIVE + WRITTEN)]

    def plan(self) -> Plan:
        """The checked plan; what is wrong or left out is as usual."""
        self.full_clean()
        given, usual = self.cleaned_data, Plan(minutes={})

        def part(name: str) -> float:
            return given[name] / 100 if given.get(name) is not None else getattr(usual, name)

        def whole(name: str) -> Any:
            return given[name] if given.get(name) is not None else getattr(usual, name)

        return Plan(
            target=whole("target"),
            level=part("level"),
            occupancy=part("occupancy"),
            shrinkage=part("shrinkage"),
            chats=whole("chats"),
            shift=whole("shift"),
            upper=given.get("arrivals") == UPPER,
            minutes={channel: given.get(f"minutes_{channel}") for channel in LIVE + WRITTEN},
        )
