"""Row 9: how fast comments are read, in a process of its own without a database, and what the reader takes up."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import costs
from bench.product import ROOT
from bench.table import Row

STUDENT, TWO_TIERS, P95_MS, MEGABYTES = 4000, 120, 25.0, 10.0
DEEP = 0.3
DEEPLY, ALONE = 600, 300


def rows() -> Iterator[Row | str]:
    """Speeds are of one core, dictionaries loaded and words met before."""
    program = "from bench.reader import measure; measure()"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    yield _speed("comments by the student in batch, one core", found["student"], STUDENT)
    yield _speed("comments by rules and student, the default", found["fused"], STUDENT)
    if found["two tiers"]:
        yield _speed("comments with the embedding for the least sure 30 %", found["two tiers"], TWO_TIERS)
    with_what = "the embedding included" if found["two tiers"] else "no embedding is installed"
    yield _least(f"one comment alone, {with_what}: p95 of {ALONE}", found["p95"], P95_MS, "ms")
    yield _least("models in the repository", found["megabytes"], MEGABYTES, "MB")
    yield (
        f"Row 9: loading all that reads takes {found['seconds']:.1f} s of CPU and {found['memory']:.0f} MB, the "
        f"embedding {found['more']:.0f} MB more."
    )


def _speed(what: str, measured: float, goal: int) -> Row:
    return Row(9, what, "", f"{measured:,.0f} a second", f"{goal:,} a second", measured / goal, 1)


def _least(what: str, measured: float, goal: float, unit: str) -> Row:
    return Row(9, what, "", f"{measured:.1f} {unit}", f"{goal:.0f} {unit}", goal / measured, 1)


def measure() -> None:
    """Everything as one line of JSON."""
    began, empty = time.process_time(), _memory()
    from feedback.understanding import artefact, embedding, labelled, language, ngrams, read, student, warm, words

    warm(deep=False)
    found = {"seconds": time.process_time() - began, "memory": _memory() - empty}
    texts = [row.text for row in labelled.every()]
    model = student.load()
    if model is None:
        raise SystemExit("there is no student to measure")

    def by_student() -> None:
        seen = [words.tokens(text, translit=language.detect(text).translit) for text in texts]
        model.read([ngrams.pieces(tokens) for tokens in seen])

    found["student"] = len(texts) / _again(by_student)
    found["fused"] = len(texts) / _again(lambda: read(texts))
    before = _memory()
    read(texts[:1], deep=1.0)
    found["more"] = _memory() - before
    found["two tiers"] = 0.0
    if embedding.is_installed():
        some = texts[:: len(texts) // DEEPLY]
        found["two tiers"] = len(some) / _again(lambda: read(some, deep=DEEP))
    found["p95"] = 1000 * costs.rank(
        [costs.of(lambda text=text: read([text], deep=DEEP)) for text in texts[-ALONE:]], 0.95
    )
    found["megabytes"] = sum(path.stat().st_size for path in artefact.FOLDER.iterdir()) / 1e6
    print(json.dumps(found))


def _again(work: Callable[[], object]) -> float:
    """CPU seconds of doing it the second time."""
    work()
    return costs.of(work)


def _memory() -> float:
    """MB resident now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
