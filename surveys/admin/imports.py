"""Importing a file in three steps: choose it, look at its columns and faults, let a job take it in."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ground import uploads
from ground.access import Scope, requires
from ground.csvfile import BadFile
from ground.models import Role, User
from ground.text import clean_line
from ground.uploads import Table
from surveys import importing, imports
from surveys.models import SendingRule

SHOWN_ROWS, SHOWN_FAULTS, SHOWN_LINES = 5, 20, 8
SALT = "surveys.imports"
ADDRESS = "admin:surveys_interaction_import"


@dataclass(frozen=True)
class Chosen:
    """A field and the column that stands for it, with what the first rows have there."""

    name: str
    label: str
    column: str
    samples: list[str]
    is_required: bool
    is_lacking: bool

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
        errors = _faults_of_choice(request, scope, kind=kind, source=source)
        if not errors:
            try:
                table = uploads.keep(request.FILES["file"])
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
        chosen = importing.mapping_for(kind, table, source=source)
    lacking = importing.lacking(kind, chosen, source=source)
    if request.method == "POST" and "run" in request.POST and not lacking:
        importing.begin(kind, table, chosen, source=source, by=person, asks="is_history" not in request.POST)
        messages.success(request, _("The import has begun; this page shows how far it is."))
        return redirect("desk:jobs")
    given = importing.given_for(scope, source=source)
    faults = [] if lacking else importing.look(kind, table, chosen, given=given)
    fields = _fields(kind, table, chosen, asked=request.method == "POST")
    context = {
        "title": _("Import: columns"),
        "kind": capfirst(imports.get(kind).NAME),
        "source": source,
        "file": told["file"],
        "count": table.count,
        "header": table.header,
        "fields": fields,
        "has_more": any(not field.is_shown for field in fields),
        "unused": [column for column in table.header if column and column not in chosen.values()],
        "lacking": lacking,
        "faults": _alike(faults)[:SHOWN_FAULTS],
        "wrong_rows": len({fault.line for fault in faults}),
        "looked_at": min(table.count, importing.LOOKED_AT),
        "new_teams": importing.new_teams(given),
    } | _asking(request, kind)
    return TemplateResponse(request, "admin/surveys/imports/columns.html", site.each_context(request) | context)


def _asking(request: HttpRequest, kind: str) -> dict[str, bool]:
    """Whether somebody may be asked about what the file brings, and whether the person said no."""
    may_ask = kind == "interactions" and SendingRule.objects.filter(is_active=True).exists()
    return {"may_ask": may_ask, "is_history": "is_history" in request.POST}


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


def _faults_of_choice(request: HttpRequest, scope: Scope, *, kind: str, source: str) -> list[str]:
    errors = []
    if kind not in dict(kinds(scope)):
        errors.append(_("Choose what the file holds."))
    if kind == "interactions" and not source:
        errors.append(_("Say where the file comes from: the name of the help desk or telephone system."))
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


def _chosen(data: QueryDict, kind: str, table: Table) -> dict[str, str]:
    """{field: column} of what was chosen; columns that the file has not are nothing."""
    wanted = {field.name: data.get(f"column-{field.name}", "") for field in imports.get(kind).FIELDS}
    return {name: column for name, column in wanted.items() if column in table.header and column}


def _fields(kind: str, table: Table, chosen: dict[str, str], *, asked: bool) -> list[Chosen]:
    first = uploads.lines(table.name, at=table.begins, number=2, most=SHOWN_ROWS)
    rows = [dict(zip(table.header, line.cells, strict=False)) for line in first]
    return [
        Chosen(
            name=field.name,
            label=capfirst(field.label),
            column=(column := chosen.get(field.name, "")),
            samples=[row[column][:40] for row in rows if row.get(column)][:3] if column else [],
            is_required=field.is_required,
            is_lacking=asked and field.is_required and not column,
        )
        for field in imports.get(kind).FIELDS
    ]


def _in_words(error: BadFile) -> str:
    """Why a file was refused; the line is named where it matters."""
    first = error.complaints[0]
    return str(first) if first.line > 1 or first.column else first.message
