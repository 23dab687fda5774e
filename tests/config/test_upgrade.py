"""The database of an earlier release is upgraded by `migrate`, and everything in it still works.

In `tests/releases/` lie the rows and keys that each release has left, as its own code wrote them. That of 0.1.0 has the
schema of 30 November 2026 up to `ground` 0006, `surveys` 0005, `feedback` 0002 and `analytics` 0008. The dump of a
release is never changed, only joined by that of the next.
"""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.config import upgraded
from tests.config.test_backups import Place
from tests.e2e.stack import ROOT

RELEASES = sorted((ROOT / "tests" / "releases").iterdir())


def restored(left: Path, directory: Path, *, url: str = "") -> Place:
    """A place with the database and the keys that a release has left."""
    place = Place(directory, **({"DATABASE_URL": url} if url else {}))
    shutil.copytree(left / "keys", directory / "keys")
    (directory / "keys").chmod(0o700)
    dump = gzip.decompress((left / "dump.sql.gz").read_bytes()).decode()
    if url:
        with psycopg.connect(url, autocommit=True) as line:
            line.execute(dump)
    else:
        with closing(sqlite3.connect(directory / "otklik.sqlite3")) as line:
            line.executescript(dump)
    return place


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_everything_works_on_after_the_upgrade(
    request: pytest.FixtureRequest, tmp_path: Path, release: Path, database: str
) -> None:
    left, url = release / database, ""
    if database == "postgresql":
        server, name = request.getfixturevalue("postgres_url"), f"upgraded_{release.name.replace('.', '_')}"
        with psycopg.connect(server, autocommit=True) as line:
            line.execute(f"CREATE DATABASE {name}")
        url = server.replace("/postgres?", f"/{name}?")
    place = restored(left, tmp_path / "place", url=url)
    told = (left / "told.json").read_text(encoding="utf-8")
    assert "No planned" not in place.run("migrate", "--plan")
    place.run("migrate", "-v0")
    assert "No planned" in place.run("migrate", "--plan")
    inside = f"from tests.config import upgraded; upgraded.walk({told!r})"
    found: dict[str, Any] = json.loads(place.run("shell", "-v0", "-c", inside).splitlines()[-1])
    known = json.loads(told)
    sealed = known["counts"]["AuditSeal"]
    assert found.pop("desk") == dict.fromkeys(upgraded.PAGES, 200)
    assert found == {
        "schema": [],
        "rows": {name: known["counts"][name] for name in upgraded.TABLES},
        "audit": {"before": [sealed, 1, []], "after": [sealed + 2, []]},
        "counts": [0, []],
        "answers": [200, 200, 200, 200, 1, 1],
        "opted out": [True, 200, True],
        "asked": [202, 2],
        "carried over": {
            "roles": ["administrator", "manager"],
            "allowances": ["customers", "read", "report", "suppressions"],
            "shared from": [known["team"]],
            "claims": 0,
        },
    }


def test_a_dump_is_small() -> None:
    assert RELEASES and all(file.stat().st_size < 200_000 for release in RELEASES for file in release.rglob("*.*"))
