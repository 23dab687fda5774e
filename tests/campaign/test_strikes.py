"""PostgreSQL is struck down while everything runs: the short form for the gate, the whole one for `make campaign`."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.campaign import strikes


@pytest.mark.parametrize(("count", "links"), [(3, 200), pytest.param(30, 2000, marks=pytest.mark.campaign)])
def test_nothing_is_lost_when_the_database_server_is_struck_down(capsys, count: int, links: int) -> None:
    # Not in the directory that pytest closes to every other user: PostgreSQL's has to come in.
    with tempfile.TemporaryDirectory(prefix="otklik-strikes-") as name:
        Path(name).chmod(0o755)
        account = strikes.run(Path(name), strikes=count, links=links)
    with capsys.disabled():
        print(f"\nstrikes: {account}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled, account.answers.torn) == (0, 0, {})
    assert set(account.errors) <= {429, 503}
    assert account.told and account.mails.taken and account.refused
    # A worker of mails may lose the one that is just being handed over.
    assert account.mails.uncertain <= 2 * count
    assert account.healed < 30
