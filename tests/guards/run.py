"""Takes guards away one by one in copies of the code, and runs the tests that have to notice.

`python -m tests.guards.run WORD ...` takes away those whose names hold one of the words.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from tests.guards.kind import Guard
from tests.guards.listed import GUARDS

ROOT = Path(__file__).resolve().parent.parent.parent
# A test without its guard may wait for what never comes.
PATIENCE = 240
# Half the time of a short test would go into loading the others.
NEEDED = ("pytest_django.plugin", "pytest_timeout", "time_machine", "tests.servers", "no:cacheprovider")
PLUGINS = [word for name in NEEDED for word in ("-p", name)]
KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"
WITHOUT = """from django.apps import apps
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("{app}", "{last}")]
    operations = [migrations.RemoveConstraint("{model}", "{name}")]
"""


@dataclass(frozen=True)
class Copy:
    """A copy of the code with a database of its own, made once and laid out anew before each run."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    def run(self, tests: Iterable[str], *, anew: bool = False) -> int:
        """pytest's exit code: 0 all passed, 1 some failed, others when it could not even begin."""
        kept, database = self.data / "kept.sqlite3", self.data / "test.sqlite3"
        for leftover in self.data.glob("test.sqlite3*"):
            leftover.unlink()
        if kept.exists() and not anew:
            shutil.copyfile(kept, database)
        command = [sys.executable, "-m", "pytest", "-q", "-x", *PLUGINS,
                   f"--timeout={PATIENCE}", "--reuse-db", *(["--create-db"] if anew else []),
                   *(f"tests/{test}" for test in tests)]  # fmt: skip
        hidden = ("PYTEST_", "DATABASE_URL", "COV_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        environment |= {"OTKLIK_DATA_DIR": str(self.data), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        with (self.data / "log").open("w", encoding="utf-8") as log:
            done = subprocess.run(command, cwd=self.root, env=environment, stdout=log, stderr=log, check=False)
        return done.returncode

    def keep_database(self, other: "Copy | None") -> None:
        """Make the database, or take that of another copy."""
        if other is None:
            self.run(["ground/test_access.py::test_a_stranger_sees_nothing"], anew=True)
        made = other.data / "kept.sqlite3" if other else self.data / "test.sqlite3"
        shutil.copyfile(made, self.data / "kept.sqlite3")

    def says(self) -> str:
        return (self.data / "log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def copied(other: Copy | None = None) -> Iterator[Copy]:
    """Every file of the work tree that git knows or would take, and the environment beside them."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="otklik-guards-") as directory:
        copy = Copy(Path(directory))
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (copy.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, copy.root / name)
        copy.data.mkdir()
        copy.keep_database(other)
        yield copy


def changed(source: str, guard: Guard) -> str:
    """The file without its guard; raises ValueError when the list has fallen behind the code."""
    if source.count(guard.old) != 1:
        raise ValueError(f"{guard.name}: stands {source.count(guard.old)} times in {guard.file}: {guard.old}")
    without = source.replace(guard.old, guard.new)
    if guard.file.endswith(".py"):
        ast.parse(without)
    return without


def lay(file: Path, source: str) -> None:
    """Write a file, or remove it, with what was compiled of it: two versions of one second look alike to Python."""
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()
    file.write_text(source, encoding="utf-8") if source else file.unlink()


def judge(guard: Guard, copy: Copy) -> str:
    """Whether its test fails without it."""
    if guard.file:
        file = copy.root / guard.file
        source = file.read_text(encoding="utf-8")
        without = changed(source, guard)
    else:
        app, model = guard.new.split(".")
        migrations = copy.root / app / "migrations"
        last = max(path.stem for path in migrations.glob("0*.py"))
        file, source = migrations / "9999_without.py", ""
        without = WITHOUT.format(app=app, last=last, model=model.lower(), name=guard.old)
    lay(file, without)
    try:
        code = copy.run([guard.test])
    finally:
        lay(file, source)
    return {0: SURVIVED, 1: KILLED}.get(code, BROKEN)


def main(words: list[str]) -> int:
    guards = [guard for guard in GUARDS if not words or any(word in guard.name for word in words)]
    began, copies = time.monotonic(), Queue[Copy]()

    def one(guard: Guard) -> tuple[Guard, str]:
        copy = copies.get()
        started = time.monotonic()
        verdict = judge(guard, copy)
        print(f"{verdict:8} {time.monotonic() - started:4.0f} s  {guard.name}", flush=True)  # noqa: T201
        if verdict == BROKEN:
            print(copy.says()[-2000:])  # noqa: T201
        copies.put(copy)
        return guard, verdict

    with copied() as first, copied(first) as second:
        if first.run(sorted({guard.test for guard in guards})):
            print(first.says()[-5000:], "\nThe tests do not even pass with the guards.", sep="")  # noqa: T201
            return 2
        copies.put(first)
        copies.put(second)
        with ThreadPoolExecutor(2) as threads:
            verdicts = dict(threads.map(one, guards))
    killed = sum(verdict == KILLED for verdict in verdicts.values())
    left = [guard.name for guard, verdict in verdicts.items() if verdict != KILLED]
    print(f"\nguards: {len(guards)}, noticed {killed} ({100 * killed / len(guards):.0f} %), "  # noqa: T201
          f"{time.monotonic() - began:.0f} s; left: {', '.join(left) or 'none'}")  # fmt: skip
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
