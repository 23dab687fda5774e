"""Tables as files, written a bunch of rows at a time: CSV and XLSX in which no cell can act as a formula.

What grows is append-only, and `state` says how far it is: a writer that is given the state of another goes on where
that one stood, so that a file of a million rows survives the death of its worker. A workbook cannot be gone on with:
its rows are gathered as `Lines` first.
"""

import csv
import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

Cell = str | int | float | dt.datetime | None

# What a spreadsheet takes for the beginning of a formula or a command, the full-width forms included.
ACTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
# Signs that XML 1.0 has no way to write, NUL among them; a table needs none of them.
REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNSEEN = " \n\x85\xa0\u200b\u2028\u2029\ufeff"


class SheetFull(ValueError):
    """The rows do not fit into a file of this kind."""


@dataclass(frozen=True)
class Column:
    """A column's title and its width in characters, which CSV has no use for."""

    title: str
    width: int = 14


class Sheet(Protocol):
    """A table that is being written. Moments are local and without a zone when they come in."""

    def begin(self, columns: Sequence[Column]) -> None: ...
    def write(self, rows: Iterable[Sequence[Cell]]) -> None: ...
    def finish(self) -> None: ...


class Growing(Sheet, Protocol):
    """A table that another writer can go on with."""

    def state(self) -> dict[str, int]: ...


def acts(text: str) -> bool:
    """Whether a spreadsheet might run a cell that begins like this text; blanks and unseen signs do not count."""
    return text.lstrip(UNSEEN).startswith(ACTS)


class _WithComma(float):
    """A number as Russian spreadsheets read it: they take 4.03 for the fourth of March."""

    def __str__(self) -> str:
        return float.__repr__(self).replace(".", ",")


class Csv:
    """RFC 4180 in UTF-8 with a byte order mark, by which Excel knows it; every text in quotes.

    Excel expects the separators of its own country: semicolons and decimal commas in Russian, commas and points in
    English.
    """

    content_type = "text/csv; charset=utf-8"

    def __init__(self, file: BinaryIO, *, language: str, state: dict[str, int] | None = None) -> None:
        self._file = _cut(file, state)
        self._is_russian = language.startswith("ru")
        self._delimiter = ";" if self._is_russian else ","

    def begin(self, columns: Sequence[Column]) -> None:
        self._file.write(b"\xef\xbb\xbf")
        self.write([[column.title for column in columns]])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self._delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerows([_plain(cell, has_comma=self._is_russian) for cell in row] for row in rows)
        self._file.write(text.getvalue().encode("utf-8", "replace"))

    def finish(self) -> None:
        self._file.flush()

    def state(self) -> dict[str, int]:
        return {"offset": self._file.tell()}


def _plain(cell: Cell, *, has_comma: bool) -> str | int | float:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, str):
        kept = REFUSED.sub("", cell)
        return ("'" if acts(kept) else "") + kept
    if has_comma and isinstance(cell, float):
        return _WithComma(cell)
    return "" if cell is None else cell


class Lines:
    """The rows of a workbook to come, a line of JSON each, the columns first."""

    def __init__(self, file: BinaryIO, *, state: dict[str, int] | None = None) -> None:
        self._file = _cut(file, state)

    def begin(self, columns: Sequence[Column]) -> None:
        self._add([[column.title, column.width] for column in columns])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self._add([[cell.isoformat()] if isinstance(cell, dt.datetime) else cell for cell in row])

    def finish(self) -> None:
        self._file.flush()

    def state(self) -> dict[str, int]:
        return {"offset": self._file.tell()}

    def _add(self, row: list[Any]) -> None:
        self._file.write(json.dumps(row).encode() + b"\n")


def gathered(file: BinaryIO) -> tuple[list[Column], Iterator[list[Cell]]]:
    """The columns and the rows that `Lines` has left in a file; the rows are read as they are asked for."""
    file.seek(0)
    columns = [Column(title, width) for title, width in json.loads(file.readline())]
    return columns, map(_row, file)


def _row(line: bytes) -> list[Cell]:
    return [dt.datetime.fromisoformat(cell[0]) if isinstance(cell, list) else cell for cell in json.loads(line)]


