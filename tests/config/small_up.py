"""A supervisor of small children, run as a process of its own: `python -m tests.config.small_up DIRECTORY KIND...`."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config.up.service import Service
from config.up.supervisor import Interrupted, Supervisor, WillNotStart

SLEEP = "/bin/sleep"


def parent(ready: Callable[[], None]) -> None:
    subprocess.Popen([SLEEP, "1000"])
    sys.stderr.write("parent is up\n")
    ready()
    time.sleep(1000)


def stubborn(ready: Callable[[], None]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready()
    time.sleep(1000)


def broken(ready: Callable[[], None]) -> None:
    raise ValueError("the reason")


KINDS = {
    "program": Service("program", argv=(SLEEP, "1000"), probe=lambda: True, held=True),
    "parent": Service("parent", run=parent),
    "stubborn": Service("stubborn", run=stubborn),
    "broken": Service("broken", run=broken),
}


def main(directory: Path, kinds: list[str]) -> int:
    supervisor = Supervisor(log_dir=directory, state=directory / "up.json", grace=1.0)
    try:
        supervisor.start([KINDS[kind] for kind in kinds])
        supervisor.wait_ready(60)
        supervisor.run()
    except Interrupted:
        pass
    except WillNotStart as failure:
        sys.stderr.write(f"{failure.name}: {failure.tail[-1]}\n")
        return 1
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
