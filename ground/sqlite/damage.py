"""A file of which SQLite found a page damaged: nothing more is written to it, by any process, until it is replaced.

What is written on top of a damaged page may damage others, and what was acknowledged meanwhile would be lost with the
file. The note lies beside it and means that very file, so that one that was restored in its place is free of it.
"""

import logging
import sqlite3
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
FOUND = "the database file is damaged"
CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Identity = tuple[int, int] | None


def is_damage(error: object) -> bool:
    """Whether SQLite says that a page is not what it was; the lists of words beside a table can be made anew."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in CODES and code != sqlite3.SQLITE_CORRUPT_VTAB


def note(name: str, opened: Identity) -> None:
    """Say it in the log and beside the file."""
    if opened is None or is_noted(name, opened):
        return
    log.critical("%s: nothing more is written to it; stop everything and restore the last backup", FOUND)
    with suppress(OSError):
        _beside(name).write_text(_written(opened), encoding="utf-8")


def is_noted(name: str, opened: Identity) -> bool:
    try:
        return opened is not None and _beside(name).read_text(encoding="utf-8") == _written(opened)
    except OSError:
        return False


def _beside(name: str) -> Path:
    return Path(f"{name}-damaged")


def _written(opened: tuple[int, int]) -> str:
    return f"{opened[0]} {opened[1]}\n"
