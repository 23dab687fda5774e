"""`make bench`: every row of docs/performance.md on SQLite and PostgreSQL, in one table; nothing is asserted.

`make bench-large` is rows 5 and 10 alone, beside a million answers.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import answering, bunches, hostile, intake, knowing, page_weight, reader, sending, table
from bench.product import DATABASES
from bench.table import Row

ANSWERS, CHANGES = 100_000, 2000

Part = Callable[[], Iterator[Row | str]]


def parts(given: argparse.Namespace) -> Iterator[tuple[set[int], Part]]:
    """What makes which rows."""
    yield {4}, page_weight.rows
    yield {9}, reader.rows
    for name in given.databases:
        yield {1}, partial(answering.rows, name)
        yield {2, 3}, partial(intake.rows, name)
        yield {5, 10}, partial(knowing.rows, name, given.answers, given.keep)
        yield {6}, partial(hostile.rows, name, given.changes)
        yield {7}, partial(bunches.rows, name)
        yield {8}, partial(sending.rows, name)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=range(1, 11), help="these alone")
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--answers", type=int, default=ANSWERS, help="of rows 5 and 10; a tenth of them beside")
    parser.add_argument("--changes", type=int, default=CHANGES, help="of row 6")
    parser.add_argument("--keep", type=Path, help="where the data of rows 5 and 10 stay, to be measured again")
    given = parser.parse_args(arguments)
    began, found, notes = table.machine(), [], []
    for numbers, part in parts(given):
        for told in _whole(numbers, part) if numbers & set(given.rows) else ():
            if isinstance(told, Row):
                found.append(told)
            else:
                notes.append(told)
            print(told, file=sys.stderr, flush=True)
    print(f"{began}\n\n{table.heading()}")
    for row in sorted(found, key=lambda row: row.number):
        print(row)
    print(f"\n{sum(row.is_reached for row in found)} of {len(found)} reached. At the end: {table.machine()}")
    print("\n".join(["", *sorted(notes)]))
    return 0


def _whole(numbers: set[int], part: Part) -> Iterator[Row | str]:
    """All of a part; one that breaks off takes none of the others with it."""
    try:
        yield from part()
    except (Exception, SystemExit) as broken:  # noqa: BLE001 (whatever it is, it is told)
        yield f"Row {', '.join(map(str, sorted(numbers)))} broke off: {broken!r}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
