"""The supervisor restarts what dies and leaves nothing behind, however it ends itself."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

Up = Callable[..., subprocess.Popen]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Starts a supervisor of small children; what a failed test leaves is killed."""
    started: list[subprocess.Popen] = []

    def start(*kinds: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.config.small_up", str(tmp_path), *kinds]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        with process:
            left = family(process.pid)
            process.kill()
        for child in left:
            with suppress(psutil.NoSuchProcess):  # the keeper was faster
                child.kill()


def family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def eventually(check: Callable[[], Any], *, seconds: float = 60.0) -> Any:
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)
    return found


def gone(processes: list[psutil.Process]) -> bool:
    return all(map(is_gone, processes))


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # between the two questions
        return True


def when_ready(directory: Path) -> dict[str, Any]:
    """The state file, once it says that everything is ready."""

    def read() -> dict[str, Any] | None:
        file = directory / "up.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        return known if known.get("ready") else None

    return eventually(read)


def test_killed_child_is_restarted_and_takes_its_own_children_with_it(up: Up, tmp_path: Path) -> None:
    up("program", "parent")
    before = when_ready(tmp_path)["children"]["parent"]["pid"]
    grandchildren = family(before)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: when_ready(tmp_path)["children"]["parent"]["restarts"] == 1)
    assert len(grandchildren) == 1
    eventually(lambda: gone(grandchildren))
    assert when_ready(tmp_path)["children"]["parent"]["pid"] != before
    assert "parent (process" in (tmp_path / "up.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_ends_every_child_and_the_state_file(up: Up, tmp_path: Path, number: int) -> None:
    process = up("program", "parent", "stubborn")
    when_ready(tmp_path)
    children = family(process.pid)
    process.send_signal(number)
    assert process.wait(60) == 0
    assert len(children) == 5
    eventually(lambda: gone(children))  # one that was killed takes its turn to die
    assert not (tmp_path / "up.json").exists()


def test_killed_supervisor_leaves_no_orphan(up: Up, tmp_path: Path) -> None:
    process = up("program", "parent", "stubborn")
    when_ready(tmp_path)
    children = family(process.pid)
    process.kill()
    process.wait()
    eventually(lambda: gone(children))


def test_keeper_is_replaced_when_it_dies(up: Up, tmp_path: Path) -> None:
    process = up("stubborn")
    first = when_ready(tmp_path)["keeper"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: when_ready(tmp_path)["keeper"] != first)
    children = family(process.pid)
    process.kill()
    process.wait()
    eventually(lambda: gone(children))


def test_service_that_never_starts_is_named_with_the_end_of_its_log(up: Up) -> None:
    process = up("program", "broken")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith("broken: ") and said.endswith("ValueError: the reason\n")


def test_output_of_a_child_goes_to_its_log(up: Up, tmp_path: Path) -> None:
    up("parent")
    when_ready(tmp_path)
    eventually(lambda: (tmp_path / "parent.log").read_text().endswith(" parent is up\n"))
