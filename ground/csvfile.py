"""Tables from outside, read whole and checked before anything is written; every complaint names line and column."""

import csv
import datetime as dt
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from ground import jsonrows, moments
from ground.text import is_storable

MANY = 20
# More than any table has that people made.
MOST_TITLES = 1000
# As spreadsheets write moments in Russian; what follows the date is a time.
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})((?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?)")


@dataclass(frozen=True)
class Complaint:
    """What is wrong at one place of a file; `line` counts from 1, the header included."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = _("line %(line)d") % {"line": self.line}
        if self.column:
            where += ", " + _("column “%(column)s”") % {"column": self.column}
        return f"{where}: {self.message}"


class BadFile(ValueError):
    """The file cannot be imported; nothing was written. `complaints` says why, the first ones first."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = list(complaints)
        shown = [str(complaint) for complaint in self.complaints[:MANY]]
        if len(self.complaints) > MANY:
            shown.append(_("and %(count)d more") % {"count": len(self.complaints) - MANY})
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Row:
    line: int
    values: dict[str, str]


def read_rows(path: Path, *, required: Iterable[str], known: Iterable[str] | None, encoding: str) -> list[Row]:
    """All rows of a CSV file with a header; comma, semicolon or tab are told from the header.

    Or of JSON: a list of objects, or one on each line; “customer.email” is then called customer_email.
    Raises BadFile for a missing or unknown column, another encoding, too many or too few cells, unstorable text.
    `known` None lets any other column stand and ignores it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadFile([Complaint(1, "", error.strerror or str(error))]) from None
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise BadFile([Complaint(line, "", _("not in encoding %(name)s") % {"name": encoding})]) from None
    except (LookupError, UnicodeError):
        raise BadFile([Complaint(1, "", _("not in encoding %(name)s") % {"name": encoding})]) from None
    if jsonrows.BEGINS.match(text.lstrip("\ufeff \t\r\n")):
        return _rows(_objects(text.lstrip("\ufeff")), required=list(required), known=known)
    return rows_in(text, required=required, known=known)


def rows_in(text: str, *, required: Iterable[str], known: Iterable[str] | None) -> list[Row]:
    """The rows of a CSV text with a header, like those of a file."""
    return _rows(_cells(io.StringIO(text, newline="")), required=list(required), known=known)


def _cells(file: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Where each line of a CSV text begins, and its cells."""
    lines = iter(file)
    first = next(lines, "").lstrip("\ufeff")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile([Complaint(line, "", str(error))]) from None


def _objects(text: str) -> Iterator[tuple[int, list[str]]]:
    """The titles of all objects, then the number of each object and its cells."""
    for number, cells in enumerate(objects_in(io.StringIO(text), most_titles=MOST_TITLES)):
        if not number:
            yield 1, [title.replace(".", "_") for title in cells]
        elif any(cells):  # nothing is in an empty line
            yield number, cells


def objects_in(text: TextIO, *, most_titles: int) -> Iterator[list[str]]:
    """`jsonrows.rows`, whose trouble is a BadFile."""
    try:
        yield from jsonrows.rows(text, most_titles=most_titles)
    except jsonrows.NoRows as error:
        told = _("This is no JSON object: a file is a list of objects, or has one on each line.")
        raise BadFile([Complaint(error.number, "", told)]) from None


def _rows(table: Iterator[tuple[int, list[str]]], *, required: list[str], known: Iterable[str] | None) -> list[Row]:
    header = [name.strip() for name in next(table, (1, []))[1]]
    complaints = [Complaint(1, name, _("this column is missing")) for name in required if name not in header]
    named = {*required, *(known or ())}
    twice = [name for name, count in Counter(header).items() if count > 1 and name in named]
    complaints += [Complaint(1, name, _("this column stands here twice")) for name in twice]
    if known is not None:
        allowed = set(known)
        complaints += [Complaint(1, name, _("this column is not known")) for name in header if name not in allowed]
    if complaints:
        raise BadFile(complaints)
    rows: list[Row] = []
    for line, cells in table:
        if not cells:
            continue
        if len(cells) != len(header):
            message = _("%(found)d cells instead of %(wanted)d") % {"found": len(cells), "wanted": len(header)}
            complaints.append(Complaint(line, "", message))
            continue
        complaints += [
            Complaint(line, name, _("characters that cannot be stored"))
            for name, cell in zip(header, cells, strict=True)
            if not is_storable(cell)
        ]
        rows.append(Row(line=line, values=dict(zip(header, cells, strict=True))))
    if complaints:
        raise BadFile(complaints)
    return rows


def iso_day(text: str) -> str:
    """12.05.2026 as 2026-05-12, with what follows the day; anything else as it is."""
    day_first = DAY_FIRST.fullmatch(text.strip())
    return "{2}-{1:0>2}-{0:0>2}{3}".format(*day_first.groups("")) if day_first else text.strip()


def parse_moment(text: str, zone: ZoneInfo) -> dt.datetime:
    """A date or a date and time, ISO's or 12.05.2026 14:30; without an offset in `zone`. Raises ValueError."""
    iso = iso_day(text)
    try:
        date = parse_date(iso)
        # Noon: the day stays the same in every reporting zone near this one.
        moment = dt.datetime.combine(date, dt.time(12)) if date else parse_datetime(iso)
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(_("“%(text)s” is not a date like 2026-05-12 or 2026-05-12T14:30") % {"text": text[:40]})
    moment = timezone.make_aware(moment, zone) if timezone.is_naive(moment) else moment
    if not moments.is_usable(moment):
        raise ValueError(_("This moment is not between 1970 and 2099."))
    return moment


def parse_each(rows: list[Row], parsers: dict[str, Callable[[str], object]]) -> list[dict[str, object]]:
    """Each row's non-empty cells through their column's parser; raises BadFile with every complaint there is."""
    complaints: list[Complaint] = []
    parsed: list[dict[str, object]] = []
    for row in rows:
        values: dict[str, object] = {}
        for column, parse in parsers.items():
            cell = row.values.get(column, "").strip()
            if not cell:
                continue
            try:
                values[column] = parse(cell)
            except ValueError as error:
                complaints.append(Complaint(row.line, column, str(error)))
        parsed.append(values)
    if complaints:
        raise BadFile(complaints)
    return parsed
