"""A table that somebody uploaded, CSV or XLSX, kept as plain rows until it is imported: a JSON list of texts a line.

The first line is the header. Where a row begins is a place in the file, so that whoever imports it can go on there.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from ground import jobfiles, workbook_rows
from ground.csvfile import BadFile, Complaint
from ground.text import is_storable

MOST_BYTES, MOST_ROWS, MOST_COLUMNS, MOST_CELL = 50 * 1024 * 1024, 300_000, 200, 10_000
ENCODINGS = ("utf-8-sig", "cp1251")


@dataclass(frozen=True)
class Table:
    """What is kept under `name`: the header, the number of rows, and the place at which the first one begins."""

    name: str
    header: list[str]
    count: int
    begins: int


@dataclass(frozen=True)
class Line:
    """One row; `number` is its line as a spreadsheet counts them, the header being 1."""

    number: int
    cells: list[str]


def keep(upload: Any) -> Table:
    """Read an uploaded file and keep its rows. Raises BadFile with a sentence for people."""
    if upload.size > MOST_BYTES:
        raise bad(_("The file is larger than 50 MB: split it."))
    head = upload.read(4)
    upload.seek(0)
    name = jobfiles.new_name("rows")
    try:
        with jobfiles.opened(name) as file:
            count = _write(file, _from_workbook(upload) if head == b"PK\x03\x04" else _from_csv(upload.read()))
        if count == 0:
            raise bad(_("There is no row below the header."))
        return table(name, count)
    except BaseException:
        jobfiles.drop(name)
        raise


def table(name: str, count: int) -> Table:
    """The kept table of this name. Raises BadFile when it is gone."""
    path = jobfiles.folder() / name
    if not path.is_file():
        raise bad(_("This file is no longer kept. Upload it again."))
    with path.open("rb") as file:
        header = json.loads(file.readline())
        return Table(name=name, header=header, count=count, begins=file.tell())


def lines(name: str, *, at: int, number: int, most: int) -> tuple[list[Line], int]:
    """Up to `most` rows from a place on, the first being line `number`; and the place behind them."""
    found: list[Line] = []
    with (jobfiles.folder() / name).open("rb") as file:
        file.seek(at)
        while len(found) < most and (text := file.readline()):
            found.append(Line(number=number + len(found), cells=json.loads(text)))
        return found, file.tell()


def bad(sentence: str) -> BadFile:
    return BadFile([Complaint(1, "", sentence)])


def _write(file: BinaryIO, rows: Iterator[list[str]]) -> int:
    """Keep header and rows, each as wide as the header; returns how many rows."""
    header = [cell.strip() for cell in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise bad(_("The first line has to name the columns."))
    if len(header) > MOST_COLUMNS:
        raise bad(_("The file has more than 200 columns."))
    file.write(_line(header))
    count = 0
    for number, row in enumerate(rows, 2):
        cells = [*row[: len(header)], *[""] * (len(header) - len(row))]
        if any(row[len(header) :]):
            raise BadFile([Complaint(number, "", _("more cells than the header names"))])
        if any(len(cell) > MOST_CELL for cell in cells):
            raise BadFile([Complaint(number, "", _("a cell of more than 10,000 characters"))])
        # Empty lines stay, so that later ones keep their numbers.
        file.write(_line(cells))
        count = number - 1
        if count > MOST_ROWS:
            raise bad(_("More than 300,000 rows: split the file."))
    file.flush()
    return count


def _line(cells: list[str]) -> bytes:
    return json.dumps(cells, ensure_ascii=True).encode() + b"\n"


def _from_csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if not is_storable(text[:4096].replace("\x00", "\ufffe")):
        raise bad(_("This is neither a CSV file nor an Excel workbook."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile([Complaint(reader.line_num, "", str(error))]) from None


def _decoded(content: bytes) -> str:
    """UTF-8, with or without its mark, UTF-16 with one, else the Windows encoding of Russian."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise bad(_("This is neither a CSV file nor an Excel workbook."))


def _from_workbook(upload: Any) -> Iterator[list[str]]:
    source, target = (jobfiles.folder() / jobfiles.new_name(suffix) for suffix in ("xlsx", "rows"))
    try:
        _save(upload, source)
        try:
            workbook_rows.convert(source, target)
        except workbook_rows.NoWorkbook as error:
            told = {
                "bomb": _("This workbook unpacks to too much. Save it as CSV, or split it."),
                "broken": _("This workbook cannot be read. Save it again, or as CSV."),
            }
            raise bad(told[str(error)]) from None
        with target.open(encoding="utf-8") as file:
            for text in file:
                yield json.loads(text)
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def _save(upload: Any, path: Path) -> None:
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
