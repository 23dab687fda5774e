"""Small systems of linear equations, without numpy: a few dozen topics at most."""

from collections.abc import Sequence

# A pivot this small beside the largest number of the matrix is taken for none.
SINGULAR = 1e-12


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float] | None:
    """x of `matrix` x = `right`, by elimination with the largest pivot; None when the matrix is singular."""
    solved = _eliminate(matrix, [[value] for value in right])
    return None if solved is None else [row[0] for row in solved]


def inverse(matrix: Sequence[Sequence[float]]) -> list[list[float]] | None:
    """The inverse of a square matrix; None when it is singular."""
    size = len(matrix)
    return _eliminate(matrix, [[float(row == column) for column in range(size)] for row in range(size)])


def _eliminate(matrix: Sequence[Sequence[float]], right: Sequence[Sequence[float]]) -> list[list[float]] | None:
    size = len(matrix)
    rows = [[float(value) for value in (*left, *beside)] for left, beside in zip(matrix, right, strict=True)]
    largest = max((abs(value) for row in rows for value in row[:size]), default=0.0)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) <= SINGULAR * largest:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        lead = rows[column][column]
        rows[column] = [value / lead for value in rows[column]]
        for row in range(size):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [value - factor * own for value, own in zip(rows[row], rows[column], strict=True)]
    return [row[size:] for row in rows]
