"""Clocks that are set an hour forward and an hour back while mails leave and customers answer: of one scheduler of two,
or of a whole host beside a scheduler whose clock is right."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests import mail_server
from tests.campaign import answers
from tests.campaign.answers import AnswersAccount, Customers
from tests.campaign.mails import waiting
from tests.campaign.running import Account, everything, mail_account, product, run_inside
from tests.e2e.stack import ROOT, Stack, wait_for

STEPS = ("+0", "+1h", "-1h", "+0")


def run(directory: Path, *, mails: int, seconds: float) -> Account:
    """Send mails that come due over so many seconds, a quarter of them under each setting of the second clock."""
    began = time.monotonic()
    clock = directory / "clock"
    with everything(directory, seconds=0.0) as stack:
        set_clock(clock, STEPS[0])
        with second_scheduler(stack, clock) as process:
            run_inside(stack, f"rows.spread({mails}, 'accept', {seconds})")
            for step in STEPS:
                set_clock(clock, step)
                until = time.monotonic() + seconds / len(STEPS)
                while time.monotonic() < until:
                    assert process.poll() is None, "the second scheduler ended"
                    time.sleep(0.2)
            wait_for(lambda: not waiting(stack), seconds=240, what="every mail to leave")
        return mail_account(stack, faults=len(STEPS) - 1, began=began)


def run_host(
    directory: Path, *, with_postgres: bool, links: int, mails: int, seconds: float
) -> tuple[Account, AnswersAccount]:
    """The same with the clock of the web process, the workers, their scheduler and the broker; the second scheduler's
    and PostgreSQL's stay right. Customers answer and change their answers all the while."""
    began, over = time.monotonic(), threading.Event()
    clock, right, taken = directory / "clock", directory / "right", directory / "taken"
    for each in (clock, right):
        set_clock(each, STEPS[0])
    with (
        mail_server.running(taken, seconds=0.0) as port,
        product(directory, with_postgres=with_postgres, EMAIL_URL=f"smtp://127.0.0.1:{port}", **faked(clock)) as host,
        second_scheduler(host.stack, right) as process,
    ):
        customers = Customers(host.stack.base, host.take(links)[:links], over)
        run_inside(host.stack, f"rows.spread({mails}, 'accept', {seconds})")
        customers.start()
        for step in STEPS:
            set_clock(clock, step)
            until, said = time.monotonic() + seconds / len(STEPS), customers.lines.total()
            while time.monotonic() < until:
                answers.check([customers])
                assert process.poll() is None, "the second scheduler ended"
                time.sleep(0.2)
            assert customers.lines.total() > said, f"nobody could answer at {step}"
        over.set()
        customers.join(300)
        wait_for(lambda: not waiting(host.stack), seconds=240, what="every mail to leave")
        told = answers.account(host.stack, [customers], faults=0, began=began)
        return mail_account(host.stack, faults=len(STEPS) - 1, began=began, taken=taken), told


def set_clock(file: Path, offset: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(offset + "\n", encoding="utf-8")
    new.replace(file)


def package() -> Path:
    """Where libfaketime lies; its module is not imported, since it would replace this process."""
    found = find_spec("libfaketime")
    assert found and found.origin, "libfaketime is not installed"
    return Path(found.origin)


def faked(clock: Path) -> dict[str, str]:
    """What makes a process and its children believe that file, looked at once a second."""
    return {
        "LD_PRELOAD": str(package().parent / "vendor/libfaketime/src/libfaketime.so.1"),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        # Time that passes is not set by anybody.
        "DONT_FAKE_MONOTONIC": "1",
    }


@contextmanager
def second_scheduler(stack: Stack, clock: Path) -> Iterator[subprocess.Popen]:
    environment = stack.environment | faked(clock)
    log = (stack.data_dir / "second-beat.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "tests.campaign.second_beat"]
    with log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()
