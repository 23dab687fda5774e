"""Workbooks from outside: honest ones are read, bombs are refused at their directory or by the child's limits."""

import io
import resource
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from ground import workbook_rows
from ground.workbook_rows import NoWorkbook

CONTENT = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{("&" + before + ";") * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def honest() -> dict[str, bytes]:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["номер", "имя", "когда"])
    book.active.append([7.0, "=1+1", None])
    book.save(file)
    with zipfile.ZipFile(file) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def packed(path: Path, parts: dict[str, bytes], *, repeated: tuple[str, int] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
        if repeated:
            for number in range(repeated[1]):
                pack.writestr(f"{repeated[0]}{number}", b"x")
    return path


def text(path: Path, old: bytes, new: bytes) -> Path:
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


PART, SIZE = "xl/worksheets/sheet1.xml", 30_000_000
BOMBS = {
    "a sheet of zeros": lambda p: packed(p, honest() | {PART: b"0" * SIZE}),
    "a sheet a little under the size": lambda p: packed(p, honest() | {PART: b"0" * 19_000_000}),
    "a part nobody needs": lambda p: packed(p, honest() | {"xl/media/picture.png": b"0" * 40_000_000}),
    "thousands of parts": lambda p: packed(p, honest(), repeated=("xl/part", 5000)),
    "shared strings of blanks": lambda p: packed(p, honest() | {"xl/sharedStrings.xml": b" " * 25_000_000}),
    "entities that multiply": lambda p: packed(
        p, honest() | {PART: (ENTITIES + SHEET.format("<row><c t='inlineStr'><is><t>&i;</t></is></c></row>")).encode()}
    ),
    "an entity from a file": lambda p: packed(
        p, honest() | {PART: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SHEET.format("&e;").encode()}
    ),
    "a workbook of entities": lambda p: packed(
        p, honest() | {"xl/workbook.xml": ENTITIES.encode() + b"<workbook>&i;</workbook>"}
    ),
    "a path out of the archive": lambda p: packed(p, honest() | {"../../evil.xml": b"x"}),
    "a directory that lies about sizes": lambda p: text(
        packed(p, honest() | {PART: b"0" * SIZE}), SIZE.to_bytes(4, "little"), (3_000).to_bytes(4, "little")
    ),
    "no workbook at all": lambda p: packed(p, {"a.txt": b"hello"}),
    "a zip that ends in the middle": lambda p: (p.write_bytes(packed(p, honest()).read_bytes()[:300]), p)[1],
    "a sheet that is no XML": lambda p: packed(p, honest() | {PART: b"<worksheet><sheetData><row"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_cheaply(tmp_path: Path, name: str) -> None:
    source, target = BOMBS[name](tmp_path / "bomb.xlsx"), tmp_path / "rows"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    begun = time.process_time()
    with pytest.raises(NoWorkbook):
        workbook_rows.convert(source, target)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024
    # CPU, not the clock: what a busy machine does not change much. The child has to import its reader first.
    assert time.process_time() - begun + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - used < 5
    assert not target.exists() or b"root:" not in target.read_bytes()


def test_an_honest_workbook_is_read_as_people_see_it(tmp_path: Path) -> None:
    workbook_rows.convert(packed(tmp_path / "a.xlsx", honest()), tmp_path / "rows")
    lines = (tmp_path / "rows").read_text(encoding="utf-8").splitlines()
    assert lines[1] == '["7", "", ""]'  # a formula has no value before a spreadsheet has reckoned it
    assert len(lines) == 2
