"""Migrations: linted for what holds up writers, a copy of the file first, and none that a kill leaves half done."""

import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader

from tests.config.test_backups import Place, filled
from tests.e2e.stack import ROOT

# Tables that no release has had yet may be made and changed in any way.
BEFORE_THE_FIRST_RELEASE = {
    ("analytics", "0001_tables"), ("feedback", "0001_tables"), ("ground", "0001_tables"), ("surveys", "0001_tables"),
    ("ground", "0004_audit"), ("analytics", "0005_served_by_team"), ("analytics", "0007_packed_returns"),
    ("analytics", "0008_of_one_team"), ("surveys", "0004_open_complaints"),
}  # fmt: skip
# `manage.py migrate` sets the time that it waits for a lock; how wide a column is, is for its model to tell; and one
# that may be empty from now on is no trouble for the release before.
NOT_ASKED = (
    "require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts", "ban-drop-not-null", "ban-drop-default",
    "prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint",
)  # fmt: skip
# A step that can be taken back: a column of contacts.
BACK = ("surveys", "0001_tables")
ROOMS = ("ground", "surveys", "feedback", "analytics")


@pytest.fixture
def make_database(postgres_url: str) -> Callable[[str], str]:
    def make(name: str) -> str:
        with psycopg.connect(postgres_url, autocommit=True) as line:
            line.execute(f"CREATE DATABASE {name}")
        return postgres_url.replace("/postgres?", f"/{name}?")

    return make


def test_no_migration_holds_up_writers(tmp_path, postgres_url) -> None:
    place = Place(tmp_path / "place", DATABASE_URL=postgres_url)
    linter = Path(sys.executable).with_name("squawk")
    found = {}
    for app, name in sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations):
        if app in ROOMS and (app, name) not in BEFORE_THE_FIRST_RELEASE:
            sql = place.run("sqlmigrate", app, name)
            command = [linter, "--reporter=gcc", *(f"--exclude={rule}" for rule in NOT_ASKED)]
            done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
            found |= {(app, name): done.stdout} if done.returncode else {}
    assert found == {}


def test_a_copy_of_the_file_is_kept_before_it_is_changed(tmp_path) -> None:
    place = filled(tmp_path / "place")
    folder = place.directory / "before-migrate"
    place.run("migrate", "-v0")
    assert not folder.exists()  # nothing was to be done
    folder.mkdir()
    for former in ("20260101T000000", "20260201T000000"):
        (folder / f"{former}.sqlite3").touch()
    place.run("migrate", *BACK, "-v0")
    place.run("migrate", "-v0")
    copies = sorted(folder.glob("*"))
    assert len(copies) == 2 and copies[0].name.startswith("20260201") and copies[1].stat().st_mode & 0o777 == 0o600


def test_a_migration_waits_for_a_lock_without_holding_up_writers(tmp_path, make_database) -> None:
    url = make_database("migrating")
    place = Place(tmp_path / "place", DATABASE_URL=url)
    place.run("migrate", "-v0")
    place.run("migrate", *BACK, "-v0")
    over, longest = threading.Event(), [0.0]

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as line:
            while not over.is_set():
                began = time.monotonic()
                line.execute("UPDATE surveys_interaction SET tags = tags")
                longest[0] = max(longest[0], time.monotonic() - began)
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with psycopg.connect(url) as reader:
            reader.execute("SELECT count(*) FROM surveys_interaction")  # a long report
            migrating = threading.Thread(target=place.run, args=("migrate",))
            migrating.start()
            time.sleep(9)
            assert migrating.is_alive()
        migrating.join(60)
        assert not migrating.is_alive()
    finally:
        over.set()
        writer.join()
    assert re.search(r"No planned", place.run("migrate", "--plan")) and longest[0] < 3


@pytest.mark.parametrize(
    ("kills", "on_postgres"),
    [
        (2, False),
        pytest.param(20, False, marks=pytest.mark.campaign),
        pytest.param(20, True, marks=pytest.mark.campaign),
    ],
)
def test_a_migration_that_was_killed_goes_on(tmp_path, make_database, kills: int, on_postgres: bool) -> None:
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
