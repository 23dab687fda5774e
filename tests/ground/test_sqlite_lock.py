"""The write lock of the SQLite back end: transactions and lone writes take it, readers do not, writers wait."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from ground.models import Team
from tests.campaign import accounts

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite only"),
]


def lock_file() -> Path:
    return Path(f"{connection.settings_dict['NAME']}-lock")


def is_locked() -> bool:
    descriptor = os.open(lock_file(), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_transaction_holds_it_to_the_commit() -> None:
    with transaction.atomic():
        Team.objects.count()
        assert is_locked()
    assert not is_locked()


def test_a_rollback_lets_go() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Team.objects.create(code="a", name="a")
        _ = 1 / 0
    assert not is_locked()
    assert not Team.objects.exists()


def test_a_lone_write_takes_it_and_lets_go() -> None:
    Team.objects.create(code="a", name="a")
    assert not is_locked()
    assert Team.objects.count() == 1


def test_a_reader_does_not_wait_for_a_writer() -> None:
    descriptor = os.open(lock_file(), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert Team.objects.count() == 0
    finally:
        os.close(descriptor)


def test_a_writer_gives_up_after_its_time_with_an_error() -> None:
    connection.ensure_connection()
    connection.write_lock.timeout, before = 0.2, connection.write_lock.timeout
    descriptor = os.open(lock_file(), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    started = time.monotonic()
    try:
        with pytest.raises(OperationalError, match="locked"):
            Team.objects.create(code="a", name="a")
        assert time.monotonic() - started < before
        assert Team.objects.count() == 0
    finally:
        os.close(descriptor)
        connection.write_lock.timeout = before
    Team.objects.create(code="a", name="a")


def test_the_pragmas_make_an_acknowledged_write_durable() -> None:
    with connection.cursor() as cursor:
        for pragma, value in [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]:
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone()[0] == value


@pytest.mark.parametrize(("turns", "rest"), [(20, 0.0), pytest.param(2000, 0.001, marks=pytest.mark.campaign)])
def test_eight_writers_all_get_their_turn(capsys: pytest.CaptureFixture[str], turns: int, rest: float) -> None:
    """The many rest a little after each write: whoever stores an answer shows a page before the next one comes."""
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(turns):
                with transaction.atomic():
                    seen = Team.objects.count()
                    Team.objects.create(code=f"{number}-{turn}", name=str(seen))
                time.sleep(rest)
        except OperationalError as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    seen = sorted(int(name) for name in Team.objects.values_list("name", flat=True))
    told = accounts.line(
        attempted=8 * turns, acknowledged=len(seen), lost=8 * turns - len(seen), doubled=len(seen) - len(set(seen))
    )
    accounts.tell(capsys, f"eight writers: {told}")
    assert seen == list(range(8 * turns))


def test_a_file_that_was_taken_away_takes_no_more_writes_and_is_not_made_anew() -> None:
    path = Path(str(connection.settings_dict["NAME"]))
    away = path.with_suffix(".away")
    Team.objects.create(code="a", name="a")
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(away)
    try:
        with pytest.raises(OperationalError):
            Team.objects.create(code="b", name="b")
        connection.close_if_unusable_or_obsolete()
        with pytest.raises(OperationalError):
            Team.objects.count()
        assert not path.exists()
    finally:
        away.rename(path)
    assert Team.objects.count() == 1