# What Excel would read as the code of another sign.
CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_TITLE = 28  # of 31, for a number that tells two apart
LONGEST_CELL = 32_767  # units of UTF-16, one or two for a sign
# The formats by what Excel shows them as: text, and a day and time as the reader's country writes it.
AS_TEXT, AS_MOMENT = "@", "m/d/yy h:mm"


class Xlsx:
    """A workbook of one sheet or several, its texts typed as text, its headers frozen.

    It grows in a temporary file and comes into `file` by `finish`; call `drop` at last in any case.
    """

    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    most_rows = 1_048_576

    def __init__(self, file: BinaryIO) -> None:
        from openpyxl import Workbook  # not above: it loads numpy where that is installed
        from openpyxl.cell import WriteOnlyCell

        self._file, self._rows = _cut(file, None), 0
        self._make_cell = WriteOnlyCell
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet("1")

    def title(self, title: str) -> None:
        """What the sheet that is being written is called; two of one name are told apart by a number."""
        self._sheet.title = _sheet_title(title)

    def add_sheet(self, title: str) -> None:
        """Go on with another sheet, which has a header of its own."""
        self._sheet, self._rows = self._book.create_sheet(_sheet_title(title)), 0

    def begin(self, columns: Sequence[Column]) -> None:
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(columns, start=1):
            self._sheet.column_dimensions[get_column_letter(number)].width = column.width
        self._add([self._text(column.title, font=Font(bold=True)) for column in columns])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Raises SheetFull when a sheet cannot hold them."""
        for row in rows:
            self._add([self._cell(cell) for cell in row])

    def finish(self) -> None:
        from openpyxl.writer.excel import ExcelWriter

        # The workbook's own `save` leaves the archive open when the disk is full.
        with ZipFile(self._file, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(self._book, archive).save()
        self._file.flush()

    def drop(self) -> None:
        """Remove the temporary file when something kept the workbook from being finished."""
        for sheet in self._book.worksheets:
            writer = sheet._writer
            if writer and os.path.exists(writer.out):
                with suppress(Exception):  # what could not be written cannot be ended either
                    sheet.close()
                writer.cleanup()

    def _add(self, row: list[Any]) -> None:
        self._rows += 1
        if self._rows > self.most_rows:
            raise SheetFull
        self._sheet.append(row)

    def _cell(self, cell: Cell) -> Any:
        if isinstance(cell, dt.datetime):
            return self._styled(cell, number_format=AS_MOMENT)
        if not isinstance(cell, str):
            return cell
        # openpyxl takes a text for a formula, or for an error such as #N/A, by its first sign; and quotePrefix keeps
        # a text that begins like a formula a text even after somebody edits its cell.
        guarded = acts(REFUSED.sub("", cell)) or cell.startswith("#")
        return self._text(cell, quotePrefix=True) if guarded else _kept(cell)

    def _text(self, text: str, **style: Any) -> Any:
        cell = self._styled(_kept(text), number_format=AS_TEXT, **style)
        cell.data_type = "s"
        return cell

    def _styled(self, value: Any, **style: Any) -> Any:
        cell = self._make_cell(self._sheet, value)
        for name, wanted in style.items():
            setattr(cell, name, wanted)
        return cell


# The kinds of file that people may ask for.
FORMS: dict[str, type[Csv] | type[Xlsx]] = {"csv": Csv, "xlsx": Xlsx}


def _sheet_title(title: str) -> str:
    """As Excel takes it: short, and without the signs of addresses."""
    return re.sub(r"[\[\]:*?/\\]", " ", REFUSED.sub("", title)).strip("' ")[:LONGEST_TITLE].strip("' ") or "1"


def _kept(text: str) -> str:
    """As much of a text as a cell of a workbook takes."""
    kept = CODED.sub("_x005F_", REFUSED.sub("", text))
    if len(kept) * 2 > LONGEST_CELL:
        kept = kept.encode("utf-16-le")[: LONGEST_CELL * 2].decode("utf-16-le", "ignore")
    return kept


def _cut(file: BinaryIO, state: dict[str, int] | None) -> BinaryIO:
    """The file without what stands after the state that another writer left, ready to be added to."""
    file.seek(state["offset"] if state else 0)
    file.truncate()
    return file
