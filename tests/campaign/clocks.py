"""Two schedulers, one of them with a clock that is set an hour forward and an hour back while mails leave."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.campaign.mails import waiting
from tests.campaign.running import Account, everything, mail_account, run_inside
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
            wait_for(lambda: not waiting(stack), seconds=90, what="every mail to leave")
        return mail_account(stack, kills=0, began=began)


def set_clock(file: Path, offset: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(offset + "\n", encoding="utf-8")
    new.replace(file)


def package() -> Path:
    """Where libfaketime lies; its module is not imported, since it would replace this process."""
    found = find_spec("libfaketime")
    assert found and found.origin, "libfaketime is not installed"
    return Path(found.origin)


@contextmanager
def second_scheduler(stack: Stack, clock: Path) -> Iterator[subprocess.Popen]:
    library = package().parent / "vendor/libfaketime/src/libfaketime.so.1"
    environment = stack.environment | {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        # Time that passes is not set by anybody.
        "DONT_FAKE_MONOTONIC": "1",
    }
    log = (stack.data_dir / "second-beat.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "tests.campaign.second_beat"]
    with log, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.kill()
