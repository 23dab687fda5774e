"""What something costs: CPU of this process and of the one of PostgreSQL that serves it; and ways in turns."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def server() -> int:
    """The process of PostgreSQL that serves this one; 0 on SQLite, where the database is a part of this one."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def used(server: int = 0) -> float:
    """Seconds of CPU so far."""
    return time.process_time() + (int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9 if server else 0)


def of(work: Callable[[], object], *, server: int = 0) -> float:
    """Seconds of CPU that it takes."""
    before = used(server)
    work()
    return used(server) - before


def by_turns(ways: Mapping[str, Callable[[int], float]], turns: int) -> dict[str, list[float]]:
    """What each way says it took, turn by turn: whatever else the machine does meets all of them."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(turns):
        for name, way in ways.items():
            spent[name].append(way(turn))
    return spent


def rank(times: Sequence[float], share: float) -> float:
    """The nearest rank: of 20 the second slowest is the 95th of a hundred."""
    return sorted(times)[math.ceil(share * len(times)) - 1]
