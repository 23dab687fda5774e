"""Backups that are really needed: one for the gate, ten and five for `make campaign`."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.campaign import drills, running
from tests.campaign.drills import DrillAccount

# They wait more than they work.
AT_ONCE = 3


@pytest.mark.parametrize(("times", "with_postgres", "links", "seconds"), [
    (1, False, 40, 4),
    pytest.param(10, False, 400, 12, marks=pytest.mark.campaign),
    pytest.param(5, True, 400, 12, marks=pytest.mark.campaign),
])  # fmt: skip
def test_the_backup_brings_back_what_was_acknowledged_and_nothing_leaves_by_itself(
    capsys: pytest.CaptureFixture, times: int, with_postgres: bool, links: int, seconds: float
) -> None:
    running.migrated()  # made once, before several ask for it

    def one(_time: int) -> DrillAccount:
        with tempfile.TemporaryDirectory(prefix="otklik-drill-") as name:
            Path(name).chmod(0o755)  # PostgreSQL has a user of its own
            return drills.run(Path(name), with_postgres=with_postgres, links=links, seconds=seconds)

    name, accounts = "PostgreSQL" if with_postgres else "SQLite", []
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for account in threads.map(one, range(times)):
            accounts.append(account)
            with capsys.disabled():
                print(f"\ndrill {len(accounts)} of {times}, {name}: {account}", file=sys.stderr, end="")  # noqa: T201
    with capsys.disabled():
        print(f"\ndrills, {name}: {drills.together(accounts)}", file=sys.stderr)  # noqa: T201
    for account in accounts:
        assert account.acknowledged and (account.lost, account.early, account.doubled) == (0, 0, 0)
        assert (account.later, account.asked_again) == (drills.MAILS, 0)
