"""A table that somebody uploaded (CSV, XLSX, JSON), kept as plain rows until it is imported: a list of texts a line.

The first line is the header. Where a row begins is a place in the file, so that whoever imports it can go on there.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from ground import jobfiles, jsonrows, workbook_rows
from ground.csvfile import BadFile, Complaint, objects_in
from ground.text import clean_line, clean_text, is_storable

MOST_BYTES, MOST_ROWS = 50 * 1024 * 1024, 300_000
MOST_COLUMNS, MOST_TITLE, MOST_CELL = 200, 200, 10_000
ENCODINGS = ("utf-8-sig", "cp1251")
# What other files begin with that people rename to .csv: pages, XML, JSON, PDF, RTF.
NOT_TABLES = ("<!doctype", "<html", "<head", "<table", "<?xml", "{\\rtf", "%pdf")
RTF = "{\\rtf"
# Rows without a line of titles: the first of them is the first line.
OF_OBJECTS = "objects"


@dataclass(frozen=True)
class Table:
    """What is kept under `name`: the header, the number of rows, and the place at which the first one begins."""

    name: str
    header: list[str]
    count: int
    begins: int

    @property
    def first(self) -> int:
        """The number of the first row, as people count lines."""
        return first_line(self.name)


@dataclass(frozen=True)
class Line:
    """One row; `number` is its line as a spreadsheet counts them, a header being 1; `behind` is where it ends."""

    number: int
    cells: list[str]
    behind: int


def keep(upload: Any) -> Table:
    """Read an uploaded file and keep its rows. Raises BadFile with a sentence for people."""
    if upload.size > MOST_BYTES:
        raise bad(_("The file is larger than 50 MB: split it."))
    head = upload.read(4)
    upload.seek(0)
    is_workbook = head == b"PK\x03\x04"
    is_json = not is_workbook and is_of_objects(_begin(upload))
    name = jobfiles.new_name(OF_OBJECTS if is_json else "rows")
    read = _from_workbook if is_workbook else _from_json if is_json else _from_csv
    try:
        with jobfiles.opened(name) as file, closing(read(upload)) as rows:
            count = _write(file, rows, first=first_line(name))
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


def lines(name: str, *, at: int, number: int, most: int) -> list[Line]:
    """Up to `most` rows from a place on, the first being line `number`."""
    found: list[Line] = []
    with (jobfiles.folder() / name).open("rb") as file:
        file.seek(at)
        while len(found) < most and (text := file.readline()):
            found.append(Line(number=number + len(found), cells=json.loads(text), behind=file.tell()))
        return found


def bad(sentence: str) -> BadFile:
    return BadFile([Complaint(1, "", sentence)])


def is_of_objects(begin: str) -> bool:
    return bool(jsonrows.BEGINS.match(begin)) and not begin.startswith(RTF)


def first_line(name: str) -> int:
    return 1 if name.endswith(f".{OF_OBJECTS}") else 2


def _write(file: BinaryIO, rows: Iterator[list[str]], *, first: int) -> int:
    """Keep header and rows, each as wide as the header; returns how many rows."""
    header = _header(next(rows, []))
    file.write(_line(header))
    count = 0
    for number, row in enumerate(rows, first):
        cells = [clean_text(cell) for cell in row]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            raise BadFile([Complaint(number, "", _("more cells than the header names"))])
        if any(len(cell) > MOST_CELL for cell in cells):
            raise BadFile([Complaint(number, "", _("a cell of more than 10,000 characters"))])
        if number - first >= MOST_ROWS:
            raise bad(_("More than 300,000 rows: split the file."))
        # Empty lines between others stay, so that later ones keep their numbers.
        file.write(_line([]) * (number - first - count))
        file.write(_line([*cells[: len(header)], *[""] * (len(header) - len(cells))]))
        count = number - first + 1
    file.flush()
    return count


def _header(row: list[str]) -> list[str]:
    """The titles, each once: of two columns with one title the second is called “title (2)”."""
    titles = [clean_line(cell) for cell in row]
    while titles and not titles[-1]:
        titles.pop()
    if not titles:
        raise bad(_("The first line has to name the columns."))
    if len(titles) > MOST_COLUMNS:
        raise bad(_("The file has more than 200 columns."))
    if any(len(title) > MOST_TITLE for title in titles):
        raise bad(_("A column’s title has more than 200 characters: is the first line the header?"))
    header: list[str] = []
    for title in titles:
        again = (f"{title} ({number})" for number in range(2, MOST_COLUMNS + 2))
        header.append(title if not title or title not in header else next(name for name in again if name not in header))
    return header


def _line(cells: list[str]) -> bytes:
    return json.dumps(cells, ensure_ascii=False).encode() + b"\n"


def _begin(upload: Any) -> str:
    """The first characters, spaces and the mark of its encoding aside."""
    upload.seek(0)
    begin = upload.read(4096)
    is_wide = begin[:2] in (b"\xff\xfe", b"\xfe\xff")
    return begin.decode("utf-16" if is_wide else "utf-8-sig", errors="ignore").lstrip()


def _from_json(upload: Any) -> Generator[list[str]]:
    encoding = _encoding(upload)
    upload.seek(0)
    text = io.TextIOWrapper(upload.file, encoding=encoding, errors="replace")
    try:
        yield from objects_in(text, most_titles=MOST_COLUMNS)
    finally:
        text.detach()


def _from_csv(upload: Any) -> Generator[list[str]]:
    encoding = _encoding(upload)
    upload.seek(0)
    # Decoded bit by bit: a text of 50 MB would be several times that in memory.
    text = io.TextIOWrapper(upload.file, encoding=encoding, errors="replace", newline="")
    try:
        begin = text.read(4096)
        if not is_storable(begin.replace("\x00", "\ufffe")) or begin.lstrip().lower().startswith(NOT_TABLES):
            raise bad(_("This is neither a CSV file nor an Excel workbook nor JSON."))
        text.seek(0)
        delimiter = max(",;\t", key=re.split("[\r\n]", begin, maxsplit=1)[0].count)
        yield from _rows(csv.reader(text, delimiter=delimiter, strict=True))
    finally:
        text.detach()


def _rows(reader: Any) -> Iterator[list[str]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            is_long = "limit" in str(error)
            told = (
                _("a cell of more than 10,000 characters") if is_long else _("a quotation mark is missing or too many")
            )
            raise BadFile([Complaint(reader.line_num, "", told)]) from None


def _encoding(upload: Any) -> str:
    """UTF-8, with or without its mark, UTF-16 with one, else the Windows encoding of Russian."""
    upload.seek(0)
    if upload.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for chunk in upload.chunks():
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise bad(_("This is neither a CSV file nor an Excel workbook nor JSON."))


def _from_workbook(upload: Any) -> Generator[list[str]]:
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
