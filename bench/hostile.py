"""Row 6: counts after hostile changes, while whoever counts is killed again and again: wrong cells, and the cost."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row
from tests.campaign import counts

PAUSE = 1.0


def rows(database: str, changes: int) -> Iterator[Row]:
    """One history of so many changes; the cost is the CPU of whoever counts, PostgreSQL's process not included."""
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
        account = counts.run(
            Path(directory), changes=changes, pause=PAUSE, with_postgres=database == "PostgreSQL", steps=changes
        )
    print(f"{database}: {account}", file=sys.stderr, flush=True)
    what = f"{changes:,} hostile changes, {account.kills} kills of whoever counts: wrong cells"
    measured = f"{account.wrong} in {account.days} days"
    yield Row(6, what, database, measured, "0", account.wrong, 0, is_limit=True)
    tenth = changes // 10
    first, last = (account.spent[done] - account.spent[done - tenth] for done in (tenth, changes))
    what = "a change there counted: CPU, last tenth against the first"
    per_change = (f"{1000 * cost / tenth:.1f} ms" for cost in (last, first))
    yield Row(6, what, database, *per_change, last / first, 1.5, is_limit=True)
