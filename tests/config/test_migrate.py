"""Migrations: linted for what holds up writers, a copy of the file first, and none that a kill leaves half done."""

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader

from tests.campaign import accounts
from tests.config.test_backups import Place, filled
from tests.e2e.stack import ROOT

# Tables that no release has had yet may be made and changed in any way.
BEFORE_THE_FIRST_RELEASE = {
    ("analytics", "0001_tables"), ("feedback", "0001_tables"), ("ground", "0001_tables"), ("surveys", "0001_tables"),
    ("ground", "0004_audit"), ("analytics", "0007_packed_returns"), ("analytics", "0022_packed_service"),
    ("analytics", "0024_telling_by_team"),
}  # fmt: skip
# `manage.py migrate` sets the time that it waits for a lock; how wide a column is, is for its model to tell; and one
# that may be empty from now on is no trouble for the release before.
NOT_ASKED = (
    "require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts", "ban-drop-not-null", "ban-drop-default",
    "prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint",
)  # fmt: skip
# Steps that can be taken back: the last, quickly; columns of contacts and surveys; an index of contacts that is another
# from then on.
A_STEP_BACK = ("surveys", "0008_unanswered_before")
BACK, BEFORE_THE_INDEX = ("surveys", "0001_tables"), ("surveys", "0003_retention")
ROOMS = ("ground", "surveys", "feedback", "analytics")


Make = Callable[..., str]


@pytest.fixture(scope="module")
def make_database(postgres_url: str) -> Make:
    """The URL of a new database: empty, or a copy of another."""

    def make(name: str, *, like: str = "template1") -> str:
        with psycopg.connect(postgres_url, autocommit=True) as line:
            line.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return postgres_url.replace("/postgres?", f"/{name}?")

    return make


