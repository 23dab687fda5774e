"""The whole product as an operator runs it: `manage.py up` on demo data, in a directory of its own."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 600
RESTART_SECONDS = 120
STOP_SECONDS = 120


@dataclass(frozen=True)
class Stack:
    process: subprocess.Popen[str]
    data_dir: Path
    environment: dict[str, str]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    @property
    def mailbox(self) -> str:
        return f"http://127.0.0.1:{self.environment['MAILBOX_PORT']}"

    def note(self) -> dict[str, str]:
        return json.loads((self.data_dir / "demo.json").read_text(encoding="utf-8"))

    def child(self, name: str) -> int:
        """The process id of a supervised child, as it is at this moment; 0 between two lives."""
        state = json.loads((self.data_dir / "run" / "up.json").read_text(encoding="utf-8"))
        return state["children"][name]["pid"]

    def kill(self, name: str) -> int:
        """kill -9 one child with its process group, as soon as it lives; returns its id."""
        struck: list[int] = []

        def strike() -> bool:
            pid = self.child(name)
            if pid > 0:  # group 0 would be the caller's own
                with contextlib.suppress(ProcessLookupError):  # it ended, and the note does not say so yet
                    os.killpg(pid, signal.SIGKILL)
                    struck.append(pid)
            return bool(struck)

        wait_for(strike, seconds=RESTART_SECONDS, what=f"{name} to live")
        return struck[0]

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        # What it says to stderr is shown with the test that fails.
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout


def free_port() -> int:
    """One that nobody listens at, and that the system gives to nobody by itself until somebody does."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", 20_000 + secrets.randbelow(12_000)))
            return probe.getsockname()[1]


def start(data_dir: Path) -> Stack:
    """Run `manage.py up --demo` and return once everything answers."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")} | {
        "OTKLIK_DATA_DIR": str(data_dir),
        "PORT": str(free_port()),
        "SMTP_PORT": str(free_port()),
        "MAILBOX_PORT": str(free_port()),
    }
    log = (data_dir / "up.log").open("w", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--demo"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log.close()
    return started(Stack(process=process, data_dir=data_dir, environment=environment), is_up, seconds=START_SECONDS)


def started(stack: Stack, is_up: Callable[[Stack], bool], *, seconds: float) -> Stack:
    """The same once it is up; one that does not come up is stopped."""
    try:
        wait_for(lambda: is_up(stack), seconds=seconds, what="everything to start")
    except BaseException:
        stop(stack)
        raise
    return stack


def is_up(stack: Stack) -> bool:
    assert stack.process.poll() is None, (stack.data_dir / "up.log").read_text(encoding="utf-8")
    try:
        state = json.loads((stack.data_dir / "run" / "up.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return state["ready"] and (stack.data_dir / "demo.json").exists() and "web" in state["children"]


def stop(stack: Stack) -> int:
    """Ctrl-C; returns the exit code."""
    if stack.process.poll() is None:
        stack.process.send_signal(signal.SIGINT)
    return stack.process.wait(timeout=STOP_SECONDS)


def wait_for(condition: Callable[[], Any], *, seconds: float, what: str) -> float:
    """Poll until the condition holds; returns the seconds it took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"waited {seconds} s for {what}"
        time.sleep(0.1)
    return time.monotonic() - started
