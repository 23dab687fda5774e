"""Row 7: from a comment to its count, in bunches as the workers go, against one task for each comment."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bench.answering import ROOT, Row, database

COUNT, BUNCH = 600, 100


def rows() -> Iterator[Row]:
    """One row a database; the CPU is that of the process that reads and counts."""
    for name in ("SQLite", "PostgreSQL"):
        with database(name) as url, tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
            environment = os.environ | {"OTKLIK_DATA_DIR": directory, "LOG_LEVEL": "ERROR", "UNDERSTANDING_DEEP": "0"}
            if url:
                environment["DATABASE_URL"] = url
            found = inside(environment, "measure()")
        together, apart = found["together"], found["apart"]
        what = f"comment read and counted, {name}"
        yield Row(7, what, f"{together:.1f} ms", f"{apart:.1f} ms", apart / together, "10x")


def inside(environment: dict[str, str], call: str) -> dict[str, float]:
    """What a function of this file prints, called inside Django on a database with every table."""
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    program = f"from bench import bunches; bunches.{call}"
    done = subprocess.run(
        [*manage, "shell", "-v0", "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure() -> None:
    """Milliseconds of a comment, each way, in alternating slices of one bunch."""
    from analytics import rollups
    from feedback import classify

    classify.warm()
    spent = {"together": 0.0, "apart": 0.0}
    sizes = {"together": BUNCH, "apart": 1}
    for start in range(0, COUNT, BUNCH):
        for way, size in sizes.items():
            ids = fill(BUNCH, first=start)
            began = time.process_time()
            for at in range(0, BUNCH, size):
                classify.classify(ids[at : at + size])
                rollups.roll_up()
            spent[way] += time.process_time() - began
    print(json.dumps({way: 1000 * seconds / COUNT for way, seconds in spent.items()}))


def fill(count: int, *, first: int = 0) -> list[int]:
    """So many comments that wait to be read, the labelled ones again and again, each a little different."""
    from feedback.models import Comment
    from feedback.understanding import labelled

    texts = itertools.islice(itertools.cycle(row.text for row in labelled.every()), first, first + count)
    made = [Comment(source="review", text=f"{text} {first + number}") for number, text in enumerate(texts)]
    return [comment.pk for comment in Comment.objects.bulk_create(made, batch_size=1000)]
