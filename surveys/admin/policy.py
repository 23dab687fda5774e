"""What holds for every survey and rule: the checks in their order, and the limits that the organisation sets itself."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTimeWidget

from ground.admin import ScopedAdmin
from ground.calendar_form import WEEKDAYS
from ground.models import Role
from surveys import eligibility
from surveys.models import AskingPolicy

# Each check in words, and the page on which what it goes by is set.
MEANINGS: dict[str, tuple[Any, str]] = {
    "suppressed": (
        _("No mail to those who unsubscribed or reported spam, to dead addresses, to own staff, without consent."),
        "admin:surveys_suppression_changelist",
    ),
    "eligible": (
        _("A finished contact that the customer did not abandon and no colleague skipped, and a rule that fits it."),
        "admin:surveys_sendingrule_changelist",
    ),
    "already_asked": (_("Nobody is asked twice about one closing of one contact."), ""),
    "survey_rest": (
        _("The same survey rests after an answer, and for less long after silence."),
        "admin:surveys_survey_changelist",
    ),
    "gap": (_("Days between any two surveys to one customer."), "admin:surveys_survey_changelist"),
    "rolling_maximum": (_("Set below."), "#id_rolling_maximum"),
    "pause": (_("While a case is open, mails do not get through, or somebody paused it."),
              "admin:surveys_pause_changelist"),
    "quota": (_("Nobody else is asked once a rule has its answers."), "admin:surveys_sendingrule_changelist"),
    "sampling": (
        _("Of a hundred, a rule may ask some; who is drawn stays the same."), "admin:surveys_sendingrule_changelist",
    ),
    "daily_maximum": (
        _("A full day sends the mail to the next one, and a rule may spread its mails over the day."),
        "admin:surveys_sendingrule_changelist",
    ),
    "window": (_("Set below; outside it the mail waits."), "#id_days"),
    "still_timely": (_("Nobody is asked later than a link of the survey lives."), "admin:surveys_survey_changelist"),
}  # fmt: skip


class PolicyForm(forms.ModelForm):
    days = forms.TypedMultipleChoiceField(
        label=_("On these weekdays"),
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        error_messages={"required": _("Choose at least one day: otherwise nobody is ever asked.")},
    )

    class Meta:
        model = AskingPolicy
        fields = [
            "rolling_maximum", "rolling_days", "days", "send_from", "send_until", "skips_holidays", "mails_a_minute",
            "domain_mails_a_minute",
        ]  # fmt: skip
        widgets = {name: UnfoldAdminTimeWidget(format="%H:%M") for name in ("send_from", "send_until")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("rolling_maximum", "rolling_days", "mails_a_minute", "domain_mails_a_minute"):
            if data.get(name) == 0:
                self.add_error(name, _("At least 1."))
        begins, ends = data.get("send_from"), data.get("send_until")
        if isinstance(begins, dt.time) and isinstance(ends, dt.time) and ends < begins:
            self.add_error("send_until", ValidationError(_("It has to be later than the first hour.")))
        return data


@admin.register(AskingPolicy)
class PolicyAdmin(ScopedAdmin):
    """One row: its list leads straight to it."""

    least_view = least_change = Role.MANAGER
    form = PolicyForm
    change_form_outer_before_template = "admin/surveys/askingpolicy/checks.html"
    help_texts = {
        "send_from": _("On the customer's own clock; on the team's where the customer's is not known."),
        "send_until": _("The same time twice: all day."),
    }
    fieldsets = [
        (_("Not too often"), {"fields": ["rolling_maximum", "rolling_days"]}),
        (_("Not at a wrong hour"), {"fields": ["days", "send_from", "send_until", "skips_holidays"]}),
        (_("Not too fast"), {"fields": ["mails_a_minute", "domain_mails_a_minute"]}),
    ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The row is made when somebody first opens its page to change it."""
        row = self.get_queryset(request).first()
        if row is None and self.has_change_permission(request):
            row = AskingPolicy.objects.create()
        if row is None:
            return super().changelist_view(request, extra_context)
        return redirect("admin:surveys_askingpolicy_change", row.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["checks"] = [
            {"name": eligibility.CHECK_NAMES[name], "meaning": meaning, "page": address(page)}
            for name, (meaning, page) in MEANINGS.items()
        ]
        return super().render_change_form(request, context, *args, **kwargs)


def address(page: str) -> str:
    return reverse(page) if page.startswith("admin:") else page
