"""A short soak for the gate, half an hour for `make campaign`."""

import sys
from pathlib import Path

import pytest

from tests.campaign import soak


@pytest.mark.parametrize(("minutes", "every"), [(0.6, 8.0), pytest.param(30, 20.0, marks=pytest.mark.campaign)])
def test_the_ledger_closes_and_nothing_grows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], minutes: float, every: float
) -> None:
    account = soak.run(tmp_path, minutes=minutes, fault_seconds=every)
    with capsys.disabled():
        print(f"\nsoak: {account}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled, account.leaks, account.errors) == (0, 0, 0, {})
    assert account.faults and account.answers.acknowledged and account.told and account.mails.taken
    assert account.mails.uncertain <= sum(account.faults.values())
    assert account.healed < 30 and account.waited < 120
    if minutes > 10:
        assert account.memory < 5 and account.files < 5
