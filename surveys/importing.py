"""Importing a kept table: which column is which field, what is wrong row by row, and the job that takes it in.

A step takes a few rows in one transaction with its cursor, so a row is taken once, whoever dies; it ends early when
rows are slow, as SQLite has one write lock that mails and answers wait for. Wrong rows are left
out and stand in a report, a CSV file that the author fetches from the page of jobs. Done twice, a file changes nothing
the second time.
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from ground import access, audit, jobfiles, jobs, uploads
from ground.access import Scope
from ground.csvfile import BadFile
from ground.jobs import GaveUp, Kind, Progress
from ground.models import ColumnMapping, Job, Organisation, Role, Team, User
from ground.sheets import Column, Csv
from ground.uploads import Line, Table
from surveys import imports
from surveys.imports import Given, LeftOut, Wrong
from surveys.imports.products import PRODUCTS, recognise

KIND = "import"
STEP, STEP_SECONDS, LOOKED_AT = 100, 0.15, 300
OUTCOMES = ("created", "updated", "stale", "refused", "skipped")
ALWAYS = "="
GONE = gettext_noop("The file is no longer kept. Upload it again.")
FORBIDDEN = gettext_noop("Whoever began this may not import any more.")


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place of the file: the line, the column's title or "", and a sentence."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Chosen:
    """How a file is read: {field: column}, the product that wrote it or "", and the zone of its times or "".

    Instead of a column stands ALWAYS and a value that holds for every row.
    """

    columns: dict[str, str]
    product: str = ""
    zone: str = ""


def proposed(kind: str, table: Table, *, source: str) -> Chosen:
    """As it was chosen for the last file of this kind and source, else as its titles tell."""
    known = ColumnMapping.objects.filter(kind=kind, source=source).first()
    if known and (kept := _kept(known.columns, table)):
        return Chosen(kept, known.product, known.zone)
    product = recognise(table.header) if kind == "interactions" else ""
    return Chosen(guessed(kind, table, product=product), product)


def _kept(columns: dict[str, str], table: Table) -> dict[str, str]:
    kept = {field: column for field, column in columns.items() if column in table.header or column.startswith(ALWAYS)}
    return kept if any(column in table.header for column in kept.values()) else {}


def guessed(kind: str, table: Table, *, product: str) -> dict[str, str]:
    """Which column is likely which field: by the product that wrote the file, else by the titles."""
    if product:
        return PRODUCTS[product].columns(table.header)
    return imports.guess(imports.get(kind), table.header)


def mapping_for(kind: str, table: Table, *, source: str) -> dict[str, str]:
    """{field: column}, as it would be proposed."""
    return proposed(kind, table, source=source).columns


def remember(kind: str, chosen: Chosen, *, source: str) -> None:
    values = {"columns": chosen.columns, "product": chosen.product, "zone": chosen.zone}
    ColumnMapping.objects.update_or_create(kind=kind, source=source, defaults=values)


def lacking(kind: str, columns: dict[str, str], *, source: str) -> list[Any]:
    """The labels of fields that a file has to have and no column was chosen for."""
    fields = imports.get(kind).FIELDS
    return [field.label for field in fields if field.is_required and not columns.get(field.name)]


def look(kind: str, table: Table, columns: dict[str, str], *, given: Given) -> list[Fault]:
    """What is wrong in the first rows; nothing is written."""
    check = imports.get(kind).check
    faults: list[Fault] = []
    for line in uploads.lines(table.name, at=table.begins, number=table.first, most=LOOKED_AT):
        if not any(line.cells):
            continue
        try:
            check(values_of(line, table.header, columns, given), given)
        except LeftOut:
            given.known["left_out"] = given.known.get("left_out", 0) + 1
        except Wrong as error:
            faults += _faults(line, error, columns)
    return faults


def new_teams(given: Given) -> list[str]:
    """Codes of teams in the rows looked at that nobody knows: a mistyped one would make a team."""
    named = given.known.get("teams", set())
    return sorted(named - set(Team.objects.filter(code__in=named).values_list("code", flat=True)))


def values_of(line: Line, header: list[str], columns: dict[str, str], given: Given) -> dict[str, str]:
    """{field: text} of the cells that are not empty."""
    cells = dict(zip(header, line.cells, strict=False))
    found = {
        field: column.removeprefix(ALWAYS) if column.startswith(ALWAYS) else cells.get(column, "").strip()
        for field, column in columns.items()
    }
    for field, others in _spare(header, given).items():
        if field in found and not found[field]:
            found[field] = next((cells[column].strip() for column in others if cells.get(column, "").strip()), "")
    return {field: cell for field, cell in found.items() if cell}


def _spare(header: list[str], given: Given) -> dict[str, list[str]]:
    if "spare" not in given.known:
        given.known["spare"] = given.product.spare(header) if given.product else {}
    spare: dict[str, list[str]] = given.known["spare"]
    return spare


def _faults(line: Line, error: Wrong, columns: dict[str, str]) -> list[Fault]:
    return [Fault(line.number, columns.get(name, name), sentence) for name, sentence in error.faults]


@transaction.atomic
def begin(
    kind: str, table: Table, columns: dict[str, str], *, source: str, by: User, asks: bool = True, product: str = "",
    zone: str = "",
) -> Job:  # fmt: skip
    """Put the import into the queue and remember how it is read; a file that was begun already is not begun again.

    Without `asks` nobody is asked about the contacts that it brings.
    """
    remember(kind, Chosen(columns, product, zone), source=source)  # whose row keeps a second click waiting
    if begun := Job.objects.filter(kind=KIND, params__table=table.name).first():
        return begun
    params = {
        "kind": kind, "table": table.name, "source": source, "columns": columns, "asks": asks,
        "product": product, "zone": zone, "report": jobfiles.new_name("csv"),
        "language": translation.get_language() or "",
    }  # fmt: skip
    job = jobs.start(KIND, params=params, author=by, total=table.count)
    audit.note("import.begun", by=by, subject=job, kind=kind, count=table.count)
    return job


def given_for(
    scope: Scope, *, source: str, asks: bool = True, by: User | None = None, product: str = "", zone: str = ""
) -> Given:
    """What holds for every row; without a zone, times are the organisation's."""
    return Given(
        writer=scope, source=source, zone=ZoneInfo(zone) if zone else Organisation.current().timezone, asks=asks, by=by,
        product=PRODUCTS.get(product),
    )  # fmt: skip


