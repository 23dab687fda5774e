"""What every page about a period begins with: the filters of its address, its controls, its segments' names."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import annotations, page_files, slices
from analytics.forms import COMPARISONS, PERIODS, DashboardForm
from analytics.links import Links
from analytics.reports import SCALES, Filters
from analytics.tables import Table
from ground.models import Role, reporting_day
from surveys.models.customers import Channel

SCOPE = ("team", "channel", "survey", "source", "evidence")
# By which day scores count, where a page offers it.
DATED = "dated"
EMPTY = {DATED: gettext_lazy("of the answer")}
NOTES = "admin:analytics_annotation_"


def asked_for(
    request: HttpRequest, *, title: str, home: str, is_sliced: bool = False, is_dated: bool = False
) -> tuple[DashboardForm, dict[str, Any]]:
    """The filters of the address, and what every page about a period begins with.

    Only a page that says so may be narrowed to a slice, or go by the days on which contacts ended: on any other its
    numbers would be those of all, or by the days of the answers.
    """
    scope, today = request.scope, reporting_day(timezone.now())  # type: ignore[attr-defined]
    form = DashboardForm(request.GET, scope=scope, today=today, is_sliced=is_sliced, is_dated=is_dated)
    return form, admin.site.each_context(request) | {"title": title, "form": form, "home": home}


def names_of(form: DashboardForm) -> dict[str, dict[Any, str]]:
    """What teams and channels are called, and the rows that have none."""
    return {
        "team": {None: _("No team"), **form.teams},
        "channel": {"": _("No channel"), **{code: capfirst(str(name)) for code, name in Channel.choices}},
    }


def scale_kept(request: HttpRequest) -> dict[str, str]:
    """The score that the address asks for, to stay in the page's own links; nothing where there is none such."""
    wanted = request.GET.get("scale", "")
    return {"scale": wanted} if wanted in SCALES else {}


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
        "stated": _stated(form),
        "goes_on": form.goes_on(),
        "slices": _slices(form),
        "slice": form.cleaned_data.get("only"),
        "chosen": sum(bool(form.cleaned_data[name]) for name in scope) + bool(form.cleaned_data.get("only")),
        "page": links.page,
        "kept": links.kept.items(),
    }


def _slices(form: DashboardForm) -> list[tuple[Any, list[tuple[str, str, bool]]]]:
    """What the numbers may be narrowed to, by kind, with what is chosen."""
    if "only" not in form.fields:
        return []
    chosen = form.cleaned_data["only"]
    groups = slices.offered(form.scope, form.chosen_period(), team=form.cleaned_data["team"], chosen=chosen)
    return [(kind, [(value, name, value == str(chosen)) for value, name in options]) for kind, options in groups]


def _stated(form: DashboardForm) -> list[tuple[Any, Any]]:
    """The filters that are chosen, in words: paper and files show no lists to look at."""
    found = []
    for name in (*SCOPE, DATED):
        if form.cleaned_data.get(name):
            labels = {str(value): label for value, label in form.fields[name].choices}  # type: ignore[attr-defined]
            found.append((capfirst(str(form.fields[name].label)), labels[str(form.cleaned_data[name])]))
    if chosen := form.cleaned_data.get("only"):
        found.append((_("Only"), chosen.words))
    return found


def _choice(form: DashboardForm, name: str) -> dict[str, Any]:
    field, chosen = form.fields[name], form[name].value()
    options = [(value, label, str(value) == chosen) for value, label in field.choices if value]  # type: ignore[attr-defined]
    return {"name": name, "label": field.label, "options": options, "empty": EMPTY.get(name, _("all"))}


def notes_on(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """The notes on the trends of a page, each with the address where the reader may change it, and where to add one."""
    scope = filters.scope
    back = urlencode({"back": request.get_full_path()})
    may_add = scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))
    notes = annotations.noted(filters)
    return {
        "notes": notes,
        "note_lines": [
            {
                "note": note,
                "href": f"{reverse(NOTES + 'change', args=[note.row.pk])}?{back}"
                if scope.allows(note.row.team_id, least=Role.MANAGER)
                else "",
            }
            for note in notes
        ],
        "add_note_href": f"{reverse(NOTES + 'add')}?start={filters.period.end}&{back}" if may_add else "",
    }


def shown(
    request: HttpRequest, template: str, page: dict[str, Any], *, tables: Callable[[], Sequence[Table]]
) -> HttpResponse:
    """The page, or what it shows as a file when its address asks for one; `tables` is called only then.

    `page` is that of `asked_for` with a valid form, with `filters` and `as_of`.
    """
    form: DashboardForm = page["form"]
    wanted = form.cleaned_data["format"]
    if wanted:
        return _file(request, page, [_about(page), *tables(), *_notes(page)], form=wanted)
    page["exports"] = page_files.offered(request)
    return TemplateResponse(request, template, page)


def _file(request: HttpRequest, page: dict[str, Any], tables: Sequence[Table], *, form: str) -> HttpResponse:
    period = page["filters"].period
    return page_files.file(
        request, tables, form=form, title=page["title"], name=page["home"].partition(":")[2].replace("_", "-"),
        days=f"{period.start}_{period.end}",
        filters=sorted(name for name, value in page["form"].cleaned_data.items() if value and name != "format"),
    )  # fmt: skip


def _about(page: dict[str, Any]) -> Table:
    """Of what the other tables are: the page, its days and its filters."""
    filters: Filters = page["filters"]
    form: DashboardForm = page["form"]
    rows: list[tuple[Any, ...]] = [
        (_("Page"), page["title"]),
        (_("Period"), filters.period.start, filters.period.end),
        (_("Compared with"), *((filters.before.start, filters.before.end) if filters.before else ("—",))),
    ]
    if form.goes_on():
        rows.append((_("Last day"), _("not over yet")))
    rows += _stated(form)
    if page["as_of"]:
        rows.append((_("As of"), timezone.localtime(page["as_of"]).replace(tzinfo=None)))
    return Table(_("About"), (_("About"), "", ""), rows)


def _notes(page: dict[str, Any]) -> list[Table]:
    """The notes on the charts, where there are any."""
    rows = [
        (note.number, note.start, note.end, note.row.get_kind_display(), note.row.text, str(note.row.team or ""))
        for note in page.get("notes", ())
    ]
    columns = ("#", _("First day"), _("Last day"), _("Kind"), _("Text"), _("Team"))
    return [Table(_("Notes on the charts"), columns, rows)] if rows else []
