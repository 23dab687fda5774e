"""`manage.py import_interactions FILE.csv`: the API's fields as columns, the same door, a report row by row."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ground.csvfile import BadFile, Complaint, Row, parse_moment, read_rows
from ground.models import Organisation
from surveys import deciding, interactions
from surveys.api.shapes import AgentShape, CustomerShape, InteractionShape, TeamShape
from surveys.models import Interaction

GROUPS = {"customer": "customer_", "team": "team_", "agent": "agent_"}
TIMES = ("updated_at", *interactions.TIMES)
SHAPES = {"customer": CustomerShape, "team": TeamShape, "agent": AgentShape}
NESTED = ("attributes", "consent", "events")  # what a cell cannot hold
COLUMNS = [
    *(name for name in InteractionShape().fields if name not in (*GROUPS, *NESTED)),
    *(f"{GROUPS[group]}{name}" for group, shape in SHAPES.items() for name in shape().fields if name not in NESTED),
]
BUNCH = 500
REQUIRED = ["source", "external_id", "updated_at"]


class Command(BaseCommand):
    help = "Import interactions from a CSV file whose columns are named like the API's fields (customer_email, ...)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--encoding", default="utf-8-sig")
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = read_rows(options["file"], required=REQUIRED, known=COLUMNS, encoding=options["encoding"])
            reports = check(rows)
        except BadFile as error:
            raise CommandError(_("Nothing was imported.") + f"\n{error}") from error
        if options["dry_run"]:
            self.stdout.write(_("%(count)d rows are in order; nothing was written.") % {"count": len(rows)})
            return
        counts: dict[str, int] = {}
        rules = deciding.active_rules()
        for report in reports:
            outcome = deciding.receive(report, rules=rules).outcome
            counts[outcome] = counts.get(outcome, 0) + 1
        self.stdout.write(", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items())) or "0")


def check(rows: list[Row]) -> list[interactions.Report]:
    """Every row as a report; raises BadFile with all that is wrong in the file, before anything is written."""
    zone = Organisation.current().timezone
    complaints: list[Complaint] = []
    reports: list[interactions.Report] = []
    for row in rows:
        data, wrong = _nest(row, zone)
        complaints += wrong
        shape = InteractionShape(data=data)
        if wrong or not shape.is_valid():
            complaints += [] if wrong else _complaints(row.line, shape.errors)
            continue
        reports.append(shape.to_report())
    complaints = complaints or _lacking(rows, reports)
    if complaints:
        raise BadFile(complaints)
    return reports


def _lacking(rows: list[Row], reports: list[interactions.Report]) -> list[Complaint]:
    """What rows of interactions that neither we nor an earlier row know do not name."""
    known = _known(reports)
    found: list[Complaint] = []
    for row, report in zip(rows, reports, strict=True):
        fault = None if (report.source, report.external_id) in known else interactions.lacking(report)
        if fault:
            found.append(Complaint(row.line, fault.attr, str(fault)))
        known.add((report.source, report.external_id))
    return found


def _known(reports: list[interactions.Report]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for start in range(0, len(reports), BUNCH):
        bunch = reports[start : start + BUNCH]
        stored = Interaction.objects.filter(
            source__in={report.source for report in bunch}, external_id__in=[report.external_id for report in bunch]
        )
        found |= set(stored.values_list("source", "external_id"))
    return found


def _nest(row: Row, zone: Any) -> tuple[dict[str, Any], list[Complaint]]:
    """The row as the API would get it: groups nested, times with a zone, tags split at commas."""
    data: dict[str, Any] = {"customer": {}}
    wrong: list[Complaint] = []
    for column, cell in row.values.items():
        cell = cell.strip()
        if not cell:
            continue
        group = next((group for group, prefix in GROUPS.items() if column.startswith(prefix)), None)
        if group:
            data.setdefault(group, {})[column.removeprefix(GROUPS[group])] = cell
        elif column in TIMES:
            try:
                data[column] = parse_moment(cell, zone).isoformat()
            except ValueError as error:
                wrong.append(Complaint(row.line, column, str(error)))
        elif column == "tags":
            data[column] = [tag.strip() for tag in cell.split(",") if tag.strip()]
        else:
            data[column] = cell
    return data, wrong


def _complaints(line: int, errors: Any, prefix: str = "") -> list[Complaint]:
    found: list[Complaint] = []
    for name, value in errors.items():
        if isinstance(value, dict):
            found += _complaints(line, value, GROUPS.get(str(name), ""))
        else:
            found.append(Complaint(line, f"{prefix}{name}", " ".join(str(part) for part in value)))
    return found
