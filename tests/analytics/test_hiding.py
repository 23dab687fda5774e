"""No hidden cell of a table can be worked out from the totals of its rows and columns."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.agent_reasons import matrix
from analytics.agents import Row
from analytics.hiding import hidden_cells
from analytics.over_time import points_of
from analytics.scores import csat

Counts = Mapping[tuple[Any, Any], int]
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
FIRST = dt.date(2026, 11, 2)
# A few rows with many weeks, whose smallest cells stand under one another in no column.
STEPS: Counts = {
    ("a", 0): 3, ("a", 1): 12, ("a", 2): 50,
    ("b", 0): 40, ("b", 1): 60, ("b", 2): 55,
    ("c", 0): 70, ("c", 1): 80, ("c", 2): 90,
}  # fmt: skip
# Two squares of small cells, and one cell alone that joins them: each row and column of it has two or more.
BRIDGE: Counts = {
    (row, column): 4 if (row < 2) == (column < 2) or (row, column) == (1, 2) else 50
    for row in range(4)
    for column in range(4)
}
tables = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.sampled_from([0, 1, 2, 4, 5, 6, 9, 30]), max_size=25
)


def found_by_subtraction(counts: Counts, hidden: Collection[tuple[Any, Any]]) -> set[tuple[Any, Any]]:
    """The cells among these that the totals and all the other cells give away."""
    unknown = [cell for cell in hidden if counts[cell]]
    totals = []
    for axis in (0, 1):
        for value in {cell[axis] for cell in counts}:
            line = [cell for cell, n in counts.items() if n and cell[axis] == value]
            if len(line) > 1 and sum(counts[cell] for cell in line) >= 5:
                totals.append([float(cell in line) for cell in unknown])
    if not totals or not unknown:
        return set()
    rank = np.linalg.matrix_rank(np.array(totals))
    units = dict(zip(unknown, np.eye(len(unknown)), strict=True))
    return {cell for cell in unknown if np.linalg.matrix_rank(np.array([*totals, units[cell]])) == rank}


@example(STEPS)
@example(BRIDGE)
@settings(max_examples=200, deadline=None)
@given(tables)
def test_no_hidden_cell_is_found_by_subtraction(counts: Counts) -> None:
    hidden = hidden_cells(counts)
    assert {cell for cell, n in counts.items() if n < 5} <= hidden
    # What would be found with every cell hidden is told by the totals themselves.
    assert found_by_subtraction(counts, hidden) <= found_by_subtraction(counts, counts)


@settings(max_examples=100, deadline=None)
@given(tables)
def test_no_row_or_column_leaves_fewer_than_five(counts: Counts) -> None:
    hidden = hidden_cells(counts)
    for axis in (0, 1):
        for value in {cell[axis] for cell in counts}:
            line = [cell for cell, n in counts.items() if n and cell[axis] == value]
            left = sum(counts[cell] for cell in line if cell in hidden)
            assert not 0 < left < 5 or sum(counts[cell] for cell in line) < 5


def test_nothing_more_is_hidden_than_what_guards_the_small_one() -> None:
    assert hidden_cells({cell: n for cell, n in STEPS.items() if n != 3}) == set()
    assert hidden_cells(STEPS) == {("a", 0), ("a", 1), ("b", 0), ("b", 1)}
    assert hidden_cells({("a", 0): 3, ("a", 1): 40, ("a", 2): 12}) == {("a", 0), ("a", 2)}


def test_the_second_column_of_a_series_is_guarded_too() -> None:
    """One look by rows and one by columns left the cell that guards a small one alone in its column."""
    tallies = {
        row: {FIRST + dt.timedelta(weeks=week): Counter({5: STEPS[row, week]}) for week in range(3)} for row in "abc"
    }
    points = points_of(tallies, lambda hist: csat(hist, "csat_5"), as_of=NOON)
    hidden = {(point.key, (point.start - FIRST).days // 7) for point in points if point.metric.state == "hidden"}
    assert found_by_subtraction(STEPS, hidden) == set()
    assert ("c", 2) not in hidden and ("b", 1) in hidden


def test_a_colleague_is_not_what_the_team_leaves() -> None:
    """Beside an agent's answers about a matter stand those of all colleagues about it."""
    answers = {
        (1, "late"): 3, (1, "broken"): 40, (1, "price"): 12,
        (2, "late"): 30, (2, "broken"): 50, (2, "price"): 60,
        (3, "late"): 70, (3, "broken"): 80, (3, "price"): 90,
    }  # fmt: skip
    rows = [Row(agent, 1, "chat", reason, n // 2, n) for (agent, reason), n in answers.items()]
    hidden = {cell for cell, told in matrix(rows).cells.items() if told.state == "hidden"}
    assert hidden == {(1, "late"), (1, "price"), (2, "late"), (2, "price")}
