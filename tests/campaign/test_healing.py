"""A kill holds up an answer for as long as a lease lasts; and so on RabbitMQ, where one is installed."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests import rabbitmq
from tests.campaign import healing, hosts

GIVEN = os.environ.get("TEST_RABBITMQ_URL", "")
needs_rabbitmq = pytest.mark.skipif(
    not GIVEN and not rabbitmq.program(), reason="no RabbitMQ is installed, and TEST_RABBITMQ_URL names none"
)
WORKERS = ("understand", "count", "ring", "beat")


def test_a_kill_is_healed_soon(tmp_path: Path, capsys) -> None:
    account = healing.run(tmp_path, kills=3, lease=4)
    with capsys.disabled():
        print(f"\nhealing: {account.told()}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled) == (0, 0)
    assert account.percentile(99) <= 30


@pytest.mark.campaign
def test_each_of_many_kills_is_healed_soon(capsys) -> None:
    """With the lease as shipped; on PostgreSQL its server is among the killed."""
    with tempfile.TemporaryDirectory(prefix="otklik-healing-") as name:
        Path(name).chmod(0o755)  # PostgreSQL has a user of its own
        found = healing.run_on_both(Path(name), kills=60)
    account = healing.together(found)
    with capsys.disabled():
        for database, each in found.items():
            print(f"\nhealing, {database}: {each}", file=sys.stderr, end="")  # noqa: T201
        print(f"\nhealing: {account.told()}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled) == (0, 0)
    assert len(account.kills) >= 120
    assert account.percentile(99) <= 30


@pytest.fixture(scope="module")
def node() -> Iterator[rabbitmq.Node | None]:
    """A RabbitMQ that may be killed, unless one is given."""
    with nullcontext() if GIVEN else rabbitmq.node() as started:
        yield started


@needs_rabbitmq
@pytest.mark.parametrize(
    ("kills", "lease", "seconds"), [(3, 4, 30), pytest.param(60, 15, 30, marks=pytest.mark.campaign)]
)
def test_rabbitmq_rings_as_soon(
    tmp_path: Path, capsys, node: rabbitmq.Node | None, kills: int, lease: int, seconds: float
) -> None:
    def outage() -> None:
        assert node
        node.kill()
        time.sleep(seconds)
        node.start()

    account = healing.run(
        tmp_path,
        kills=kills,
        killed=WORKERS,
        lease=lease,
        broker=node.url if node else GIVEN,
        outage=outage if node else None,
    )
    with capsys.disabled():
        print(f"\nhealing, RabbitMQ: {account.told()}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled) == (0, 0)
    # A worker that sleeps over what it has already read does so for ten seconds.
    assert account.seconds["nothing"][0] < 9
    assert account.percentile(99) <= seconds


@needs_rabbitmq
@pytest.mark.campaign
def test_one_of_two_hosts_on_rabbitmq_is_lost(capsys, node: rabbitmq.Node | None) -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-hosts-") as name:
        Path(name).chmod(0o755)  # PostgreSQL has a user of its own
        account = hosts.run(Path(name), links=40, mails=100, seconds=5, broker=node.url if node else GIVEN)
    with capsys.disabled():
        print(f"\nhosts, RabbitMQ: {account}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled_answers, account.doubled, account.unsettled) == (0, 0, 0, 0)
    assert account.uncertain <= 1 and account.mails >= 100 - account.uncertain
