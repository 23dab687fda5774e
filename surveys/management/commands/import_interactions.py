"""`manage.py import_interactions FILE`: the API's fields as columns, the same door, a report row by row."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ground.access import EVERYTHING
from ground.csvfile import BadFile, Complaint, Row, read_rows
from ground.models import Organisation
from surveys import deciding, interactions
from surveys.imports import Given, Wrong
from surveys.imports import interactions as kind
from surveys.models import Interaction

BUNCH = 500
REQUIRED = ["source", "external_id", "updated_at"]


class Command(BaseCommand):
    help = "Import interactions from a CSV or JSON file named like the API's fields (customer_email, ...)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--encoding", default="utf-8-sig")
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = read_rows(options["file"], required=REQUIRED, known=kind.COLUMNS, encoding=options["encoding"])
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
    given = Given(writer=EVERYTHING, source="", zone=Organisation.current().timezone)
    complaints: list[Complaint] = []
    reports: list[interactions.Report] = []
    for row in rows:
        try:
            reports.append(kind.check(row.values, given))
        except Wrong as error:
            complaints += [Complaint(row.line, column, sentence) for column, sentence in error.faults]
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
