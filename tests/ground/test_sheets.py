"""What is written opens as it was meant: no cell is a formula, numbers are numbers, and a crash costs nothing."""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ground.sheets import Column, Csv, Lines, Sheet, SheetFull, Xlsx, gathered

COLUMNS = [Column("Оценка"), Column("Текст", width=60)]
COMMAND = "cmd|' /C calc'!A0"
PAYLOADS = [
    f"={COMMAND}", f"+{COMMAND}", f"-{COMMAND}", f"@{COMMAND}", "=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=A()",
    "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", "\0=1+1", "\x01=1+1", "\x0b=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1,1)", " ＝1+1", "\u2028=1+1", "=\u202e1+1", "==1+1", "=+-@1", "-", "=", "@", "+",
    "\tДолго", "\rДолго", "=IMPORTXML(CONCAT(\"http://\",A1),\"//a\")", "=WEBSERVICE(\"http://\"&A1)",
    "=cmd|'/C calc'!'A1'", "-2+3+cmd|' /C calc'!D2", "@=1+1", "+7 900 123-45-67", "=A1\"\"&B1;=1,=1",
    "#REF!", "#N/A", "#\u200b=1+1",
]  # fmt: skip


def written(make: Callable[..., Sheet], rows: list[Any], *, columns: list[Column] = COLUMNS) -> io.BytesIO:
    file = io.BytesIO()
    sheet = make(file)
    try:
        sheet.begin(columns)
        sheet.write(rows)
        sheet.finish()
    finally:
        if isinstance(sheet, Xlsx):
            sheet.drop()
    return io.BytesIO(file.getvalue())


def read_csv(file: io.BytesIO, *, delimiter: str) -> list[list[str]]:
    text = file.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def cells(file: io.BytesIO) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(file).active.iter_rows(min_row=2)]


def russian(file: io.BytesIO, **more: Any) -> Csv:
    return Csv(file, language="ru", **more)


@pytest.mark.parametrize("language, delimiter", [("ru", ";"), ("en", ",")])
def test_no_cell_of_a_csv_file_begins_like_a_formula(language: str, delimiter: str) -> None:
    file = written(lambda file: Csv(file, language=language), [[4, payload] for payload in PAYLOADS])
    rows = read_csv(file, delimiter=delimiter)[1:]
    assert len(rows) == len(PAYLOADS) >= 40
    for _score, text in rows:
        assert text.startswith("'") or text[0] not in "=+-@\t\r\0＝＋－＠" and text.strip()[0] not in "=+-@", repr(text)


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    found = cells(written(Xlsx, [[4, payload] for payload in PAYLOADS]))
    assert len(found) == len(PAYLOADS)
    for _score, cell in found:
        assert cell.data_type == "s", repr(cell.value)
        # Else it would become one as soon as somebody edits the cell.
        assert cell.quotePrefix or not str(cell.value).lstrip().startswith(("=", "+", "-", "@")), cell.value


def test_harmless_text_stays_as_it_is() -> None:
    said = 'Долго; «ждал», "очень"\nа 5-го = ничего'
    assert read_csv(written(russian, [[None, said]]), delimiter=";")[1] == ["", said]
    [[_none, cell]] = cells(written(Xlsx, [[None, said]]))
    assert cell.value == said


def test_excel_opens_a_csv_file_of_its_own_country() -> None:
    assert written(russian, [[4, "да"]]).getvalue() == '\ufeff"Оценка";"Текст"\r\n4;"да"\r\n'.encode()


def test_numbers_and_moments_keep_their_kind() -> None:
    moment = dt.datetime(2026, 5, 12, 14, 30)
    [row] = cells(written(Xlsx, [[4, moment]]))
    assert [cell.value for cell in row] == [4, moment]
    # Excel of Russia takes 4.03 for the fourth of March, and a number in quotes for a text.
    assert written(russian, [[-2.5, moment]]).getvalue().decode().splitlines()[1] == '-2,5;"2026-05-12 14:30"'
    assert read_csv(written(partial(Csv, language="en"), [[-2.5, 1e-07]]), delimiter=",")[1] == ["-2.5", "1e-07"]


def test_what_a_workbook_refuses_is_dropped_and_codes_stay_text() -> None:
    [[cell, code]] = cells(written(Xlsx, [["a\x00\x08\x1f\ud800\uffffb", "_x0041_"]]))
    assert cell.value == "ab"
    assert code.value == "_x005F_x0041_"  # as Excel writes it, who shows _x0041_


def test_a_cell_is_no_longer_than_excel_takes() -> None:
    [[long, longer]] = cells(written(Xlsx, [["я" * 40_000, "😀" * 40_000]]))
    assert len(long.value) == 32_767
    assert len(longer.value.encode("utf-16-le")) <= 32_767 * 2


@pytest.mark.parametrize("make", [russian, Lines])
def test_another_writer_goes_on_where_the_state_says(make: Callable[..., Sheet]) -> None:
    rows = [[number, f"Строка {number}"] for number in range(30)]
    file = io.BytesIO()
    first = make(file)
    first.begin(COLUMNS)
    first.write(rows[:10])
    state = first.state()
    first.write(rows[10:20])  # the worker dies before anybody learns of these
    second = make(file, state=state)
    second.write(rows[10:])
    second.finish()
    if make is Lines:
        columns, found = gathered(file)
        assert (columns, list(found)) == (COLUMNS, rows)
    else:
        told = [[str(number), text] for number, text in rows]
        assert read_csv(io.BytesIO(file.getvalue()), delimiter=";")[1:] == told


def test_gathered_rows_are_the_same_cells() -> None:
    row = [None, 4, -2.5, dt.datetime(2026, 5, 12, 14, 30), 'Долго; "ждал"\n[1]', "\x00\ud800\u2028"]
    assert list(gathered(written(Lines, [row]))[1]) == [row]


def test_a_workbook_given_up_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    book = Xlsx(io.BytesIO())
    book.begin(COLUMNS)
    book.write([[4, "a"]])
    assert len(list(tmp_path.iterdir())) == 1
    book.drop()
    assert list(tmp_path.iterdir()) == []
    written(Xlsx, [[4, "a"]])
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_says_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Xlsx, "most_rows", 3)
    with pytest.raises(SheetFull):
        written(Xlsx, [[1, "a"], [2, "b"], [3, "c"]])
    assert len(cells(written(Xlsx, [[1, "a"], [2, "b"]]))) == 2


def test_titles_are_made_safe_too() -> None:
    file = written(Xlsx, [], columns=[Column("<=1+1>&")])
    assert openpyxl.load_workbook(file).active["A1"].value == "<=1+1>&"
