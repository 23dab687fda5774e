"""What every page about a period begins with: the filters of its address, its controls, its segments' names."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analytics.forms import COMPARISONS, PERIODS, DashboardForm
from analytics.links import Links
from ground.models import reporting_day
from surveys.models.customers import Channel

SCOPE = ("team", "channel", "survey", "source", "evidence")


def asked_for(request: HttpRequest, *, title: str, home: str) -> tuple[DashboardForm, dict[str, Any]]:
    """The filters of the address, and what every page about a period begins with."""
    form = DashboardForm(request.GET, scope=request.scope, today=reporting_day(timezone.now()))  # type: ignore[attr-defined]
    return form, admin.site.each_context(request) | {"title": title, "form": form, "home": home}


def names_of(form: DashboardForm) -> dict[str, dict[Any, str]]:
    """What teams and channels are called, and the rows that have none."""
    return {
        "team": {None: _("No team"), **form.teams},
        "channel": {"": _("No channel"), **{code: capfirst(str(name)) for code, name in Channel.choices}},
    }


def controls(form: DashboardForm, links: Links, *, scope: Sequence[str] = SCOPE) -> dict[str, Any]:
    """The period's presets as links, and the other choices as lists, with what is chosen."""
    preset, compare = form.chosen_preset(), form.cleaned_data["compare"]
    return {
        "preset": preset,
        "presets": [
            {"label": label, "href": links.here(period=key, compare=compare), "is_chosen": key == preset}
            for key, label in PERIODS
        ],
        "comparisons": [(key, label, key == (compare or "previous")) for key, label in COMPARISONS],
        "choices": [_choice(form, name) for name in scope],
        "chosen": sum(bool(form.cleaned_data[name]) for name in scope),
        "page": links.page,
    }


def kept(form: DashboardForm) -> dict[str, Any]:
    """The period and the comparison as they stand in the address, for links that change something else."""
    preset, given = form.chosen_preset(), form.cleaned_data
    days = {"period": preset} if preset else {"from": given["from"], "to": given["to"]}
    return days | {"compare": given["compare"]}


def _choice(form: DashboardForm, name: str) -> dict[str, Any]:
    field, chosen = form.fields[name], form[name].value()
    options = [(value, label, str(value) == chosen) for value, label in field.choices if value]  # type: ignore[attr-defined]
    return {"name": name, "label": field.label, "options": options}
