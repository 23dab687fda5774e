"""An answer is on the disk before its reply leaves: what the web server asks of the system, in its order."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.campaign.answers import READ_SECONDS
from tests.campaign.running import migrated, run_inside, surroundings
from tests.campaign.test_faults import ask, form
from tests.e2e.stack import ROOT, Stack, wait_for

STRACE = shutil.which("strace")
CALLS = "read,recvfrom,readv,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync"


@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
def test_a_flush_lies_between_an_answer_and_its_reply(tmp_path: Path) -> None:
    shutil.copyfile(migrated(), tmp_path / "otklik.sqlite3")
    environment, trace = surroundings(tmp_path), tmp_path / "trace"
    command = [str(STRACE), "-f", "-qq", "-y", "--seccomp-bpf", "-s", "60", "-e", f"trace={CALLS}", "-o", str(trace)]
    command += [sys.executable, "-m", "granian", "config.front:application", "--interface", "wsgi", "--no-access-log"]
    command += ["--host", "127.0.0.1", "--port", environment["PORT"], "--blocking-threads", "256"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, text=True)
    stack = Stack(process=process, data_dir=tmp_path, environment=environment)
    try:
        (path,) = run_inside(stack, "rows.sent(1)").split()
        wait_for(lambda: is_up(stack), seconds=120, what="the web server to answer")
        address = f"{stack.base}{path}"
        filled = form(ask(address)[2]) | {"score": "9", "comment": "well done"}
        time.sleep(READ_SECONDS)
        assert ask(address, filled)[0] == 200
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(120)
    assert flushes(trace.read_text(errors="replace").splitlines()) > 0


def is_up(stack: Stack) -> bool:
    try:
        return ask(f"{stack.base}/healthz")[0] == 200
    except OSError:
        return False


def flushes(calls: list[str]) -> int:
    """How often the database's journal was flushed, to the end, after the form had come and before its reply."""
    came = next(number for number, call in enumerate(calls) if '"POST /' in call)
    left = next(number for number, call in enumerate(calls) if number > came and '"HTTP/1.1 200' in call)
    count, begun = 0, set()
    for call in calls[came:left]:
        thread = call.split()[0]
        if re.search(r"(fsync|fdatasync)\(\d+<[^>]*-wal>", call):
            count += call.endswith("= 0")
            begun |= {thread} if "unfinished" in call else set()
        elif re.search(r"(fsync|fdatasync) resumed", call) and thread in begun:
            count += call.endswith("= 0")
            begun.discard(thread)
    return count
