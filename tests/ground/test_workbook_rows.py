"""Workbooks from outside: honest ones are read, bombs are refused at their directory or by the child's limits."""

import datetime as dt
import io
import random
import resource
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from ground import workbook_rows
from ground.workbook_rows import NoWorkbook
from tests.campaign import accounts

CONTENT = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = f'<worksheet xmlns="{MAIN}"><sheetData>{{}}</sheetData></worksheet>'
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
    refused(BOMBS[name](tmp_path / "bomb.xlsx"), tmp_path / "rows")


@pytest.mark.campaign
def test_bombs_of_every_kind_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs = {name: refused(bomb(tmp_path / "bomb.xlsx"), tmp_path / "rows") for name, bomb in BOMBS.items()}
    dearest = max(costs, key=lambda name: costs[name])
    told = f"{len(BOMBS)} inputs sent, refused {len(costs)}, the dearest {costs[dearest]:.2f} s of CPU ({dearest})"
    accounts.tell(capsys, f"import bombs: {told}")


def refused(source: Path, target: Path) -> float:
    """The seconds of CPU that it took to refuse this file."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    begun = time.process_time()
    with pytest.raises(NoWorkbook):
        workbook_rows.convert(source, target)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024
    # CPU, not the clock: what a busy machine changes by no more than twice the second that is promised. The child has
    # to import its reader first.
    cost = time.process_time() - begun + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - used
    assert cost < 2
    assert not target.exists() or b"root:" not in target.read_bytes()
    return cost


def test_a_part_with_a_document_type_is_not_read_however_harmless(tmp_path: Path) -> None:
    sheet = SHEET.format("<row><c t='inlineStr'><is><t>&a;</t></is></c></row>")
    source = packed(tmp_path / "a.xlsx", honest() | {PART: f'<!DOCTYPE x [<!ENTITY a "ha">]>{sheet}'.encode()})
    with pytest.raises(NoWorkbook):
        workbook_rows.convert(source, tmp_path / "rows")


def test_an_honest_workbook_is_read_as_people_see_it(tmp_path: Path) -> None:
    workbook_rows.convert(packed(tmp_path / "a.xlsx", honest()), tmp_path / "rows")
    lines = (tmp_path / "rows").read_text(encoding="utf-8").splitlines()
    assert lines[1] == '["7"]'  # a formula has no value before a spreadsheet has reckoned it
    assert len(lines) == 2


def test_every_kind_of_cell_is_read_as_the_library_reads_it(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["текст", 1, 1.5, -3, 1e21, True, False, "#N/A", None, "b", "  пробел "])
    sheet.append([dt.datetime(2026, 11, 20, 9, 30), dt.date(2026, 11, 20), dt.time(9, 30), dt.timedelta(hours=36)])
    sheet["E4"] = "далеко"
    sheet["A6"] = 45_000
    sheet["A6"].number_format = "[$-419]d mmm yyyy;@"
    book.create_sheet("вторая").append(["не этот"])
    book.save(path := tmp_path / "a.xlsx")
    found = list(workbook_rows.rows(path))
    known = load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True, max_row=6)
    for own, theirs in zip(found, known, strict=False):
        told = [workbook_rows._text(value) for value in theirs]
        assert own == told[: len(own)]
        assert not any(told[len(own) :])
    assert found[1] == ["2026-11-20T09:30:00", "2026-11-20T00:00:00", "09:30:00", "1 day, 12:00:00"]
    assert [len(row) for row in found] == [11, 4, 0, 5, 0, 1]


def test_a_day_that_no_calendar_has_stays_a_number(tmp_path: Path) -> None:
    book = Workbook()
    for number in (1e15, -1e9, 4_000_000):
        book.active.append([number])
        book.active.cell(book.active.max_row, 1).number_format = "dd.mm.yyyy"
    book.save(path := tmp_path / "a.xlsx")
    assert list(workbook_rows.rows(path)) == [["1000000000000000"], ["-1000000000"], ["4000000"]]


def test_shared_and_rich_strings_without_how_they_are_pronounced(tmp_path: Path) -> None:
    parts = honest()
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}"><si><r><t>по</t></r><r><rPr/><t xml:space="preserve">чта </t></r>'
        "<rPh><t>нет</t></rPh></si><si><t>b_x000D_</t></si></sst>"
    ).encode()
    parts[PART] = SHEET.format('<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>').encode()
    assert list(workbook_rows.rows(packed(tmp_path / "a.xlsx", parts))) == [["почта ", "b\r"]]


def test_cells_far_out_cost_little(tmp_path: Path) -> None:
    far = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="9000"><c r="XFD9000"><v>2</v></c></row>')
    found = list(workbook_rows.rows(packed(tmp_path / "a.xlsx", honest() | {PART: far.encode()})))
    assert (len(found), len(found[-1]), found[1]) == (9000, 201, [])


def test_a_text_that_is_repeated_for_ever_stops_at_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_rows, "WRITTEN", 1024 * 1024)
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _number in range(1000))
    parts = honest() | {PART: SHEET.format(cells).encode()}
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{_noise(9000)}</t></si></sst>'.encode()
    with pytest.raises(NoWorkbook, match="bomb"):
        workbook_rows.convert(packed(tmp_path / "a.xlsx", parts), tmp_path / "rows")


def _noise(length: int) -> str:
    return random.Random(4).randbytes(length // 2).hex()