@pytest.fixture(scope="module")
def migrated(make_database: Make, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with every table, to be copied."""
    name = "with_every_table"
    Place(tmp_path_factory.mktemp("migrated") / "place", DATABASE_URL=make_database(name)).run("migrate", "-v0")
    return name


def test_no_migration_holds_up_writers(tmp_path, postgres_url) -> None:
    place = Place(tmp_path / "place", DATABASE_URL=postgres_url)
    later = [
        step
        for step in sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
        if step[0] in ROOMS and step not in BEFORE_THE_FIRST_RELEASE
    ]
    written = json.loads(place.run("shell", "-v0", "-c", WRITTEN_OUT % {"steps": later}))
    linter, found = Path(sys.executable).with_name("squawk"), {}
    for step, sql in zip(later, written, strict=True):
        command = [linter, "--reporter=gcc", *(f"--exclude={rule}" for rule in NOT_ASKED)]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
        found |= {step: done.stdout} if done.returncode else {}
    assert found == {}


# In one process: to start one takes longer than to write out what a migration does.
WRITTEN_OUT = """
import io, json
from django.core.management import call_command
def written(app, name):
    call_command("sqlmigrate", app, name, stdout=(out := io.StringIO()))
    return out.getvalue()
print(json.dumps([written(*step) for step in %(steps)r]))
"""


def test_a_copy_of_the_file_is_kept_before_it_is_changed(tmp_path) -> None:
    place = filled(tmp_path / "place")
    folder = place.directory / "before-migrate"
    place.run("migrate", "-v0")
    assert not folder.exists()  # nothing was to be done
    folder.mkdir()
    for former in ("20260101T000000", "20260201T000000"):
        (folder / f"{former}.sqlite3").touch()
    place.run("migrate", *A_STEP_BACK, "-v0")
    place.run("migrate", "-v0")
    copies = sorted(folder.glob("*"))
    assert len(copies) == 2 and copies[0].name.startswith("20260201") and copies[1].stat().st_mode & 0o777 == 0o600


@contextmanager
def writing(url: str) -> Iterator[list[float]]:
    """Somebody changes a contact fifty times a second; tells the longest wait of it in seconds."""
    over, longest = threading.Event(), [0.0]

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as line:
            while not over.is_set():
                began = time.monotonic()
                line.execute("UPDATE surveys_interaction SET tags = tags WHERE id = 2 + (random() * 500)::int")
                longest[0] = max(longest[0], time.monotonic() - began)
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield longest
    finally:
        over.set()
        writer.join()


def test_a_migration_waits_for_a_lock_without_holding_up_writers(tmp_path, make_database, migrated) -> None:
    url = make_database("migrating", like=migrated)
    place = Place(tmp_path / "place", DATABASE_URL=url)
    place.run("migrate", *BACK, "-v0")
    with writing(url) as longest:
        with psycopg.connect(url) as reader:
            reader.execute("SELECT count(*) FROM surveys_interaction")  # a long report
            migrating = threading.Thread(target=place.run, args=("migrate",))
            migrating.start()
            time.sleep(9)
            assert migrating.is_alive()
        migrating.join(300)
        assert not migrating.is_alive()
    assert re.search(r"No planned", place.run("migrate", "--plan")) and longest[0] < 3


CONTACTS = """
INSERT INTO surveys_customer (external_id, name, email, phone, language, timezone, attributes, is_staff, no_consent,
    is_vip, created_at) VALUES ('c', '', '', '', '', '', '{}', false, false, false, now());
INSERT INTO surveys_interaction (source, external_id, updated_at, received_at, customer_id, channel, direction, reason,
    tags, priority, created_at, replies, transfers, is_abandoned, is_complaint, attributes, closings)
    SELECT '', n, now(), now(), (SELECT max(id) FROM surveys_customer), 'phone', 'inbound', '',
    '[]', '', now(), 0, 0, false, n %% 30 = 0, '{}', 0 FROM generate_series(1, %s) n
"""


@pytest.mark.parametrize("contacts", [1_000, pytest.param(1_000_000, marks=pytest.mark.campaign)])
def test_an_index_is_made_beside_writers_and_after_kills(
    tmp_path, capsys, make_database, migrated, contacts: int
) -> None:
    url = make_database(f"indexing_{contacts}", like=migrated)
    place = Place(tmp_path / "place", DATABASE_URL=url)
    with psycopg.connect(url) as line, psycopg.ClientCursor(line) as cursor:
        cursor.execute(CONTACTS, [contacts])
    place.run("migrate", *BEFORE_THE_INDEX, "-v0")
    with psycopg.connect(url, autocommit=True) as server, writing(url) as longest:
        server.execute("DROP INDEX surveys_interaction_complaint")  # of a run that was killed then
        with psycopg.connect(url) as another:
            another.execute("UPDATE surveys_interaction SET tags = tags WHERE id = 1")  # and does not end
            begun_and_killed(place, server, "CREATE INDEX CONCURRENTLY")
            # Killed with its server, then without: that goes on with the statement.
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%'")
            begun_and_killed(place, server, "DROP INDEX CONCURRENTLY")
            last = threading.Thread(target=place.run, args=("migrate",))
            last.start()
            time.sleep(3)
        began = time.monotonic()
        last.join(300)
        told = f"{time.monotonic() - began:.1f} s, the longest wait of a writer {longest[0]:.2f} s"
        # Two killed while they waited, and the statement of the first, which its server went on with.
        accounts.tell(capsys, f"migrations, an index over {contacts:,} contacts: faults 3, {told}")
        found = server.execute("SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index").fetchall()
        done = server.execute("SELECT FROM django_migrations WHERE name = '0008_of_one_team'").rowcount
    assert longest[0] < 2 and done == 1
    assert all(is_whole for is_whole, _sql in found)
    assert len([sql for _is_whole, sql in found if "complaint " in sql and "reopened_at" in sql]) == 1


def begun_and_killed(place: Place, server: psycopg.Connection, statement: str) -> None:
    """`migrate`, killed while it waits within such a statement for a transaction to end."""
    process = subprocess.Popen([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=place.environment)
    waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE %s AND wait_event_type = 'Lock'"
    until = time.monotonic() + 240
    while not server.execute(waits, [f"{statement}%"]).fetchone():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("kills", "on_postgres"),
    [
        (2, False),
        pytest.param(20, False, marks=pytest.mark.campaign),
        pytest.param(20, True, marks=pytest.mark.campaign),
    ],
)
def test_a_migration_that_was_killed_goes_on(tmp_path, capsys, make_database, kills: int, on_postgres: bool) -> None:
    directory, dice = tmp_path / "place", random.Random(7)
    place = Place(directory, **({"DATABASE_URL": make_database("killed")} if on_postgres else {}))
    began = time.monotonic()
    place.run("migrate", "zero_is_not_an_app", fails=True)
    start = time.monotonic() - began
    for _kill in range(kills):
        process = subprocess.Popen([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=place.environment)
        time.sleep(start + dice.uniform(-0.3, 1.5))
        process.kill()
        process.wait()
    place.run("migrate", "-v0")
    assert "No planned" in place.run("migrate", "--plan")
    assert "no issues" in place.run("check", "--database", "default")
    database = "PostgreSQL" if on_postgres else "SQLite"
    accounts.tell(capsys, f"migrations, {database}: attempted {kills + 1} times, whole at the last, faults {kills}")
