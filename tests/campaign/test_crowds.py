"""Many at once, and one who presses twice, goes back or loses the network: each answer is there once."""

import socket
import sys
import threading
import time
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.campaign.answers import READ_SECONDS
from tests.campaign.running import Product, query, run_inside
from tests.campaign.test_faults import HEALED_SECONDS, KEPT, ask, form, read
from tests.campaign.up import HANGS
from tests.e2e.stack import wait_for

AT_ONCE = 100


def opened(product: Product, path: str) -> tuple[str, dict[str, str]]:
    """Where the page of this link posts to, and its form filled in."""
    address = f"{product.stack.base}{path}?lang=en"
    return address, form(ask(address)[2]) | {"score": "9", "comment": f"{path} well done"}


def is_read(product: Product, path: str, *lines: tuple[int, str, int]) -> bool:
    return read(product, path) == list(lines)


def test_a_hundred_posts_of_one_link_are_one_answer(product: Product) -> None:
    (path,) = product.take(1)
    address, filled = opened(product, path)
    time.sleep(READ_SECONDS)
    posts = [filled | {"score": str(number % 11), "comment": f"{path} {number}"} for number in range(AT_ONCE)]
    gate = threading.Barrier(AT_ONCE)

    def post(data: dict[str, str]) -> tuple[int, str]:
        gate.wait()
        status, _headers, page = ask(address, data)
        return status, page

    with ThreadPoolExecutor(AT_ONCE) as threads:
        replies = list(threads.map(post, posts))
    accepted = [data for data, (status, _page) in zip(posts, replies, strict=True) if status == 200]
    # More than twenty in ten minutes are refused, and what was typed stays.
    assert Counter(status for status, _page in replies).keys() <= {200, 429, 503}
    assert all(KEPT in page for status, page in replies if status != 200)
    wait_for(lambda: len(read(product, path)) == 1, seconds=HEALED_SECONDS, what="a worker to read it")
    ((score, text, revisions),) = read(product, path)
    assert {"score": str(score), "comment": text}.items() <= next(
        one for one in accepted if one["comment"] == text
    ).items()
    assert revisions == len(accepted)


@pytest.mark.parametrize("number", [100, pytest.param(500, marks=pytest.mark.campaign)])
def test_no_customer_behind_one_address_is_refused(product: Product, capsys, number: int) -> None:
    paths = product.take(number)
    with ThreadPoolExecutor(16) as threads:
        pages = list(threads.map(lambda path: opened(product, path), paths))
        time.sleep(READ_SECONDS)
        began = time.monotonic()
        statuses = Counter(threads.map(lambda page: ask(*page)[0], pages))
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{product.name}: {number} behind one address answered in {took:.1f} s", file=sys.stderr)  # noqa: T201
    assert statuses == {200: number}


def test_pressed_twice_and_once_more_after_going_back(product: Product) -> None:
    (path,) = product.take(1)
    address, filled = opened(product, path)
    time.sleep(READ_SECONDS)
    with ThreadPoolExecutor(2) as threads:
        twice = list(threads.map(lambda data: ask(address, data)[0], [filled, filled]))
    assert twice == [200, 200]
    wait_for(lambda: is_read(product, path, (9, filled["comment"], 1)), seconds=HEALED_SECONDS, what="one answer")
    changed = filled | {"score": "2", "comment": f"{path} on second thoughts"}
    assert ask(address, changed)[0] == 200
    wait_for(
        lambda: is_read(product, path, (2, changed["comment"], 2)),
        seconds=HEALED_SECONDS,
        what="the answer to be changed",
    )


def test_a_connection_lost_within_a_post_loses_and_doubles_nothing(product: Product) -> None:
    half, whole = product.take(2)
    pages = {path: opened(product, path) for path in (half, whole)}
    time.sleep(READ_SECONDS)
    for path, (address, filled) in pages.items():
        body = urllib.parse.urlencode(filled).encode()
        break_off(address, body, sent=len(body) - 4 if path == half else len(body))
    for address, filled in pages.values():
        assert ask(address, filled)[0] == 200
    for path, (_address, filled) in pages.items():
        wait_for(
            lambda path=path, said=filled["comment"]: is_read(product, path, (9, said, 1)),
            seconds=HEALED_SECONDS,
            what=path,
        )


def break_off(address: str, body: bytes, *, sent: int) -> None:
    """Send so much of the form's body, and hang up without waiting for a word."""
    place = urllib.parse.urlsplit(address)
    head = f"POST {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    with socket.create_connection((place.hostname, place.port)) as line:
        line.sendall(head.encode() + body[:sent])


def test_a_text_that_hangs_is_set_aside_and_delays_no_other(product: Product) -> None:
    fine = [f"Everything was great, thank you {number}" for number in range(5)]
    run_inside(product.stack, f"rows.said(*{[*fine[:2], HANGS, *fine[2:]]!r})")
    sql = "SELECT text, classified_at, quarantined_at, error FROM feedback_comment WHERE text = '{}'"

    def is_set_aside() -> bool:
        return query(product.stack, sql.format(HANGS))[0][2] is not None

    wait_for(is_set_aside, seconds=HEALED_SECONDS, what="the text to be set aside")
    ((_text, read_at, set_aside_at, error),) = query(product.stack, sql.format(HANGS))
    assert (read_at, error) == (None, "took longer than a second")
    for text in fine:
        ((_text, read_at, _never, _error),) = query(product.stack, sql.format(text))
        assert read_at and read_at < set_aside_at
    assert "took longer than a second" in product.stack.manage("quarantine", "list")
    run_inside(product.stack, f"rows.Comment.objects.filter(text={HANGS!r}).delete()")
