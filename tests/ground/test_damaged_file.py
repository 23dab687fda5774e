"""A page of the database file that is noise: read on, written to no more, and never taken for a good backup."""

import logging
import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, connections
from django.utils import translation

from config import lights
from config.backups import databases
from config.backups.archive import Trouble
from ground.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db
PAGE = 4096


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two tables, the first of them noise from its first page on."""
    path = tmp_path / "otklik.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as line:
        line.execute("PRAGMA journal_mode=WAL")
        for name in ("first", "second"):
            line.execute(f"CREATE TABLE {name} (said TEXT)")
            line.execute(f"INSERT INTO {name} VALUES ('{name}')")
        (root,) = line.execute("SELECT rootpage FROM sqlite_master WHERE name = 'first'").fetchone()
    shutil.copyfile(path, tmp_path / "backup")
    with path.open("r+b") as opened:
        opened.seek((root - 1) * PAGE)
        opened.write(random.Random(7).randbytes(PAGE))
    return path


def line_to(path: Path) -> DatabaseWrapper:
    told = connections.configure_settings({"default": {"ENGINE": "ground.sqlite", "NAME": str(path)}})
    return DatabaseWrapper(told["default"], alias="other")


def ask(line: DatabaseWrapper, sql: str) -> list[tuple]:
    with line.cursor() as cursor:
        return cursor.execute(sql).fetchall()


def test_it_is_read_on_and_nothing_more_is_written_to_it(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    one, other = line_to(file), line_to(file)
    ask(one, "INSERT INTO second VALUES ('before')")
    with caplog.at_level(logging.CRITICAL):
        for _turn in range(2):
            with pytest.raises(DatabaseError, match="malformed"):
                ask(one, "SELECT * FROM first")
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["the database file is damaged"]
    for line in (one, other, line_to(file)):
        assert line.is_damaged()
        with pytest.raises(OperationalError, match="damaged"):
            ask(line, "INSERT INTO second VALUES ('after')")
        assert ask(line, "SELECT said FROM second") == [("second",), ("before",)]
        line.close()


def test_one_that_is_restored_in_its_place_is_free_of_the_note(file: Path, tmp_path: Path) -> None:
    line = line_to(file)
    with pytest.raises(DatabaseError):
        ask(line, "SELECT * FROM first")
    line.close()
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    os.replace(tmp_path / "backup", file)
    restored = line_to(file)
    ask(restored, "INSERT INTO first VALUES ('again')")
    assert ask(restored, "SELECT count(*) FROM first") == [(2,)]
    restored.close()


def test_a_lock_or_a_wrong_question_is_no_damage(file: Path) -> None:
    line = line_to(file)
    for sql in ("SELECT * FROM third", "INSERT INTO second VALUES (1, 2)"):
        with pytest.raises(DatabaseError):
            ask(line, sql)
    assert not line.is_damaged()
    line.close()


def test_no_backup_is_made_of_it(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    with pytest.raises(Trouble, match="(?i)damaged|повреж"):
        databases.copy_file(file, target)
    assert not target.exists()
    databases.copy_file(tmp_path / "backup", target)
    assert target.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connections['default'].vendor != 'sqlite'", reason="SQLite only")
def test_the_system_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lights.database().level == lights.OK
    monkeypatch.setattr(type(connections["default"]), "is_damaged", lambda _line: True)
    with translation.override("en"):
        [light] = [light for light in lights.every() if light.name == "database"]
    assert light.level == lights.RED and "restore the last backup" in str(light.todo)
    assert lights.unready() == ["database"]
