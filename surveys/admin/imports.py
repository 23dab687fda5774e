"""Importing a file in three steps: choose it, look at its columns and faults, let a job take it in."""

from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import available_timezones

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ground import jobfiles, uploads
from ground.access import Scope, requires
from ground.csvfile import BadFile
from ground.models import Organisation, Role, User
from ground.text import clean_line
from ground.uploads import Table
from surveys import importing, imports
from surveys.imports import Given
from surveys.imports.products import PRODUCTS, recognise
from surveys.models import SendingRule
from surveys.models.customers import Channel

SHOWN_ROWS, SHOWN_FAULTS, SHOWN_LINES = 5, 20, 8
SALT = "surveys.imports"
ADDRESS = "admin:surveys_interaction_import"


@dataclass(frozen=True)
class Chosen:
    """A field and the column that stands for it, with what the first rows have there; `always` may hold for all."""

    name: str
    label: str
    column: str
    samples: list[str]
    is_required: bool
    is_lacking: bool
    always: list[tuple[str, str]]

    @property
    def is_shown(self) -> bool:
        """The others are folded away: a file has few of our fields."""
        return bool(self.column) or self.is_required


@requires(Role.MANAGER)
def page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Choose what a file holds, where it comes from, and the file; POST keeps it and goes on to its columns."""
    scope = request.scope  # type: ignore[attr-defined]
    context: dict[str, Any] = {"title": _("Import"), "kinds": kinds(scope), "errors": []}
    if request.method == "POST":
        kind, source = request.POST.get("kind", ""), clean_line(request.POST.get("source", ""))[:64]
        errors = _faults_of_choice(request, scope, kind=kind)
        if not errors:
            try:
                table, source = _keep(request.FILES["file"], kind=kind, source=source)
            except BadFile as error:
                errors = [_in_words(error)]
            else:
                ticket = {"kind": kind, "source": source, "table": table.name, "count": table.count,
                          "file": request.FILES["file"].name[:80], "by": request.user.pk}  # fmt: skip
                return redirect(f"{reverse(ADDRESS)}{signing.dumps(ticket, salt=SALT)}/")
        context |= {"errors": errors, "kind": kind, "source": source}
    return TemplateResponse(
        request, "admin/surveys/imports/file.html", site.each_context(request) | context,
        status=400 if context["errors"] else 200,
    )  # fmt: skip


@requires(Role.MANAGER)
def columns(request: HttpRequest, ticket: str, *, site: AdminSite) -> HttpResponse:
    """Which column is which field, and what is wrong in the first rows; POST looks again, or begins the import."""
    scope, person = request.scope, cast(User, request.user)  # type: ignore[attr-defined]
    told = _read_ticket(ticket, person)
    try:
        table = uploads.table(told["table"], told["count"])
    except BadFile as error:
        messages.error(request, _in_words(error))
        return redirect(ADDRESS)
    kind, source = told["kind"], told["source"]
    if request.method == "POST":
        chosen = _chosen(request.POST, kind, table)
    else:
        chosen = importing.proposed(kind, table, source=source)
    lacking = importing.lacking(kind, chosen.columns, source=source)
    read = {"source": source, "product": chosen.product, "zone": chosen.zone}
    if request.method == "POST" and "run" in request.POST and not lacking:
        asks = "is_history" not in request.POST
        importing.begin(kind, table, chosen.columns, by=person, asks=asks, **read)
        messages.success(request, _("The import has begun; this page shows how far it is."))
        return redirect("desk:jobs")
    given = importing.given_for(scope, **read)
    faults = [] if lacking else importing.look(kind, table, chosen.columns, given=given)
    fields = _fields(kind, table, chosen.columns, asked=request.method == "POST")
    context = {
        "title": _("Import: columns"), "kind": capfirst(imports.get(kind).NAME), "source": source, "file": told["file"],
        "count": table.count, "header": table.header, "fields": fields, "lacking": lacking,
        "has_more": any(not field.is_shown for field in fields),
        "unused": _unused(table, chosen),
    } | _found(table, faults, given) | _asking(request, kind) | _reading(kind, chosen)  # fmt: skip
    return TemplateResponse(request, "admin/surveys/imports/columns.html", site.each_context(request) | context)


def _unused(table: Table, chosen: importing.Chosen) -> list[str]:
    """The columns that nothing is read from."""
    product = PRODUCTS.get(chosen.product)
    spare = [column for columns in product.spare(table.header).values() for column in columns] if product else []
    read = {*chosen.columns.values(), *spare}
    return [column for column in table.header if column and column not in read]


def _found(table: Table, faults: list[importing.Fault], given: Given) -> dict[str, Any]:
    """What the first rows came to."""
    return {
        "faults": _alike(faults)[:SHOWN_FAULTS],
        "wrong_rows": len({fault.line for fault in faults}),
        "looked_at": min(table.count, importing.LOOKED_AT),
        "left_out": given.known.get("left_out", 0),
        "new_teams": importing.new_teams(given),
    }


def _asking(request: HttpRequest, kind: str) -> dict[str, bool]:
    """Whether somebody may be asked about what the file brings, and whether the person said no."""
    may_ask = kind == "interactions" and SendingRule.objects.filter(is_active=True).exists()
    return {"may_ask": may_ask, "is_history": "is_history" in request.POST}


def _reading(kind: str, chosen: importing.Chosen) -> dict[str, Any]:
    """Which programs' files are known, and which zone the times are of: of contacts alone, the others have no times."""
    if kind != "interactions":
        return {}
    own = str(Organisation.current().timezone)
    zones = [own, "UTC", *sorted(name for name in available_timezones() if "/" in name and name != own)]
    return {
        "products": [(product.code, product.name) for product in PRODUCTS.values()],
        "product": chosen.product,
        "zones": zones,
        "zone": chosen.zone or own,
    }


