"""Working hours as people type them: a line of hours for each weekday, a line for each day that differs."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from ground import countries
from ground.calendars import is_known
from ground.models import Calendar
from ground.working_time import intervals

WEEKDAYS = [
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
]  # fmt: skip
DAY_FIELDS: list[Any] = [f"day_{day}" for day in range(7)]
FREE = {"-", "—", "off", "closed", "выходной", "закрыто"}
HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d\d))?")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d)\.(\d\d)\.(\d{4})")


def parse_hours(typed: str) -> list[list[str]]:
    """ "9-13, 14:00–18:00" as [["09:00", "13:00"], ["14:00", "18:00"]], nothing as []; raises ValidationError."""
    if typed.strip().lower() in FREE:
        return []
    found = []
    for part in re.split(r"[,;]", typed):
        if not part.strip():
            continue
        read = HOURS.fullmatch(part.strip())
        if not read:
            raise ValidationError(_("“%s”: write hours like 09:00–18:00, several with commas between.") % part.strip())
        first, first_minutes, last, last_minutes = read.groups(default="00")
        found.append([f"{first:0>2}:{first_minutes}", f"{last:0>2}:{last_minutes}"])
    try:
        intervals(found)
    except ValueError as error:
        raise ValidationError(_("“%s”: hours have to lie within a day and end after they begin.") % typed) from error
    return sorted(found)


def show_hours(pairs: list[list[str]]) -> str:
    return ", ".join(f"{begins}–{ends}" for begins, ends in pairs)


def parse_days(typed: str) -> dict[str, list[list[str]]]:
    """A line for each day, its date and then its hours; without hours it is free. Raises ValidationError."""
    days = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        read = DATE.match(line.strip())
        if not read:
            raise ValidationError(_("“%s”: begin the line with a date like 2026-12-31.") % line.strip())
        year, month, day = (read[1], read[2], read[3]) if read[1] else (read[6], read[5], read[4])
        try:
            date = dt.date(int(year), int(month), int(day))
        except ValueError as error:
            raise ValidationError(_("“%s”: there is no such day.") % read[0]) from error
        days[date.isoformat()] = parse_hours(line.strip()[read.end() :].lstrip(" :"))
    return dict(sorted(days.items()))


def show_days(days: dict[str, list[list[str]]]) -> str:
    return "\n".join(f"{day}: {show_hours(pairs) or '—'}" for day, pairs in sorted(days.items()))


class CalendarForm(forms.ModelForm):
    other_days = forms.CharField(
        label=_("Other days"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        required=False,
        help_text=_("A line for each: 2026-12-31: 09:00–15:00. A date alone is a day off. They outweigh holidays."),
    )

    class Meta:
        model = Calendar
        fields = ["name", "timezone", "holidays", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "holidays" in self.fields:
            self.fields["holidays"] = _holidays(self.instance)
        self.initial["other_days"] = show_days(self.instance.days)
        for day, title in enumerate(WEEKDAYS):
            self.initial[f"day_{day}"] = show_hours(self.instance.week.get(str(day), []))
            if f"day_{day}" in self.fields:
                self.fields[f"day_{day}"].label = title

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        week = {}
        for day, name in enumerate(DAY_FIELDS):
            try:
                week[str(day)] = parse_hours(data.get(name) or "")
            except ValidationError as error:
                self.add_error(name, error)
        try:
            self.instance.days = parse_days(data.get("other_days") or "")
        except ValidationError as error:
            self.add_error("other_days", error)
        others = Calendar.objects.filter(is_default=True).exclude(pk=self.instance.pk)
        if data.get("is_default") and (other := others.first()):
            self.add_error("is_default", _("“%s” holds for everybody else: untick it there first.") % other.name)
        if not self.errors and not any(week.values()):
            self.add_error("day_0", _("Give the hours of at least one weekday."))
        self.instance.week = {day: pairs for day, pairs in week.items() if pairs}
        return data


for _name in DAY_FIELDS:
    CalendarForm.declared_fields[_name] = CalendarForm.base_fields[_name] = forms.CharField(
        max_length=100, required=False, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "09:00–18:00"})
    )


def _holidays(calendar: Calendar) -> forms.ChoiceField:
    """The countries by name; one that was set by its code stays."""
    named = sorted(countries.NAMES.items(), key=lambda pair: str(pair[1]))
    own = [(calendar.holidays, calendar.holidays)] if calendar.holidays not in {"", *countries.NAMES} else []
    field = Calendar._meta.get_field("holidays")
    return forms.ChoiceField(
        label=capfirst(field.verbose_name),
        choices=[("", _("none are kept")), *own, *((code, name) for code, name in named if is_known(code))],
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("With the days off and the working Saturdays that the government has moved."),
    )
