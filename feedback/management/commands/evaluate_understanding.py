"""`manage.py evaluate_understanding --data FILE.csv --scheme S --text-column T --label-column L`: how well we read."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from feedback import understanding
from feedback.understanding import labelled, schemes, tiers
from ground.csvfile import BadFile, Complaint, Row, read_rows

BUNCH = 500
UNUSABLE = 2


class Command(BaseCommand):
    help = "Measure the reading of comments on labelled rows of your own. Nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, required=True, metavar="FILE.csv")
        parser.add_argument("--scheme", choices=schemes.NAMES, required=True)
        parser.add_argument("--text-column", required=True)
        parser.add_argument("--label-column", required=True)
        parser.add_argument("--language", choices=("ru", "en"), help="the rows' language: says how often it was told")
        parser.add_argument("--deep", type=float, default=settings.UNDERSTANDING_DEEP, metavar="SHARE",
                            help="the share of least sure comments that the sentence embedding reads too")  # fmt: skip
        parser.add_argument("--frozen", action="store_true", help="only rows that are never trained on")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the report as one JSON object")
        parser.add_argument("--encoding", default="utf-8-sig")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texts, labels = usable(options)
        except BadFile as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        report = evaluate(texts, labels, options)
        if options["json"]:
            try:
                options["json"].write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                raise CommandError(f"--json: {error.strerror}", returncode=UNUSABLE) from error
        self.stdout.write("\n".join(table(report)))


def usable(options: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Texts and labels of the file; raises BadFile naming line and column of all that is wrong."""
    text_column, label_column = options["text_column"], options["label_column"]
    columns = [text_column, label_column]
    rows = read_rows(options["data"], required=columns, known=None, encoding=options["encoding"])
    if options["frozen"]:
        rows = [row for row in rows if labelled.is_frozen(row.values[text_column])]
    if not rows:
        raise BadFile([Complaint(1, text_column, _("there are no rows"))])
    labels, complaints = [], []
    for row in rows:
        try:
            labels.append(schemes.parse(options["scheme"], row.values[label_column]))
        except ValueError as error:
            complaints.append(Complaint(row.line, label_column, str(error)))
    if complaints:
        raise BadFile(complaints)
    return texts_of(rows, text_column), labels


def texts_of(rows: list[Row], column: str) -> list[str]:
    """The text of each row; a row without one cannot be right or wrong, so the file is refused."""
    empty = [Complaint(row.line, column, _("the text is missing")) for row in rows if not row.values[column].strip()]
    if empty:
        raise BadFile(empty)
    return [row.values[column] for row in rows]


def evaluate(texts: list[str], labels: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """The report; dictionaries and models are loaded before the clock starts."""
    deep = options["deep"]
    understanding.warm(deep=bool(deep))
    began = time.perf_counter()
    readings = []
    for start in range(0, len(texts), BUNCH):
        readings += understanding.read(texts[start : start + BUNCH], deep=deep)
    seconds = time.perf_counter() - began
    told = schemes.measure(options["scheme"], labels, readings)
    report = told | {"seconds": round(seconds, 3), "comments_per_second": round(len(texts) / seconds, 1)}
    if language := options["language"]:
        in_it = sum(reading.language.value == language for reading in readings)
        report["language_told"] = round(in_it / len(texts), 4)
    report["tiers"] = schemes.measure_tiers(options["scheme"], labels, tiers.alone(texts) | {"fused": readings})
    report["evidence"] = tiers.explained(options["scheme"], texts, readings)
    return report | {"scheme": options["scheme"], "version": understanding.VERSION, "active": tiers.active()}


def table(report: dict[str, Any]) -> list[str]:
    """The report as lines to read: a table for each tier, then the speed."""
    lines = []
    for name, tier in report["tiers"].items():
        lines.append(f"{name}, n = {tier['n']}")
        shown = ("accuracy", "micro_f1", "macro_f1", "p_at_1", "coverage", "ece")
        lines += [f"  {key:<16}{tier[key]:>8.3f}" for key in shown if key in tier]
        lines.append(f"  {'surest 70 %':<16}{tier['coverage_curve'][6]['accuracy']:>8.3f}")
        lines.append(f"  {'':<16}{'prec.':>8}{'recall':>8}{'F1':>8}{'n':>8}")
        for value, row in tier["per_class"].items():
            lines.append(f"  {value:<16}{row['precision']:>8.3f}{row['recall']:>8.3f}{row['f1']:>8.3f}{row['n']:>8}")
    if shown := report.get("evidence"):
        lines.append(f"evidence: without the words shown, {shown['lower']} of {shown['n']} are less sure")
        lines += [
            f"  {language:<4}{says:<13}{own['lower']:>7} of {own['n']}"
            for language, each in shown["by_language"].items()
            for says, own in sorted(each.items())
        ]
    return [*lines, f"{report['seconds']} s, {report['comments_per_second']} comments/s"]
