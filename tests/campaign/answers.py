"""Customers answer and change their answers while the web process, or everything at once, is killed again and again.

Each customer keeps a ledger of what was acknowledged. One who gets no word presses the button again, as a person would,
so at the end every ledger must be what is stored, to the letter, each of its lines stored once.
"""

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, defaultdict, deque
from dataclasses import dataclass

from bench.answering import AGENT, fields
from tests.campaign import accounts, faults
from tests.campaign.running import Product, run_inside
from tests.e2e.stack import Stack, wait_for

CUSTOMERS, BUNCH = 4, 20
# A page that comes back younger than this is held for a person to look at.
READ_SECONDS = 1.6
# A link takes nineteen changes within ten minutes; an attempt that brought no word may have been one.
ATTEMPTS, ATTEMPTS_SECONDS = 18, 620


@dataclass(frozen=True)
class AnswersAccount:
    """What was acknowledged and what is there; `lost` and `doubled` count lines of the ledgers, `torn` half answers,
    `unclear` attempts that brought no word, or that to try again, `set_aside` comments by why they were not read."""

    acknowledged: int
    answers: int
    lost: int
    doubled: int
    torn: dict[str, int]
    unclear: int
    faults: int
    set_aside: dict[str, int]
    seconds: float

    @property
    def attempted(self) -> int:
        return self.acknowledged + self.unclear

    def __str__(self) -> str:
        told = accounts.line(
            attempted=self.attempted, acknowledged=self.acknowledged, lost=self.lost, doubled=self.doubled,
            faults=self.faults,
        )  # fmt: skip
        return f"{told}; answers {self.answers}, torn {self.torn}, set aside {self.set_aside}, {self.seconds:.0f} s"


class Customers(threading.Thread):
    """Answers by each of its links, one after the other, then changes them, until it is over."""

    def __init__(self, base: str, paths: list[str], over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.base, self.paths, self.over = base, paths, over
        self.ledger: dict[str, tuple[int, str]] = {}
        self.lines: Counter[str] = Counter()
        self.forms: dict[str, dict[str, str]] = {}
        self.attempts: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=ATTEMPTS))
        self.unclear = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                for start in range(0, len(self.paths), BUNCH):
                    self.answer_all(self.paths[start : start + BUNCH])
        except BaseException as failure:
            self.failure = failure

    def answer_all(self, paths: list[str]) -> None:
        fresh = [path for path in paths if path not in self.forms]
        for path in fresh:
            self.forms[path] = fields(self.ask(path, None))
        if fresh:
            time.sleep(READ_SECONDS)
        for path in paths:
            if self._is_worn(path):
                time.sleep(0.05)
            elif not self.over.is_set():
                self.answer(path)

    def _is_worn(self, path: str) -> bool:
        attempts = self.attempts[path]
        return len(attempts) == ATTEMPTS and time.monotonic() - attempts[0] < ATTEMPTS_SECONDS

    def answer(self, path: str) -> None:
        turn = self.lines[path]
        score, text = (len(self.ledger) + turn) % 11, f"{path} said {turn}: the courier came late"
        page = self.ask(path, {"score": str(score), "comment": text})
        self.ledger[path] = (score, text)
        self.lines[path] += 1
        self.forms[path] = fields(page)

    def ask(self, path: str, said: dict[str, str] | None) -> str:
        """The page that comes back in the end, however often it takes to ask for it."""
        while True:
            if said:
                self.attempts[path].append(time.monotonic())
            status, page = send(self.base + path, said and self.forms[path] | said)
            if status == 200:
                return page
            assert status in (0, 503), (status, page)
            self.unclear += 1
            if said and status == 503:
                assert said["comment"] in page, page
                self.forms[path] = fields(page)
            time.sleep(0.05)


def check(customers: list[Customers]) -> None:
    """Raises what ended one of them."""
    for each in customers:
        if each.failure:
            raise each.failure


def send(address: str, data: dict[str, str] | None) -> tuple[int, str]:
    """The status and the page; 0 when the connection broke before the last word."""
    body = urllib.parse.urlencode(data).encode() if data else None
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, {"User-Agent": AGENT}), timeout=15) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""


def run(product: Product, *, links: int, web: int, trees: int, servers: int = 0) -> AnswersAccount:
    """So many links are answered under so many kills of the web process, of the whole tree, and of PostgreSQL."""
    began, over, dice = time.monotonic(), threading.Event(), random.Random(7)
    strikes = ["web"] * web + ["tree"] * trees + ["server"] * servers
    dice.shuffle(strikes)
    paths = product.take(links)
    customers = [Customers(product.stack.base, paths[start::CUSTOMERS], over) for start in range(CUSTOMERS)]
    for each in customers:
        each.start()
    try:
        for struck in strikes:
            _let_answer(customers, dice)
            _strike(product, struck)
        _let_answer(customers, dice)
    finally:
        over.set()
    for each in customers:
        each.join(300)
        assert not each.is_alive(), "a customer never got a word"
    return account(product.stack, customers, faults=len(strikes), began=began)


def _strike(product: Product, struck: str) -> None:
    if struck == "tree":
        product.kill_all()
    elif struck == "web":
        product.stack.kill("web")
    else:
        with faults.lost(product):
            pass  # it stopped at once, with all that it was about, and begins again


def _let_answer(customers: list[Customers], dice: random.Random) -> None:
    """Wait until some more was acknowledged, and to a moment between two of those."""
    goal = sum(each.lines.total() for each in customers) + dice.randint(1, 20)

    def is_reached() -> bool:
        check(customers)
        return sum(each.lines.total() for each in customers) >= goal

    wait_for(is_reached, seconds=120, what="answers to be acknowledged")
    time.sleep(dice.uniform(0, 0.1))


def account(stack: Stack, customers: list[Customers], *, faults: int, began: float) -> AnswersAccount:
    """Every ledger held against what is stored."""
    stored = json.loads(run_inside(stack, "rows.stored()"))
    ledger = {path: line for each in customers for path, line in each.ledger.items()}
    lines = sum((each.lines for each in customers), Counter[str]())
    answers = {path: tuple(line) for path, line in stored["answers"].items() if path in ledger}
    return AnswersAccount(
        acknowledged=lines.total(),
        answers=len(answers),
        lost=sum(answers.get(path, ())[:2] != line for path, line in ledger.items()),
        doubled=sum(abs(revisions - lines[path]) for path, (_score, _text, revisions) in answers.items()),
        torn=stored["torn"],
        unclear=sum(each.unclear for each in customers),
        faults=faults,
        set_aside=stored["set_aside"],
        seconds=time.monotonic() - began,
    )
