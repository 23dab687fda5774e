"""The table of `make bench`, and the numbers that it compares."""

from collections.abc import Iterator

import pytest

from bench import __main__ as program
from bench import by_rows, generate
from bench.table import COLUMNS, Row, heading
from feedback.models import Comment
from surveys.questions import SCALES


def test_a_row_says_whether_its_goal_is_reached() -> None:
    quick = Row(7, "in bunches", "SQLite", "3 ms", "33 ms", 11, 10)
    assert quick.is_reached and str(quick).endswith("| 11     | at least 10  | yes     |")
    assert str(Row(3, "tail", "SQLite", "9 ms", "1 ms", 9, 5, is_limit=True)).endswith("| at most 5    | **no**  |")


def test_every_line_of_the_table_has_every_column(monkeypatch, capsys) -> None:
    def part() -> Iterator[Row | str]:
        yield Row(9, "speed", "", "4,000 a second", "4,000 a second", 1, 1)
        yield Row(1, "flow", "PostgreSQL", "9.8 ms", "33.8 ms", 3.449, 20)
        yield "Row 4: there is no browser here."

    monkeypatch.setattr(program, "parts", lambda given: [({1, 9}, part), ({2}, None)])
    assert program.main(["--rows", "1", "9"]) == 0
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {len(COLUMNS) + 1} and len({len(line) for line in lines}) == 1
    assert heading() == "\n".join(lines[:2]) and lines[2].startswith("| 1 ") and "| 3.45 " in lines[2]
    assert "1 of 2 reached" in told and "there is no browser" in told


@pytest.mark.django_db(transaction=True)
def test_counts_and_rows_tell_the_same(monkeypatch) -> None:
    monkeypatch.setattr(generate, "DAYS", 8)
    generate.make(400, texts=True)
    comments = Comment.objects.values_list("response__scale", "score", "band")
    assert len(comments) > 50 and all(SCALES[scale].band(score) == band for scale, score, band in comments)
    generate.count(0, 2)
    assert by_rows.measure(4, 1)["faults"]
    generate.count(1, 2)
    generate.finish()
    assert by_rows.measure(4, 1)["faults"] == []
