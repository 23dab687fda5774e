"""Faults of the disk and the database while everything runs: nothing typed is lost, and nothing has to be restarted."""

import json
import random
import string
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from urllib.error import HTTPError

import pytest
from django.http import HttpResponse

from bench.answering import AGENT
from tests.campaign import accounts, disks, faults
from tests.campaign.answers import READ_SECONDS
from tests.campaign.faults import Fault
from tests.campaign.running import Product, query, run_inside
from tests.e2e.stack import wait_for
from tests.feedback.answering import Fields

# A pause of the pool between two looks for the database, a lease and a busy machine.
HEALED_SECONDS = 120
KEPT = "All you entered is still here"
RED_SECONDS = 30
# In the campaign.
TIMES = 3
TODO = ("make room", "it is not read-only", "restore the last backup")
STAFF, SYSTEM, API = "/admin/login/", "/admin/system/", "/api/v1/interactions/"


def ask(address: str, data: dict[str, str] | None = None, *, session: str = "") -> tuple[int, Message, str]:
    body = urllib.parse.urlencode(data).encode() if data else None
    headers = {"User-Agent": AGENT, "Accept-Language": "en", "Cookie": f"sessionid={session}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


def form(page: str) -> dict[str, str]:
    """What a browser without script would send."""
    return Fields(HttpResponse(page)).values


def refused(address: str, filled: dict[str, str]) -> dict[str, str]:
    """Press the button on a broken product; the form that comes back."""
    status, headers, page = ask(address, filled)
    assert (status, headers["Retry-After"]) == (503, "5"), page
    assert KEPT in page
    assert "Traceback" not in page
    returned = form(page)
    kept = {name: returned[name].replace("\r\n", "\n") for name in ("score", "comment", "nonce")}
    assert kept == {name: filled[name] for name in kept}
    return returned


def is_clear(product: Product, path: str) -> bool:
    """Whether a page that takes nothing is shown, or says in a person's words that it cannot be."""
    status, headers, page = ask(product.stack.base + path)
    return status == 200 or (status == 503 and headers["Retry-After"] == "5" and "<h1>We are overloaded" in page)


@dataclass
class Typed:
    """How often somebody pressed the button, was thanked, and is stored; each fault is one with a kill of the web
    process in it."""

    attempted: int = 0
    acknowledged: int = 0
    stored: int = 0
    faults: int = 0

    def __str__(self) -> str:
        lost, doubled = max(0, self.acknowledged - self.stored), max(0, self.stored - self.acknowledged)
        return accounts.line(
            attempted=self.attempted, acknowledged=self.acknowledged, lost=lost, doubled=doubled, faults=self.faults
        )


@pytest.mark.parametrize("times", [1, pytest.param(TIMES, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("fault", [faults.full_disk, faults.read_only, faults.lost, faults.damaged])
def test_what_was_typed_outlives_a_fault(product: Product, capsys, fault: Fault, times: int) -> None:
    if fault is faults.full_disk and not disks.is_small(product.stack.data_dir):
        pytest.skip("filling a disk takes the right to mount a small one")
    if fault is faults.damaged and product.postgres:
        pytest.skip("PostgreSQL looks after its own pages")
    typed = Typed()
    for _time in range(times):
        outlive(product, fault, typed)
    accounts.tell(capsys, f"disk and database, {fault.__name__.replace('_', ' ')}, {product.name}: {typed}")


def outlive(product: Product, fault: Fault, typed: Typed) -> None:
    """Somebody answers while the fault lasts, twice, and once it is over."""
    path, other = product.take(2)
    session = run_inside(product.stack, "rows.desk()")
    address = f"{product.stack.base}{path}?lang=en"
    # Longer than a page of the database, so that it has to grow.
    words = f"{path} " + "".join(random.Random(7).choices(string.ascii_letters, k=4900))
    filled = form(ask(address)[2]) | {"score": "3", "comment": words}
    time.sleep(READ_SECONDS)
    before = product.pids()
    with fault(product):
        again = refused(address, filled)
        assert is_clear(product, f"{other}?lang=en")
        assert is_clear(product, STAFF)
        wait_for(lambda: is_red(product), seconds=RED_SECONDS, what="the balancers' light to be red")
        assert is_told(product, session, is_there=fault is not faults.lost)
        product.stack.kill("web")  # the next one opens its connections to what is broken
        wait_for(lambda: is_alive(product), seconds=HEALED_SECONDS, what="the pages to be back")
        again = refused(address, again)
        assert is_clear(product, f"{other}?lang=en")
        assert is_red(product)
    wait_for(lambda: ask(address, again)[0] == 200, seconds=HEALED_SECONDS, what="the answer to be taken")
    wait_for(lambda: read(product, path) == [(3, words, 1)], seconds=HEALED_SECONDS, what="a worker to read it")
    wait_for(lambda: product.pids()["web"] != before["web"], seconds=HEALED_SECONDS, what="the note of what runs")
    assert product.pids() | {"web": 0} == before | {"web": 0}
    typed.attempted, typed.acknowledged, typed.faults = typed.attempted + 3, typed.acknowledged + 1, typed.faults + 2
    typed.stored += sum(revisions for _score, _text, revisions in read(product, path))
    assert ask(product.stack.base + "/readyz")[0] == 200
    assert ask(product.stack.base + SYSTEM, session=session)[0] == 200


def is_red(product: Product) -> bool:
    """Whether a balancer is told that this host stores nothing, and why."""
    status, headers, told = ask(product.stack.base + "/readyz")
    return (status, headers["Retry-After"]) == (503, "5") and json.loads(told)["lights"] in (["database"], ["disk"])


def is_told(product: Product, session: str, *, is_there: bool) -> bool:
    """Whether an administrator who comes now reads what to do; without any database there is nobody to know again."""
    if not is_there:
        return is_clear(product, SYSTEM)
    status, _headers, page = ask(product.stack.base + SYSTEM, session=session)
    return status == 200 and "To do" in page and any(todo in page for todo in TODO)


def is_alive(product: Product) -> bool:
    try:
        return ask(product.stack.base + "/healthz")[0] == 200
    except OSError:
        return False


def read(product: Product, path: str) -> list[tuple]:
    """The answer given by this link, once a worker has read it: score, text, number of revisions."""
    return query(
        product.stack,
        "SELECT r.score, c.text, (SELECT count(*) FROM feedback_revision v WHERE v.response_id = r.id) "
        "FROM feedback_comment c JOIN feedback_response r ON r.id = c.response_id "
        f"WHERE c.classified_at IS NOT NULL AND c.text LIKE '{path} %'",
    )
