"""The page of working hours, which deadlines and the hours for sending are reckoned by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from ground import countries
from ground.calendar_form import DAY_FIELDS, WEEKDAYS, CalendarForm, show_hours
from ground.models import Calendar, Role
from ground.scoped import ScopedAdmin


@admin.register(Calendar)
class CalendarAdmin(ScopedAdmin):
    least_view = Role.MANAGER
    least_change = Role.ADMINISTRATOR
    may_add = may_delete = True
    form = CalendarForm
    lead = _("When teams work: deadlines run in these hours, and customers are not asked on these holidays.")
    first_step = _("Without any, everybody works Monday to Friday from 9 to 18 and keeps the Russian holidays.")
    help_texts = {"timezone": _("The hours below are those of this zone.")}
    list_display = ["name", "hours", "holidays_shown", "timezone", "teams_shown", "is_default"]
    search_fields = ["name"]
    search_help_text = _("Name")
    fieldsets = [
        (None, {"fields": ["name", "timezone", "is_default"]}),
        (
            _("Hours of a usual week"),
            {
                "fields": DAY_FIELDS,
                "description": _("Like 09:00–18:00; with a break 09:00–13:00, 14:00–18:00. Empty: nobody works."),
            },
        ),
        (_("Days that differ"), {"fields": ["holidays", "other_days"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        return super().get_queryset(request).prefetch_related("teams")

    @display(description=_("hours"))
    def hours(self, calendar: Calendar) -> str:
        return in_words(calendar)

    @display(description=_("public holidays of"), ordering="holidays")
    def holidays_shown(self, calendar: Calendar) -> Any:
        return countries.name(calendar.holidays) or "—"

    @display(description=_("teams"))
    def teams_shown(self, calendar: Calendar) -> str:
        return ", ".join(team.name for team in calendar.teams.all()) or "—"


def in_words(calendar: Calendar) -> str:
    """The week with days of the same hours together: "Monday–Friday 09:00–18:00"."""
    runs: list[list[Any]] = []
    for day, name in enumerate(WEEKDAYS):
        hours = show_hours(calendar.week.get(str(day), []))
        if runs and runs[-1][2] == hours:
            runs[-1][1] = name
        else:
            runs.append([name, name, hours])
    return "; ".join(f"{first}{'' if first == last else f'–{last}'} {hours}" for first, last, hours in runs if hours)
