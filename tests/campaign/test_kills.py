"""The short forms for the gate, and the whole ones for `make campaign`."""

import sys
from pathlib import Path

import pytest

from tests.campaign import answers, clocks, counts, events, mails
from tests.campaign.running import Product


@pytest.mark.parametrize(("count", "kills"), [(40, 10), pytest.param(400, 100, marks=pytest.mark.campaign)])
def test_no_mail_leaves_twice_and_none_is_forgotten(tmp_path: Path, capsys, count: int, kills: int) -> None:
    account = mails.run(tmp_path, mails=count, kills=kills)
    with capsys.disabled():
        print(f"\nmails: {account}", file=sys.stderr)  # noqa: T201
    assert (account.attempted, account.doubled, account.lost) == (count, 0, 0)
    assert account.uncertain <= account.faults
    assert account.taken >= count - account.uncertain


@pytest.mark.parametrize(("count", "kills"), [(150, 5), pytest.param(10_000, 20, marks=pytest.mark.campaign)])
def test_each_event_asks_once(tmp_path: Path, capsys, count: int, kills: int) -> None:
    account, stored = events.run(tmp_path, events=count, kills=kills)
    with capsys.disabled():
        print(f"\nevents: {account}; {stored}", file=sys.stderr)  # noqa: T201
    assert stored == dict.fromkeys(("acknowledged", "interactions", "invitations", "asked"), count)
    assert (account.doubled, account.lost) == (0, 0)
    assert account.uncertain <= account.faults


@pytest.mark.parametrize(("count", "seconds"), [(50, 20), pytest.param(1000, 300, marks=pytest.mark.campaign)])
def test_two_schedulers_and_a_clock_that_is_set(tmp_path: Path, capsys, count: int, seconds: float) -> None:
    account = clocks.run(tmp_path, mails=count, seconds=seconds)
    with capsys.disabled():
        print(f"\nclocks: {account}", file=sys.stderr)  # noqa: T201
    assert (account.taken, account.doubled, account.lost, account.uncertain) == (count, 0, 0, 0)


@pytest.mark.campaign
@pytest.mark.parametrize("with_postgres", [False, True])
def test_a_host_whose_clock_is_set_beside_a_scheduler_whose_is_right(
    tmp_path: Path, capsys, with_postgres: bool
) -> None:
    sent, said = clocks.run_host(tmp_path, with_postgres=with_postgres, links=60, mails=400, seconds=120)
    with capsys.disabled():
        print(f"\nclocks of a host, {'PostgreSQL' if with_postgres else 'SQLite'}: {sent}; {said}", file=sys.stderr)  # noqa: T201
    # Those of the links that customers answer by were sent before.
    assert (sent.taken, sent.doubled, sent.lost, sent.uncertain) == (400, 0, 0, 0)
    assert (said.lost, said.doubled, said.torn) == (0, 0, {}) and said.answers == 60


@pytest.mark.parametrize(
    ("links", "web", "trees", "servers"), [(60, 20, 1, 1), pytest.param(2000, 300, 60, 30, marks=pytest.mark.campaign)]
)
def test_no_answer_is_lost_or_torn(product: Product, capsys, links: int, web: int, trees: int, servers: int) -> None:
    servers = servers if product.postgres else 0
    account = answers.run(product, links=links, web=web, trees=trees, servers=servers)
    with capsys.disabled():
        print(f"\nanswers, {product.name}: {account}", file=sys.stderr)  # noqa: T201
    assert (account.lost, account.doubled, account.torn) == (0, 0, {})
    assert account.faults == web + trees + servers
    assert 100 * sum(account.set_aside.values()) <= account.faults


@pytest.mark.parametrize(("changes", "pause", "with_postgres"), [
    (100, 1.0, False),
    pytest.param(10_000, 1.0, False, marks=pytest.mark.campaign),
    pytest.param(10_000, 1.0, True, marks=pytest.mark.campaign),
])  # fmt: skip
def test_every_count_is_right_after_hostile_changes(
    tmp_path: Path, capsys, changes: int, pause: float, with_postgres: bool
) -> None:
    account = counts.run(tmp_path, changes=changes, pause=pause, with_postgres=with_postgres)
    with capsys.disabled():
        print(f"\ncounts, {'PostgreSQL' if with_postgres else 'SQLite'}: {account}", file=sys.stderr)  # noqa: T201
    assert account.wrong == 0 and account.days and account.kills
