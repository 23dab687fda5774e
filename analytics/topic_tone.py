"""What is talked about: how often, in which tone, and which cells of a table stand out (M29).

A comment may mention several topics, so their shares do not add up to a whole and are never summed to comments.
"""

import math
from collections.abc import Sequence

from analytics.scores import Share, share

MARKED_FROM = 3.0


def mention_share(mentions: int, classified: int) -> Share:
    """Share of the classified comments that mention a topic."""
    return share(mentions, classified)


def net_tone(*, positive: int, negative: int, n: int) -> float | None:
    """(positive - negative) / n, -1..1; None without comments."""
    if min(positive, negative) < 0 or positive + negative > n:
        raise ValueError("the tones cannot be more than the comments")
    return (positive - negative) / n if n else None


def residuals(table: Sequence[Sequence[int]]) -> list[list[float | None]]:
    """Adjusted standardised residuals of a table of counts: beyond +-3 a cell is marked.

    None in a row or a column that is empty or holds everything: nothing can stand out there.
    """
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    n = sum(rows)

    def residual(row: int, column: int) -> float | None:
        share_of_row, share_of_column = rows[row] / n, columns[column] / n
        expected = share_of_row * columns[column]
        variance = expected * (1 - share_of_row) * (1 - share_of_column)
        return (table[row][column] - expected) / math.sqrt(variance) if variance > 0 else None

    if not n:
        return [[None] * len(row) for row in table]
    return [[residual(row, column) for column in range(len(columns))] for row in range(len(rows))]


def is_marked(found: float | None) -> bool:
    """Whether a cell stands out."""
    return found is not None and abs(found) > MARKED_FROM
