"""Tables as files, written a bunch of rows at a time: CSV and XLSX in which no cell can act as a formula.

What stands in the file is append-only, and `state` says how far it is: a writer that is given the state of another
goes on where that one stood, so that a file of a million rows survives the death of its worker.
"""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from xml.sax.saxutils import escape

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
    def state(self) -> dict[str, int]: ...


def acts(text: str) -> bool:
    """Whether a spreadsheet might run a cell that begins like this text; blanks and unseen signs do not count."""
    return text.lstrip(UNSEEN).startswith(ACTS)


class Csv:
    """RFC 4180 in UTF-8 with a byte order mark, by which Excel knows it; every text in quotes.

    Excel expects the list separator of its own country: a semicolon in Russian, a comma in English.
    """

    content_type = "text/csv; charset=utf-8"

    def __init__(self, file: BinaryIO, *, language: str, state: dict[str, int] | None = None) -> None:
        self._file = _cut(file, state)
        self._delimiter = ";" if language.startswith("ru") else ","

    def begin(self, columns: Sequence[Column]) -> None:
        self._file.write(b"\xef\xbb\xbf")
        self.write([[column.title for column in columns]])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self._delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerows([_plain(cell) for cell in row] for row in rows)
        self._file.write(text.getvalue().encode("utf-8", "replace"))

    def finish(self) -> None:
        self._file.flush()

    def state(self) -> dict[str, int]:
        return {"offset": self._file.tell()}


def _plain(cell: Cell) -> str | int | float:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, str):
        kept = REFUSED.sub("", cell)
        return ("'" if acts(kept) else "") + kept
    return "" if cell is None else cell


SHEET = "xl/worksheets/sheet1.xml"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PLAIN, BOLD, MOMENT, QUOTED = range(4)
PARTS = {
    "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{SHEET}" ContentType="{TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"{HEAD}<Relationships "
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATION}/styles" Target="styles.xml"/></Relationships>',
    # The formats by number: 22 is a day and time as the reader's country writes it, 49 is text; quotePrefix keeps
    # a text that begins like a formula a text even after somebody edits its cell.
    "xl/styles.xml": f'{HEAD}<styleSheet xmlns="{MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
EPOCH = dt.datetime(1899, 12, 30)
# What Excel would read as the code of another sign.
CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_CELL = 32_767  # units of UTF-16, one or two for a sign


class Xlsx:
    """A workbook of one sheet, its texts typed as text, its header frozen.

    The sheet is the archive's last part, packed in runs that need nothing of one another: a library that writes
    workbooks keeps its place in memory and would begin anew after every crash.
    """

    content_type = f"{TYPE}.sheet"
    most_rows = 1_048_576
    most_bytes = 2**32 - 2**20

    def __init__(self, file: BinaryIO, *, state: dict[str, int] | None = None) -> None:
        self._file = _cut(file, state)
        state = state or {}
        self._rows, self._size, self._crc = (state.get(name, 0) for name in ("rows", "size", "crc"))

    def begin(self, columns: Sequence[Column]) -> None:
        self._file.write(_small_parts()[0] + _sheet_part().FileHeader())
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"/>'
            for number, column in enumerate(columns, start=1)
        )
        self._pack(
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData>"
            f"<row>{''.join(_text(column.title, style=BOLD) for column in columns)}</row>"
        )
        self._rows = 1

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Raises SheetFull when a sheet cannot hold them."""
        written = ["".join(("<row>", *map(_cell, row), "</row>")) for row in rows]
        self._rows += len(written)
        if self._rows > self.most_rows:
            raise SheetFull
        self._pack("".join(written))

    def finish(self) -> None:
        self._pack("</sheetData></worksheet>", ends=True)
        end, (before, listed) = self._file.tell(), _small_parts()
        packed = end - len(before) - len(_sheet_part().FileHeader())
        sheet = _sheet_part(begins=len(before), packed=packed, size=self._size, crc=self._crc)
        self._file.seek(len(before))
        self._file.write(sheet.FileHeader())
        self._file.seek(end)
        # On an open file "w" cuts nothing off: the archive's directory comes to stand here.
        with zipfile.ZipFile(self._file, "w") as archive:
            archive.filelist += [*listed, sheet]
        self._file.flush()

    def state(self) -> dict[str, int]:
        return {"offset": self._file.tell(), "rows": self._rows, "size": self._size, "crc": self._crc}

    def _pack(self, text: str, *, ends: bool = False) -> None:
        data = text.encode("utf-8")
        self._crc, self._size = zlib.crc32(data, self._crc), self._size + len(data)
        if self._size > self.most_bytes:
            raise SheetFull
        packer = zlib.compressobj(3, zlib.DEFLATED, -15)
        self._file.write(packer.compress(data) + packer.flush(zlib.Z_FINISH if ends else zlib.Z_FULL_FLUSH))


def _small_parts() -> tuple[bytes, list[zipfile.ZipInfo]]:
    """All parts but the sheet, which stands after them: their bytes, the same each time, and what to list of them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in PARTS.items():
            archive.writestr(zipfile.ZipInfo(name), text)
        return file.getvalue(), archive.filelist


def _sheet_part(*, begins: int = 0, packed: int = 0, size: int = 0, crc: int = 0) -> zipfile.ZipInfo:
    """What the archive says of the sheet; its length is the same whatever the numbers."""
    part = zipfile.ZipInfo(SHEET)
    part.compress_type, part.header_offset = zipfile.ZIP_DEFLATED, begins
    part.compress_size, part.file_size, part.CRC = packed, size, crc
    return part


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, dt.datetime):
        return f'<c s="{MOMENT}"><v>{(cell - EPOCH) / dt.timedelta(days=1):.8f}</v></c>'
    if isinstance(cell, str):
        return _text(cell)
    return f"<c><v>{cell}</v></c>"


def _text(text: str, *, style: int | None = None) -> str:
    kept = REFUSED.sub("", text)
    if style is None:
        style = QUOTED if acts(kept) else PLAIN
    kept = CODED.sub("_x005F_", kept)
    if len(kept) * 2 > LONGEST_CELL:
        kept = kept.encode("utf-16-le")[: LONGEST_CELL * 2].decode("utf-16-le", "ignore")
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(kept)}</t></is></c>'


def _cut(file: BinaryIO, state: dict[str, int] | None) -> BinaryIO:
    """The file without what stands after the state that another writer left, ready to be added to."""
    file.seek(state["offset"] if state else 0)
    file.truncate()
    return file
