"""`manage.py import_reviews FILE.csv --source NAME --text-column T`: public reviews as comments; again is no harm."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import intake
from feedback.intake import Said
from feedback.models import Comment
from ground.csvfile import BadFile, Complaint, Row, parse_each, parse_moment, read_rows
from ground.models import Organisation, Team
from ground.text import COMMENT_LIMIT, TextTooLong, clean_line, clean_text
from surveys.models.customers import Channel

BUNCH = 500
BAR = 30


class Command(BaseCommand):
    help = "Import public reviews from a CSV file. The whole file is checked before anything is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="the site or system they come from, e.g. maps.example")
        parser.add_argument("--text-column", required=True)
        parser.add_argument("--date-column", help="when it was said; without it, the moment of the import")
        parser.add_argument("--stars-column", help="1 to 5; never part of a survey score")
        parser.add_argument("--key-column", help="the source's own id; without it, a hash of the row")
        parser.add_argument("--team", help="code of the team the reviews are about")
        parser.add_argument("--channel", choices=Channel.values, default="")
        parser.add_argument("--encoding", default="utf-8-sig")

    def handle(self, *args: Any, **options: Any) -> None:
        columns = {name: options[f"{name}_column"] for name in ("text", "date", "stars", "key")}
        shared = {"origin": _line(options["source"]), "team": _team(options["team"]), "channel": options["channel"]}
        try:
            rows = read_rows(options["file"], required=_named(columns), known=None, encoding=options["encoding"])
            saids, empty = check(rows, columns=columns, shared=shared)
        except BadFile as error:
            raise CommandError(_("Nothing was imported.") + f"\n{error}") from error
        created = self.store(saids)
        self.stdout.write(
            ngettext("%(count)d review imported.", "%(count)d reviews imported.", created) % {"count": created}
        )
        known = len(saids) - created
        for count, sentence in (
            (known, ngettext("%(count)d was known before.", "%(count)d were known before.", known)),
            (empty, ngettext("%(count)d row had no text.", "%(count)d rows had no text.", empty)),
        ):
            if count:
                self.stdout.write(sentence % {"count": count})

    def store(self, saids: list[Said]) -> int:
        """Bunch by bunch, so that answers get the database in between; a broken run is simply started again."""
        created = 0
        for start in range(0, len(saids), BUNCH):
            bunch = saids[start : start + BUNCH]
            created += sum(is_fresh for _comment, is_fresh in intake.add_comments(bunch))
            self.show_progress(start + len(bunch), len(saids))
        return created

    def show_progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            filled = BAR * done // total
            end = "\n" if done == total else ""
            self.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}", ending=end)
            self.stderr.flush()


def _named(columns: dict[str, str | None]) -> list[str]:
    """The columns that the options name; the text's is one of them, whatever it is called."""
    return [column or "" for name, column in columns.items() if column or name == "text"]


def _line(text: str) -> str:
    try:
        line = clean_line(text, limit=64)
    except TextTooLong as error:
        raise CommandError(f"--source: {error}") from error
    if not line:
        raise CommandError(_("--source: a name is needed"))
    return line


def _team(code: str | None) -> Team | None:
    if not code:
        return None
    team = Team.objects.filter(code=code).first()
    if team is None:
        codes = ", ".join(Team.objects.values_list("code", flat=True))
        raise CommandError(_("No team has the code “%(code)s”. There are: %(codes)s") % {"code": code, "codes": codes})
    return team


def check(rows: list[Row], *, columns: dict[str, str | None], shared: dict[str, Any]) -> tuple[list[Said], int]:
    """Every row with a text as a Said, and how many had none; raises BadFile with all that is wrong."""
    zone = Organisation.current().timezone
    now = timezone.now()

    def parse_date(text: str) -> Any:
        moment = parse_moment(text, zone)
        if moment > now:
            raise ValueError(_("this date lies ahead"))
        return moment

    parsers: dict[str, Any] = {"text": _parse_text, "date": parse_date, "stars": _parse_stars, "key": _parse_key}
    cells = parse_each(rows, {column: parsers[name] for name, column in columns.items() if column})
    saids: list[Said] = []
    complaints: list[Complaint] = []
    seen: Counter[str] = Counter()
    for row, parsed in zip(rows, cells, strict=True):
        value = {name: parsed.get(column) for name, column in columns.items() if column}
        if not value["text"]:
            continue
        key = _key(row, value, is_named=bool(columns["key"]), seen=seen)
        if key is None:
            message = _("the id is missing") if not value["key"] else _("this id stands in the file twice")
            complaints.append(Complaint(row.line, columns["key"] or "", message))
            continue
        saids.append(
            Said(
                source=Comment.Source.REVIEW,
                text=str(value["text"]),
                external_key=key,
                stars=value.get("stars"),  # type: ignore[arg-type]
                said_at=value.get("date") or now,  # type: ignore[arg-type]
                **shared,
            )
        )
    if complaints:
        raise BadFile(complaints)
    return saids, len(rows) - len(saids)


def _key(row: Row, value: dict[str, Any], *, is_named: bool, seen: Counter[str]) -> str | None:
    """The row's own id, or a hash of the row and its place among equal ones; None for a missing or repeated id."""
    if is_named:
        key = str(value["key"] or "")
        seen[key] += 1
        return key if key and seen[key] == 1 else None
    content = hashlib.sha256(repr(sorted(row.values.items())).encode()).hexdigest()
    seen[content] += 1
    return f"{content}-{seen[content]}"


def _parse_text(text: str) -> str:
    try:
        return clean_text(text, limit=COMMENT_LIMIT)
    except TextTooLong as error:
        message = _("%(length)d characters, at most %(limit)d are kept")
        raise ValueError(message % {"length": error.length, "limit": error.limit}) from error


def _parse_stars(text: str) -> int:
    whole = text.removesuffix(".0").removesuffix(",0")
    if whole in ("1", "2", "3", "4", "5"):
        return int(whole)
    raise ValueError(_("“%(text)s” is not a number of stars from 1 to 5") % {"text": text[:40]})


def _parse_key(text: str) -> str:
    if len(text) > 128:
        raise ValueError(_("%(length)d characters, at most %(limit)d are kept") % {"length": len(text), "limit": 128})
    return text
