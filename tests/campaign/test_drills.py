"""Backups that are really needed: one for the gate, ten and five for `make campaign`."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.campaign import drills


@pytest.mark.parametrize(("times", "with_postgres", "links", "seconds"), [
    (1, False, 40, 4),
    pytest.param(10, False, 400, 20, marks=pytest.mark.campaign),
    pytest.param(5, True, 400, 20, marks=pytest.mark.campaign),
])  # fmt: skip
def test_the_backup_brings_back_what_was_acknowledged_and_nothing_leaves_by_itself(
    capsys: pytest.CaptureFixture, times: int, with_postgres: bool, links: int, seconds: float
) -> None:
    for _time in range(times):
        with tempfile.TemporaryDirectory(prefix="otklik-drill-") as name:
            Path(name).chmod(0o755)  # PostgreSQL has a user of its own
            account = drills.run(Path(name), with_postgres=with_postgres, links=links, seconds=seconds)
        with capsys.disabled():
            print(f"\ndrill, {'PostgreSQL' if with_postgres else 'SQLite'}: {account}", file=sys.stderr)  # noqa: T201
        assert account.acknowledged and (account.missing, account.early, account.doubled) == (0, 0, 0)
        assert (account.later, account.asked_again) == (drills.MAILS, 0)
