"""A copy of the database as it is at one moment, taken while others write; and the database from such a copy."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from shutil import which

from django.db import connection
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

from config.backups.archive import Trouble
from ground.sqlite import KEEP_PAGES

# Nothing may leave between the moment the data are there and the moment somebody says so.
HALT = """
RESET search_path;
DO $$ BEGIN
  IF EXISTS (SELECT FROM information_schema.columns
             WHERE table_name = 'ground_organisation' AND column_name = 'sending_halted_at') THEN
    UPDATE ground_organisation SET sending_halted_at = now();
  END IF;
END $$;
"""


def file_name() -> str:
    """What the copy is called in a backup."""
    return "otklik.sqlite3" if connection.vendor == "sqlite" else "otklik.pgdump"


def copy(path: Path) -> None:
    """Write the whole database, as it is at one moment, into this new file. Raises Trouble."""
    if connection.vendor == "sqlite":
        copy_file(Path(connection.settings_dict["NAME"]), path)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}", f"--dbname={_place()}")


def copy_file(source: Path, target: Path) -> None:
    """A copy of one SQLite file, which others may write to meanwhile; copying it by hand would tear it."""
    try:
        # Beside Django's connection, whose lock would keep every writer waiting.
        with closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=20)) as line:
            if _is_clean(line):
                with closing(sqlite3.connect(target)) as other:
                    line.backup(other)
                    other.execute("PRAGMA journal_mode=DELETE")  # one file, to be opened by itself
            else:
                line.execute(KEEP_PAGES)
                line.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise Trouble(_("The database cannot be copied: %(reason)s.") % {"reason": error}) from error
    target.chmod(0o600)
    _refuse_damaged(target)


def _refuse_damaged(copied: Path) -> None:
    """Raises Trouble for a copy of damaged pages: as the newest backup it would be taken for a good one."""
    try:
        with closing(sqlite3.connect(f"file:{copied}?mode=ro", uri=True)) as line:
            is_sound = line.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
    except sqlite3.Error:
        is_sound = False
    if not is_sound:
        copied.unlink()
        raise Trouble(_("The database is damaged: no backup was made of it. Keep the last one, and restore it."))


def _is_clean(line: sqlite3.Connection) -> bool:
    """Whether nothing that was erased is left between the rows, so that the pages may be copied as they are.

    That takes 17 s of CPU and 19 MB for two million answers (5.8 GB). Written anew, each row comes into the indexes of
    its table at random places: 24 s and 548 MB with 256 MB of pages kept, no end in sight with SQLite's own 2 MB.
    """
    try:
        return not line.execute("SELECT count(*) FROM ground_erasure WHERE cleaned_at IS NULL").fetchone()[0]
    except sqlite3.OperationalError:
        return True  # a database of before there were erasures


def size() -> int:
    """About how many bytes a copy takes at most."""
    if connection.vendor == "sqlite":
        return sum(path.stat().st_size for path in _files() if path.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _files() -> list[Path]:
    name = connection.settings_dict["NAME"]
    return [Path(f"{name}{end}") for end in ("", "-wal")]


def refuse_used() -> None:
    """Raises Trouble unless the target is empty: a restore never writes over data."""
    if connection.vendor == "sqlite":
        is_used, name = _files()[0].exists() and _files()[0].stat().st_size > 0, connection.settings_dict["NAME"]
    else:
        with connection.cursor() as cursor:
            is_used = bool(connection.introspection.table_names(cursor))
        name = connection.settings_dict["NAME"]
    if is_used:
        says = _("The database %(name)s is not empty. Move it away, or name an empty one with --database.")
        raise Trouble(says % {"name": name})


def check_file(path: Path) -> None:
    """Raises Trouble when a SQLite file is damaged."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as line:
            found = line.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found == "ok" and not line.execute("PRAGMA foreign_key_check").fetchone():
                return
    except sqlite3.Error:
        pass
    raise Trouble(_("The database in the backup is damaged: nothing was restored."))


def load(path: Path) -> None:
    """Fill the empty PostgreSQL from the copy and halt sending, in one transaction. Raises Trouble."""
    script = path.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(path))
    with script.open("a", encoding="utf-8") as file:
        file.write(HALT)
    _run("psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--output=/dev/null",
         f"--file={script}", f"--dbname={_place()}")  # fmt: skip
    script.unlink()


def refresh() -> None:
    """Let the planner know of what was loaded."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    except DatabaseError:  # slower, not wrong
        connection.close()


def _place() -> str:
    """Where the database is, without the password, which would stand in the list of processes."""
    found = connection.settings_dict
    names = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}
    options = {name: found["OPTIONS"][name] for name in LINE if name in found["OPTIONS"]}
    return make_conninfo("", **{names[key]: found[key] for key in names if found.get(key)}, **options)


LINE = ("sslmode", "sslrootcert", "sslcert", "sslkey", "service", "host", "port")


def _run(program: str, *arguments: str) -> None:
    found = which(program)
    if found is None:
        says = _("%(program)s is not installed: on Debian and Ubuntu, apt install postgresql-client.")
        raise Trouble(says % {"program": program})
    password = connection.settings_dict.get("PASSWORD") or ""
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise Trouble(_("%(program)s says: %(reason)s") % {"program": program, "reason": lines[0] if lines else "?"})
