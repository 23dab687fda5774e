"""What a page shows, as the tables of a file: each a sheet of a workbook, or one below the other in CSV.

Numbers are raw: a share lies between 0 and 1 and is not rounded. What a page hides is not in the file either.
"""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from analytics.display import SHOWN_FROM, display_state
from analytics.metrics import Metric
from ground.sheets import Cell, Column, Csv, Xlsx

UNITS = {
    "share": gettext_lazy("share, 0 to 1"),
    "points": gettext_lazy("points, −100 to 100"),
    "mean": gettext_lazy("points of the scale"),
    "per_1000": gettext_lazy("per 1000 contacts"),
}
# The columns of `number`, of `scored` and of `change`.
NUMBER = (
    pgettext_lazy("of a number", "Unit"), gettext_lazy("Value"), gettext_lazy("Interval from"),
    gettext_lazy("Interval to"), "n",
)  # fmt: skip
SCORED = (*NUMBER, gettext_lazy("Effective n"))
CHANGE = (
    pgettext_lazy("of a number", "Change"), gettext_lazy("Change from"), gettext_lazy("Change to"),
    gettext_lazy("Proven change"),
)  # fmt: skip
# How many days of a week are in the period: fewer than seven of the last one, where the period cuts it.
DAYS_OF_WEEK = gettext_lazy("Days")
SIGNIFICANT = 0.05
PROVEN = {"up": gettext_lazy("up"), "down": gettext_lazy("down"), "same": gettext_lazy("none")}


class Number(Protocol):
    """Anything with a value, limits and n; its state goes by n unless it has one of its own."""

    @property
    def value(self) -> float | None: ...
    @property
    def lo(self) -> float | None: ...
    @property
    def hi(self) -> float | None: ...
    @property
    def n(self) -> int: ...


class Ratio(Protocol):
    """A rate over the one before, with limits; the upper one may be none."""

    @property
    def ratio(self) -> float | None: ...
    @property
    def lo(self) -> float | None: ...
    @property
    def hi(self) -> float | None: ...
    @property
    def p(self) -> float: ...


class Block(Protocol):
    """A table of segments as the pages show it: rows of a name and a metric."""

    @property
    def title(self) -> Any: ...
    @property
    def head(self) -> Any: ...
    @property
    def rows(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Table:
    """A name, the titles of the columns, and the rows."""

    name: Any
    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]


def number(found: Number | None, *, unit: str) -> tuple[Any, ...]:
    """The cells under `NUMBER`. Of a hidden number only its being under five is told, where the page tells it too."""
    if found is None:
        return ("", None, None, None, None)
    if getattr(found, "state", display_state(found.n)) == "hidden":
        return (UNITS[unit], None, None, None, few(found.n) if found.n < SHOWN_FROM else None)
    return (UNITS[unit], found.value, found.lo, found.hi, found.n)


def scored(found: Number | None, *, unit: str) -> tuple[Any, ...]:
    """The cells under `SCORED`: the last says by how many independent answers the limits go, where that is not by n."""
    is_hidden = found is None or getattr(found, "state", display_state(found.n)) == "hidden"
    return (*number(found, unit=unit), None if is_hidden else getattr(found, "n_eff", None))


def few(n: int) -> int | str:
    """A count that says nothing of the few."""
    return _("under %d") % SHOWN_FROM if 0 < n < SHOWN_FROM else n


def change(metric: Metric | None) -> tuple[Any, ...]:
    """The cells under `CHANGE`; empty without a comparison."""
    if metric is None or metric.diff is None or metric.flag is None:
        return (None, None, None, None)
    return (metric.diff, metric.diff_lo, metric.diff_hi, PROVEN[metric.flag])


def times_before(name: Any, found: Ratio | None) -> list[tuple[Any, ...]]:
    """A line under `NUMBER` and `CHANGE` that tells how many times as often as before; none without a comparison."""
    if found is None or found.ratio is None:
        return []
    proven = PROVEN["same"] if found.p > SIGNIFICANT else PROVEN["up" if found.ratio > 1 else "down"]
    label = _("%(name)s: times the rate before") % {"name": name}
    return [(label, _("times"), found.ratio, found.lo, found.hi, None, None, None, None, proven)]


def about(title: Any, rows: Iterable[tuple[Any, ...]]) -> Table:
    """Of what the other tables are, on a page without a period: the page, these rows, and when the file was made."""
    now = timezone.localtime().replace(tzinfo=None, microsecond=0)
    return Table(_("About"), (_("About"), ""), [(_("Page"), title), *rows, (_("As of"), now)])


def segments(block: Block, *, of_scores: bool = False) -> Table:
    """The table of a block of segments; that of scores tells by how many answers limits go."""
    columns, cells = (SCORED, scored) if of_scores else (NUMBER, number)
    rows = [(row["name"], *cells(row["metric"], unit=row["metric"].unit), *change(row["metric"])) for row in block.rows]
    return Table(block.title, (block.head, *columns, *CHANGE), rows)


def weeks(name: Any, points: Iterable[Any], *, unit: str, of_scores: bool = False) -> Table:
    """A trend by week; the last column says how many days of the week are in it."""
    columns, cells = (SCORED, scored) if of_scores else (NUMBER, number)
    rows = [(week.start, *cells(week, unit=unit), week.period.days) for week in points]
    return Table(name, (gettext_lazy("Week of"), *columns, DAYS_OF_WEEK), rows)


def written(tables: Sequence[Table], *, form: str, language: str) -> bytes:
    """The file; `form` is one of `ground.sheets.FORMS`."""
    file = io.BytesIO()
    if form == "xlsx":
        _workbook(tables, file)
    else:
        _one_below_the_other(tables, Csv(file, language=language))
    return file.getvalue()


def _workbook(tables: Sequence[Table], file: io.BytesIO) -> None:
    book = Xlsx(file)
    try:
        for place, table in enumerate(tables):
            book.title(str(table.name)) if place == 0 else book.add_sheet(str(table.name))
            book.begin([Column(str(title), width=18) for title in table.columns])
            book.write(map(_cells, table.rows))
        book.finish()
    finally:
        book.drop()


def _one_below_the_other(tables: Sequence[Table], sheet: Csv) -> None:
    for place, table in enumerate(tables):
        if place == 0:
            sheet.begin([Column(str(table.name))])
        else:
            sheet.write([[], [str(table.name)]])
        sheet.write([_cells(table.columns), *map(_cells, table.rows)])
    sheet.finish()


def _cells(row: Sequence[Any]) -> list[Cell]:
    return [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    if isinstance(cell, Promise):
        return str(cell)
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return cell.isoformat()
    return cell if isinstance(cell, str | int | float | dt.datetime | None) else str(cell)
