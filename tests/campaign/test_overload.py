"""Senders who take their time, and ten times as many readers as are answered at once: nobody waits for long."""

import socket
import sys
import threading
import time
import urllib.parse
from collections import Counter
from contextlib import ExitStack, suppress

import pytest

from config.front import ANSWERING
from tests.campaign.answers import READ_SECONDS
from tests.campaign.running import Product
from tests.campaign.test_crowds import is_read, opened
from tests.campaign.test_faults import HEALED_SECONDS, ask
from tests.e2e.stack import wait_for

TIMES = 10
# On a machine with nothing else to do five.
LONGEST_SECONDS = 15


class Slow(threading.Thread):
    """So many who begin a form and go on by a letter a second, until it is over."""

    def __init__(self, address: str, number: int) -> None:
        super().__init__(daemon=True)
        self.place, self.number, self.over = urllib.parse.urlsplit(address), number, threading.Event()

    def run(self) -> None:
        head = f"POST {self.place.path} HTTP/1.1\r\nHost: {self.place.netloc}\r\nContent-Length: 5000\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n\r\ncomment="
        where = (self.place.hostname or "", self.place.port or 0)
        with ExitStack() as open_lines:
            lines = [open_lines.enter_context(socket.create_connection(where)) for _ in range(self.number)]
            for line in lines:
                line.sendall(head.encode())
            while not self.over.wait(1):
                for line in lines:
                    with suppress(OSError):
                        line.sendall(b"x")


class Readers(threading.Thread):
    """Somebody who asks for the page again and again; notes what came of it and when."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address, self.over = address, threading.Event()
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0

    def run(self) -> None:
        while not self.over.is_set():
            began = time.monotonic()
            self.statuses[ask(self.address)[0]] += 1
            self.longest = max(self.longest, time.monotonic() - began)


@pytest.mark.parametrize(("senders", "seconds"), [(100, 5), pytest.param(200, 60, marks=pytest.mark.campaign)])
def test_slow_senders_and_a_crowd_keep_nobody_waiting(product: Product, capsys, senders: int, seconds: float) -> None:
    path, other = product.take(2)
    address, filled = opened(product, path)
    time.sleep(READ_SECONDS)
    before = product.pids()
    slow = Slow(f"{product.stack.base}{other}", senders)
    crowd = [Readers(f"{product.stack.base}{other}?lang=en") for _ in range(TIMES * ANSWERING)]
    health = Readers(f"{product.stack.base}/healthz")
    everybody = [slow, health, *crowd]
    for one in everybody:
        one.start()
    time.sleep(seconds)
    began = time.monotonic()
    status, _headers, _page = ask(address, filled)
    took = time.monotonic() - began
    for one in everybody:
        one.over.set()
    for one in everybody:
        one.join(120)
    statuses = sum((one.statuses for one in [*crowd, health]), Counter())
    longest = max(one.longest for one in crowd)
    told = f"{senders} slow senders, {len(crowd)} readers: {dict(statuses)}; the longest {longest:.1f} s, "
    told += f"of the light {health.longest:.1f} s, an answer {took:.1f} s"
    with capsys.disabled():
        print(f"\n{product.name}: {told}", file=sys.stderr)  # noqa: T201
    assert status == 200 and set(statuses) <= {200, 503}
    assert max(longest, health.longest, took) < LONGEST_SECONDS
    wait_for(
        lambda: is_read(product, path, (9, filled["comment"], 1)), seconds=HEALED_SECONDS, what="the answer to be read"
    )
    assert product.pids() == before
