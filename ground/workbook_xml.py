"""The parts of a workbook that hold its cells, read fast: no part may have a document type, hence no entities.

openpyxl builds an object for each cell, with a parser written in Python for the sake of safety: ten times the time.
It still says which number formats are dates, and what a number of days is.
"""

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from xml.parsers import expat

MOST_CELLS, MOST_TEXT, LAST_ROW = 201, 10_001, 1_048_576
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
# How a spreadsheet writes what XML cannot hold, like _x000D_ for a return.
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Forbidden(ValueError):
    """A part with a document type of its own."""


class _Begun(Exception):
    """The first element: what may come before it has come."""


def rows(pack: zipfile.ZipFile) -> Iterator[list[Any]]:
    """The first sheet, row by row; rows that the sheet leaves out are empty ones, so that numbers stay."""
    names = set(pack.namelist())
    strings = list(_strings(pack)) if "xl/sharedStrings.xml" in names else []
    dates = _date_styles(pack) if "xl/styles.xml" in names else {}
    name, epoch = _first_sheet(pack)
    number = 0
    for row in _elements(pack, name, "row", within="sheetData"):
        at = int(row.get("r") or number + 1)
        if not number < at <= LAST_ROW:
            raise ValueError("rows out of order")
        for _left_out in range(number + 1, at):
            yield []
        yield _cells(row, strings, dates, epoch)
        number = at


def _cells(row: ET.Element, strings: list[str], dates: dict[str, bool], epoch: Any) -> list[Any]:
    found: list[Any] = []
    for cell in row:
        at = _column(cell.get("r")) if cell.get("r") else len(found)
        value = _value(cell, strings, dates, epoch)
        if value is None:
            continue
        # However far to the right: one more than may be is enough to see that it is too many.
        at = min(at, MOST_CELLS - 1)
        found.extend([None] * (at + 1 - len(found)))
        found[at] = value
    return found


def _column(reference: str | None) -> int:
    matched = REFERENCE.match(reference or "")
    if not matched:
        raise ValueError("a cell nowhere")
    number = 0
    for letter in matched[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: ET.Element, strings: list[str], dates: dict[str, bool], epoch: Any) -> Any:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    text = next((part.text for part in cell if part.tag.endswith("}v")), None)
    if text is None:
        return None
    if kind == "s":
        return strings[int(text)]
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind in ("str", "d", "e"):
        return text[:MOST_TEXT]
    number = float(text)
    style = cell.get("s", "")
    if style in dates:
        from openpyxl.utils.datetime import from_excel  # not above: openpyxl loads numpy where that is installed

        with suppress(ValueError, OverflowError):  # a day of the year 12000 stays a number
            return from_excel(number, epoch, timedelta=dates[style])
    return int(text) if text.strip().lstrip("-").isdigit() else number


def _text(element: ET.Element) -> str:
    """The runs of a text one after another, without how it is to be pronounced."""
    parts = []
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            parts.append(child.text or "")
        elif name in ("is", "r"):
            parts.append(_text(child))
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(parts)[:MOST_TEXT])


def _strings(pack: zipfile.ZipFile) -> Iterator[str]:
    for item in _elements(pack, "xl/sharedStrings.xml", "si", within="sst"):
        yield _text(item)


def _date_styles(pack: zipfile.ZipFile) -> dict[str, bool]:
    """The numbers of the cell styles that show a number as a date or a time; true where it is a length of time."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    for item in _elements(pack, "xl/styles.xml", "numFmt", within="numFmts"):
        formats[int(item.get("numFmtId", 0))] = item.get("formatCode", "")
    kinds = [int(item.get("numFmtId", 0)) for item in _elements(pack, "xl/styles.xml", "xf", within="cellXfs")]
    shown = [formats.get(kind) for kind in kinds]
    return {str(place): is_timedelta_format(how) for place, how in enumerate(shown) if is_date_format(how)}


def _first_sheet(pack: zipfile.ZipFile) -> tuple[str, Any]:
    """The part that holds the first sheet, and the day from which days are counted."""
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    path = "xl/workbook.xml"
    counted = next((item.get("date1904") for item in _elements(pack, path, "workbookPr", within="workbook")), None)
    sheet = next(_elements(pack, path, "sheet", within="sheets"))
    for relation in _elements(pack, "xl/_rels/workbook.xml.rels", "Relationship", within="Relationships"):
        if relation.get("Id") == sheet.get(RELATION):
            part = posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
            return part, CALENDAR_MAC_1904 if counted in ("1", "true") else CALENDAR_WINDOWS_1900
    raise ValueError("no sheet")


def _elements(pack: zipfile.ZipFile, part: str, name: str, *, within: str) -> Iterator[ET.Element]:
    """The elements of this name straight within those of the other, each forgotten once it was looked at."""
    _check_prolog(pack, part)
    path: list[ET.Element] = []
    with pack.open(part) as file:
        for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314
            if event == "start":
                path.append(element)
                continue
            path.pop()
            around = path[-1] if path else None
            if around is None or around.tag.rpartition("}")[2] != within:
                continue
            if element.tag.rpartition("}")[2] == name:
                yield element
            around.clear()


def _check_prolog(pack: zipfile.ZipFile, part: str) -> None:
    """Raises Forbidden when a document type is declared, which may only be before the first element."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _forbid
    parser.StartElementHandler = _begin
    with pack.open(part) as file:
        try:
            while chunk := file.read(4096):
                parser.Parse(chunk, False)
        except _Begun:
            return
    raise ValueError("a part without an element")


def _forbid(*_declared: Any) -> None:
    raise Forbidden


def _begin(*_element: Any) -> None:
    raise _Begun