def _step(job: Job) -> Progress:
    if job.author is None or not may_import(scope := access.scope_of(job.author)):
        raise GaveUp(FORBIDDEN)
    try:
        table = uploads.table(job.params["table"], job.total or 0)
    except BadFile:
        raise GaveUp(GONE) from None
    cursor = job.cursor or {"at": table.begins, "number": table.first, "counts": {}, "report": None}
    found = uploads.lines(table.name, at=cursor["at"], number=cursor["number"], most=STEP)
    given = given_for(
        scope, source=job.params["source"], asks=job.params.get("asks", True), by=job.author,
        product=job.params.get("product", ""), zone=job.params.get("zone", ""),
    )  # fmt: skip
    with translation.override(job.params["language"] or None):
        taken, counts, faults = _take(job, table, found, given)
        state = _report(job, cursor["report"], faults)
    total = {name: cursor["counts"].get(name, 0) + counts.get(name, 0) for name in OUTCOMES}
    behind = found[taken - 1].behind if taken else cursor["at"]
    cursor = {"at": behind, "number": cursor["number"] + taken, "counts": total, "report": state}
    if taken < len(found) or len(found) == STEP:
        return Progress(cursor=cursor, rows=taken)
    return _finished(job, cursor, rows=taken)


def _take(job: Job, table: Table, found: list[Line], given: Given) -> tuple[int, dict[str, int], list[Fault]]:
    """Take rows in, each by itself, until the step is over; how many, what they came to, and what was wrong."""
    kind, columns = imports.get(job.params["kind"]), job.params["columns"]
    counts: dict[str, int] = {}
    faults: list[Fault] = []
    taken, until = 0, time.monotonic() + STEP_SECONDS
    for line in found:
        taken += 1
        if any(line.cells):
            try:
                with transaction.atomic():
                    outcome = kind.take(values_of(line, table.header, columns, given), given)
            except LeftOut:
                outcome = "skipped"
            except Wrong as error:
                outcome = "refused"
                faults += _faults(line, error, columns)
            counts[outcome] = counts.get(outcome, 0) + 1
        if time.monotonic() >= until:
            break
    if settle := getattr(kind, "settle", None):
        settle(given)
    return taken, counts, faults


def _report(job: Job, state: dict[str, int] | None, faults: list[Fault]) -> dict[str, int]:
    """Add to the report; a step that is repeated writes over what it wrote before."""
    with jobfiles.opened(job.params["report"]) as file:
        sheet = Csv(file, language=job.params["language"], state=state)
        if state is None:
            sheet.begin([Column(_("line")), Column(_("column")), Column(_("what is wrong"))])
        if faults:
            sheet.write([[fault.line, fault.column, fault.sentence] for fault in faults])
        sheet.finish()
        return sheet.state()


def _finished(job: Job, cursor: dict[str, Any], *, rows: int) -> Progress:
    # A file that goes before the commit would be missing where the step has to be done once more.
    if cursor["counts"]["refused"]:
        jobfiles.keep(job, job.params["report"])
    else:
        transaction.on_commit(partial(jobfiles.drop, job.params["report"]))
    transaction.on_commit(partial(jobfiles.drop, job.params["table"]))
    return Progress(cursor=cursor, rows=rows, finished=True, result={"counts": cursor["counts"]})


def may_import(scope: Scope) -> bool:
    """Managers, of some team at least."""
    return scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))


def _title(job: Job) -> str:
    return _("Import: %(what)s, %(count)s rows") % {"what": imports.get(job.params["kind"]).NAME, "count": job.total}


def _told(job: Job) -> str:
    counts = job.result.get("counts") or (job.cursor or {}).get("counts", {})
    told = {
        "created": ngettext("%d new", "%d new", counts.get("created", 0)),
        "updated": ngettext("%d brought up to date", "%d brought up to date", counts.get("updated", 0)),
        "stale": ngettext("%d known already", "%d known already", counts.get("stale", 0)),
        "skipped": ngettext("%d left out (spam, deleted, merged)", "%d left out (spam, deleted, merged)",
                            counts.get("skipped", 0)),
        "refused": ngettext("%d wrong: see the report", "%d wrong: see the report", counts.get("refused", 0)),
    }  # fmt: skip
    return ", ".join(words % counts[name] for name, words in told.items() if counts.get(name)) or _(
        "Nothing to import."
    )


def _file(job: Job) -> str:
    return _("Download the report (CSV)")


def _dropped(job: Job) -> None:
    jobfiles.drop(job.params["table"])


jobs.register(Kind(name=KIND, title=_title, step=_step, told=_told, dropped=_dropped, file=_file))