def _keep(upload: Any, *, kind: str, source: str) -> tuple[Table, str]:
    """The kept table and where it comes from: exports that we know tell it themselves. Raises BadFile."""
    table = uploads.keep(upload)
    source = source or recognise(table.header)
    if kind == "interactions" and not source:
        jobfiles.drop(table.name)
        raise uploads.bad(_("Say where the file comes from: the name of the help desk or telephone system."))
    return table, source


def _alike(faults: list[importing.Fault]) -> list[dict[str, Any]]:
    """What is wrong, each thing once with its lines."""
    found: dict[tuple[str, str], list[int]] = {}
    for fault in faults:
        found.setdefault((fault.column, fault.sentence), []).append(fault.line)
    return [
        {"column": column, "sentence": sentence, "count": len(lines), "lines": ", ".join(map(str, lines[:SHOWN_LINES])),
         "is_cut": len(lines) > SHOWN_LINES}
        for (column, sentence), lines in found.items()
    ]  # fmt: skip


def kinds(scope: Scope) -> list[tuple[str, str]]:
    """What this person may import: code and name."""
    whole = scope.covers_all(least=Role.MANAGER)
    return [(code, capfirst(imports.get(code).NAME)) for code in imports.KINDS if whole or code != "suppressions"]


def _faults_of_choice(request: HttpRequest, scope: Scope, *, kind: str) -> list[str]:
    errors = []
    if kind not in dict(kinds(scope)):
        errors.append(_("Choose what the file holds."))
    if "file" not in request.FILES:
        errors.append(_("Choose a file."))
    return errors


def _read_ticket(ticket: str, person: User) -> dict[str, Any]:
    """What was chosen in the first step. Raises Http404 for another person's, or one that is too old."""
    try:
        told = signing.loads(ticket, salt=SALT, max_age=7 * 24 * 3600)
    except signing.BadSignature:
        raise Http404 from None
    if told["by"] != person.pk:
        raise Http404
    return told


def _chosen(data: QueryDict, kind: str, table: Table) -> importing.Chosen:
    """What was chosen; columns that the file has not are nothing. Another product than before proposes its own."""
    product = data.get("product", "") if data.get("product") in PRODUCTS else ""
    zone = data.get("zone", "") if data.get("zone") in available_timezones() else ""
    if "product_was" in data and data["product_was"] != product:
        return importing.Chosen(importing.guessed(kind, table, product=product), product, zone)
    wanted = {field.name: data.get(f"column-{field.name}", "") for field in imports.get(kind).FIELDS}
    known = {*table.header, *(value for name in wanted for value, _label in _always(name))}
    return importing.Chosen(
        {name: column for name, column in wanted.items() if column and column in known}, product, zone
    )


def _always(name: str) -> list[tuple[str, str]]:
    """What may hold for every row of a file that has no column for it."""
    return [(importing.ALWAYS + code, str(label)) for code, label in Channel.choices] if name == "channel" else []


def _fields(kind: str, table: Table, chosen: dict[str, str], *, asked: bool) -> list[Chosen]:
    first = uploads.lines(table.name, at=table.begins, number=table.first, most=SHOWN_ROWS)
    rows = [dict(zip(table.header, line.cells, strict=False)) for line in first]
    return [
        Chosen(
            name=field.name,
            label=capfirst(field.label),
            column=(column := chosen.get(field.name, "")),
            samples=[row[column][:40] for row in rows if row.get(column)][:3] if column else [],
            is_required=field.is_required,
            is_lacking=asked and field.is_required and not column,
            always=_always(field.name),
        )
        for field in imports.get(kind).FIELDS
    ]


def _in_words(error: BadFile) -> str:
    """Why a file was refused; the line is named where it matters."""
    first = error.complaints[0]
    return str(first) if first.line > 1 or first.column else first.message
