"""What may stand in the dashboard's address."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from analytics.links import Links
from analytics.models import CommentDay, ScoreDay
from analytics.periods import Period
from analytics.reports import Filters
from analytics.slices import Slice, read
from feedback.filters import BY_CONTACT
from feedback.models import Comment, Response
from ground.access import Scope, visible_teams
from ground.sheets import FORMS
from surveys.models import Survey
from surveys.models.customers import Channel

PERIODS = [("7", _("7 days")), ("28", _("28 days")), ("90", _("90 days")), ("365", _("365 days"))]
USUAL_PERIOD = "28"
COMPARISONS = [("previous", _("the days before")), ("year", _("a year before")), ("none", _("do not compare"))]
EVIDENCE = [(Response.Evidence.CONFIRMED.value, _("confirmed only"))]
DATED = [(BY_CONTACT, _("when the contact ended"))]
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


def fault_of_days(first: dt.date | None, last: dt.date | None) -> Any:
    """What is wrong with the first and the last day of a period, or nothing; without both, the usual one is meant."""
    if (first is None) != (last is None):
        return _("Give both days of the period, the first and the last.")
    if first and last and first > last:
        return _("The period begins after it ends.")
    if first and last and (first < EARLIEST or last > LATEST):
        return _("The days of the period lie outside the calendar that is kept.")
    return ""


def usual_period(today: dt.date, days: int = int(USUAL_PERIOD)) -> Period:
    """So many days that end today."""
    return Period(today - dt.timedelta(days=days - 1), today)


class DashboardForm(forms.Form):
    """Period, comparison and scope. Only what the reader may see is a choice: the rest does not exist for them."""

    period = forms.ChoiceField(label=_("period"), choices=PERIODS, required=False)
    compare = forms.ChoiceField(label=_("compare with"), choices=COMPARISONS, required=False)
    team = forms.TypedChoiceField(label=_("team"), coerce=int, empty_value=None, required=False)
    channel = forms.ChoiceField(label=_("channel"), choices=[("", ""), *Channel.choices], required=False)
    survey = forms.TypedChoiceField(label=_("survey"), coerce=int, empty_value=None, required=False)
    evidence = forms.ChoiceField(label=_("answers in the scores"), choices=[("", ""), *EVIDENCE], required=False)
    dated = forms.ChoiceField(label=_("scores by the day"), choices=[("", ""), *DATED], required=False)
    source = forms.ChoiceField(label=_("source"), choices=[("", ""), *Comment.Source.choices], required=False)
    only = forms.CharField(label=_("only"), max_length=160, required=False)
    format = forms.ChoiceField(choices=[("", ""), *((form, form) for form in FORMS)], required=False)

    def __init__(
        self, params: Mapping[str, Any], *, scope: Scope, today: dt.date, is_sliced: bool = False,
        is_dated: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params)
        if not is_dated:
            del self.fields["dated"]
        if not is_sliced:
            del self.fields["only"]
        self.scope, self.today = scope, today
        self.teams = {team.pk: team.name for team in visible_teams(scope)}
        for name, label in (("from", _("from")), ("to", _("until"))):
            self.fields[name] = forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"])
        self.fields["team"].choices = [("", ""), *self.teams.items()]
        self.fields["survey"].choices = [("", ""), *_surveys(scope)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("from"), given.get("to")
        if "from" in self.errors or "to" in self.errors:
            return given
        if fault := fault_of_days(first, last):
            raise forms.ValidationError(fault)
        return given

    def clean_only(self) -> Slice | None:
        text = self.cleaned_data["only"]
        found = read(text, self.scope) if text else None
        if text and found is None:
            raise forms.ValidationError(_("There is nothing of this name to narrow the numbers to."))
        return found

    def filters(self) -> Filters:
        """The checked filters."""
        given = self.cleaned_data
        period = self.chosen_period()
        return Filters(
            scope=self.scope,
            period=period,
            before=period.compared(given["compare"]),
            team=given["team"],
            channel=given["channel"],
            survey=given["survey"],
            source=given["source"],
            evidence=given["evidence"],
            slice=given.get("only"),
            dated="" if given.get("only") else given.get("dated", ""),
        )

    def chosen_period(self) -> Period:
        """The days given, else so many that end today."""
        given = self.cleaned_data
        if given["from"]:
            return Period(given["from"], given["to"])
        return usual_period(self.today, int(given["period"] or USUAL_PERIOD))

    def asked(self) -> dict[str, Any]:
        """The period and the comparison as the address gives them; nothing of what is usual."""
        given = self.cleaned_data
        days = {"from": given["from"], "to": given["to"]} if given["from"] else {"period": given["period"]}
        return {**days, "compare": given["compare"]}

    def links(self, page: str = Links.page, *, kept: Mapping[str, str] | None = None) -> Links:
        """The addresses of a page's numbers; what is changed in its own leaves the period and the comparison."""
        return Links(self.filters(), page=page, kept=kept or {}, asked=self.asked())

    def goes_on(self) -> bool:
        """Whether the present day, which is not over, is one of the period's."""
        period = self.chosen_period()
        return period.start <= self.today <= period.end

    def chosen_preset(self) -> str:
        """The key of the preset in use, empty for a period by days."""
        given = self.cleaned_data
        return "" if given["from"] else given["period"] or USUAL_PERIOD


def _surveys(scope: Scope) -> list[tuple[int, str]]:
    """All surveys for whoever sees everything, else those that the reader's teams have counts of."""
    surveys = Survey.objects.all()
    if not scope.covers_all():
        of_survey = [table.objects.filter(scope.rows(), survey=OuterRef("pk")) for table in (ScoreDay, CommentDay)]
        surveys = surveys.filter(Exists(of_survey[0]) | Exists(of_survey[1]))
    return list(surveys.values_list("pk", "name"))
