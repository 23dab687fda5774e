"""Two hosts: whole trees with directories of their own on one PostgreSQL and one broker, and one of them is lost."""

import json
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests import mail_server
from tests.campaign import accounts
from tests.campaign.answers import Customers
from tests.campaign.running import kill_tree, launch, migrate, run_inside, states, surroundings
from tests.e2e.stack import Stack, stop, wait_for
from tests.servers import postgres, valkey


@dataclass(frozen=True)
class HostsAccount:
    """Answers acknowledged by either host and those not stored to the letter; mails that left, left twice, have not
    been settled, or have an end that nobody knows."""

    attempted: int
    acknowledged: int
    lost: int
    doubled_answers: int
    mails: int
    doubled: int
    unsettled: int
    uncertain: int
    seconds: float

    def __str__(self) -> str:
        told = accounts.line(
            attempted=self.attempted, acknowledged=self.acknowledged, lost=self.lost, doubled=self.doubled_answers,
            faults=1,
        )  # fmt: skip
        return (
            f"{told}; mails {self.mails}, doubled {self.doubled}, unsettled {self.unsettled}, "
            f"uncertain {self.uncertain}, {self.seconds:.0f} s"
        )


def run(directory: Path, *, links: int, mails: int, seconds: float, broker: str = "") -> HostsAccount:
    """Customers answer at both hosts while mails leave; then one host is gone at a blow, and the other does it all."""
    began = time.monotonic()
    with (
        postgres(keep=directory / "pg") as url,
        nullcontext(broker) if broker else valkey() as broker,
        mail_server.running(directory / "taken", seconds=0.1) as port,
    ):
        shared = {"CELERY_BROKER_URL": broker, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        shared |= {"SECRET_KEY": "one-for-both-hosts", "LINK_KEY": "one-for-both-hosts"}
        places = [directory / name for name in ("one", "two")]
        for place in places:
            place.mkdir()
        environments = [surroundings(place, url) | shared for place in places]
        migrate(environments[0])
        one, two = (launch(place, environment) for place, environment in zip(places, environments, strict=True))
        try:
            return _lose_one(one, two, directory / "taken", links=links, mails=mails, seconds=seconds, began=began)
        finally:
            stop(two)


def _lose_one(
    one: Stack, two: Stack, taken: Path, *, links: int, mails: int, seconds: float, began: float
) -> HostsAccount:
    over = threading.Event()
    paths = run_inside(two, f"rows.sent({links})").split()
    at_one, at_two = Customers(one.base, paths[::2], over), Customers(two.base, paths[1::2], over)
    try:
        run_inside(two, f"rows.mails_in({mails}, 0, 'nobody@example.org')")
        for customers in (at_one, at_two):
            customers.start()
        wait_for(lambda: at_one.ledger and at_two.ledger, seconds=120, what="answers at both hosts")
        time.sleep(seconds)
    finally:
        kill_tree(one)
    at_one.base = two.base  # as a proxy in front would do
    before = at_one.lines.total()
    wait_for(lambda: at_one.lines.total() > before + 5, seconds=120, what="the other host to take over")
    wait_for(lambda: not _waiting(two), seconds=120, what="every mail to be settled")
    over.set()
    for customers in (at_one, at_two):
        customers.join(300)
        assert not customers.is_alive() and not customers.failure, customers.failure
    ledger, lines = at_one.ledger | at_two.ledger, at_one.lines + at_two.lines
    stored = {path: tuple(line) for path, line in json.loads(run_inside(two, "rows.stored()"))["answers"].items()}
    numbers = [number for number, _recipient in mail_server.taken(taken)]
    return HostsAccount(
        attempted=lines.total() + at_one.unclear + at_two.unclear,
        acknowledged=lines.total(),
        lost=sum(stored.get(path, ())[:2] != line for path, line in ledger.items()),
        doubled_answers=sum(abs(stored[path][2] - lines[path]) for path in ledger if path in stored),
        mails=len(numbers),
        doubled=len(numbers) - len(set(numbers)),
        unsettled=_waiting(two),
        uncertain=states(two)["uncertain"],
        seconds=time.monotonic() - began,
    )


def _waiting(stack: Stack) -> int:
    found = states(stack)
    return found["planned"] + found["postponed"] + found["sending"]
