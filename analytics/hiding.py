"""Which cells of a table are hidden, so that none can be worked out from the totals of its rows and columns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.display import SHOWN_FROM

Cell = tuple[Any, Any]
# A row or a column: the axis and the value on it.
Line = tuple[int, Any]
# A line whose total is told nowhere; all of them are one.
FREE: Line = (2, None)


def hidden_cells(counts: Mapping[Cell, int]) -> set[Cell]:
    """The cells not to be told where the totals of rows and columns are told beside them.

    Those below five are hidden, and others with them, the smallest first, until each row and column has none or
    several that make five together, and until none is what the totals of some rows leave of those of some columns.
    A total below five is told nowhere, and neither is that of a line of one cell, which the cell is itself.
    Empty cells give nothing away and protect nothing.
    """
    table = _Table({cell: n for cell, n in counts.items() if n})
    while table.guard_lines() or table.guard_blocks():
        pass
    return table.hidden | {cell for cell, n in counts.items() if not n}


@dataclass
class _Table:
    counts: Mapping[Cell, int]
    hidden: set[Cell] = field(default_factory=set)
    lines: dict[Line, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    told: set[Line] = field(default_factory=set)

    def __post_init__(self) -> None:
        for cell in self.counts:
            for line in _lines_of(cell):
                self.lines[line].append(cell)
        for line, cells in self.lines.items():
            cells.sort(key=self._rank)
            if len(cells) > 1 and sum(self.counts[cell] for cell in cells) >= SHOWN_FROM:
                self.told.add(line)
        self.hidden |= {cell for cell, n in self.counts.items() if n < SHOWN_FROM}

    def guard_lines(self) -> bool:
        """Hides what no line can do without; whether anything was."""
        before = len(self.hidden)
        for cells in self.lines.values():
            held = [self.counts[cell] for cell in cells if cell in self.hidden]
            for cell in cells:
                if not held or (len(held) > 1 and sum(held) >= SHOWN_FROM):
                    break
                if cell not in self.hidden:
                    self.hidden.add(cell)
                    held.append(self.counts[cell])
        return len(self.hidden) > before

    def guard_blocks(self) -> bool:
        """Hides a second cell wherever one alone joins some rows and columns to the rest; whether any was."""
        found = [best for block in self._blocks() if (best := self._beside(block))]
        self.hidden.update(found)
        return bool(found)

    def _blocks(self) -> Iterator[set[Line]]:
        """The lines cut off from the others but for one hidden cell.

        The lines are joined by their hidden cells. Each cell off the tree goes around a part of it, and a cell of
        the tree that none goes around is such a one.
        """
        above, tree = self._tree()
        around: dict[Line, int] = defaultdict(int)
        for at, cell in enumerate(cell for cell in self.counts if cell in self.hidden and cell not in tree):
            for line in _lines_of(cell):
                around[self._told(line)] ^= 1 << at
        below: dict[Line, set[Line]] = {line: {line} for line in above}
        for line in reversed(above):
            if above[line] != line:
                if not around[line]:
                    yield below[line]
                around[above[line]] ^= around[line]
                below[above[line]] |= below[line]

    def _tree(self) -> tuple[dict[Line, Line], set[Cell]]:
        """The line above each, itself for a root, in the order of reaching them; and the cells that reach."""
        joined: dict[Line, list[tuple[Line, Cell]]] = defaultdict(list)
        for cell in self.counts:
            if cell in self.hidden:
                one, other = (self._told(line) for line in _lines_of(cell))
                joined[one].append((other, cell))
                joined[other].append((one, cell))
        above: dict[Line, Line] = {}
        tree: set[Cell] = set()
        for root in (FREE, *joined):
            waiting = [] if root in above else [root]
            above.setdefault(root, root)
            while waiting:
                line = waiting.pop()
                for other, cell in joined.get(line, ()):
                    if other not in above:
                        above[other] = line
                        tree.add(cell)
                        waiting.append(other)
        return above, tree

    def _beside(self, block: set[Line]) -> Cell | None:
        """The smallest cell that would join the block to the others, too; None without one."""
        cells = [
            cell
            for line in block
            for cell in self.lines[line]
            if cell not in self.hidden and sum(self._told(end) in block for end in _lines_of(cell)) == 1
        ]
        return min(cells, key=self._rank, default=None)

    def _told(self, line: Line) -> Line:
        return line if line in self.told else FREE

    def _rank(self, cell: Cell) -> tuple[bool, int, str]:
        """What is alone in its row or column is told by that total, and protects the others badly."""
        is_alone = any(len(self.lines[line]) == 1 for line in _lines_of(cell))
        return is_alone, self.counts[cell], str(cell)


def _lines_of(cell: Cell) -> tuple[Line, Line]:
    return (0, cell[0]), (1, cell[1])
