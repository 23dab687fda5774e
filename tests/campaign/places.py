"""Where one run of a workflow happens: a data directory, and a database that is copied with it."""

import json
import os
import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.campaign.points import POINTS

BROKEN = 1
PATIENCE = 120


@dataclass(frozen=True)
class Place:
    """A data directory: the keys' files and the exports of one run, and its SQLite database."""

    root: Path

    def enter(self) -> None:
        """Make it this process's own."""
        from django.conf import settings
        from django.db import connection

        connection.close()
        connection.settings_dict["NAME"] = self.database()
        settings.DATA_DIR, settings.KEYS_DIR = self.root, self.root / "keys"

    def database(self) -> str:
        return str(self.root / "otklik.sqlite3")

    def copy(self, to: Path) -> "Place":
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.root, to)
        return Place(to)


@dataclass(frozen=True)
class ServedPlace(Place):
    """The same with a database on the PostgreSQL of this URL."""

    server: str

    def database(self) -> str:
        return f"{self.root.parent.name}_{self.root.name}"

    @staticmethod
    def made(root: Path, server: str) -> "ServedPlace":
        """With an empty database."""
        return ServedPlace(root, server)._copied_from("template1")

    def copy(self, to: Path) -> "ServedPlace":
        super().copy(to)
        return ServedPlace(to, self.server)._copied_from(self.database())

    def _copied_from(self, source: str) -> "ServedPlace":
        with psycopg.connect(self.server, autocommit=True) as line:
            _leave(line, source)
            here = sql.Identifier(self.database())
            line.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(here))
            line.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(here, sql.Identifier(source)))
        return self


def _leave(line: psycopg.Connection, database: str) -> None:
    """End the sessions of those who died: what they did not commit is undone."""
    until = time.monotonic() + PATIENCE
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    while line.execute(ended, [database]).fetchall():
        assert time.monotonic() < until, f"somebody is still in {database}"
        time.sleep(0.002)


def apart(act: Callable[[], Any], place: Place) -> tuple[int, Any]:
    """Do it in a child of its own in that place; its exit code, and what it returned."""
    told = place.root / "told.json"
    told.unlink(missing_ok=True)
    if not (pid := os.fork()):
        code = BROKEN
        try:
            place.enter()
            said = json.dumps(act())
            POINTS.last = 0
            told.write_text(said, encoding="utf-8")
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _pid, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), json.loads(told.read_text("utf-8")) if told.exists() else None
