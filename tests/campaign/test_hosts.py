"""One of two hosts is lost: short for the gate, and the whole one for `make campaign`."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.campaign import hosts


@pytest.mark.parametrize(
    ("links", "mails", "seconds"), [(20, 30, 2), pytest.param(1000, 2000, 60, marks=pytest.mark.campaign)]
)
def test_one_host_is_lost_and_nothing_with_it(capsys, links: int, mails: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-hosts-") as name:
        Path(name).chmod(0o755)  # PostgreSQL has a user of its own
        account = hosts.run(Path(name), links=links, mails=mails, seconds=seconds)
    with capsys.disabled():
        print(f"\nhosts: {account}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled_answers, account.doubled, account.unsettled) == (0, 0, 0, 0)
    assert account.uncertain <= 1 and account.mails >= mails - account.uncertain
