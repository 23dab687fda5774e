"""The keeper ends the children when the supervisor could not: it was killed with -9 or by the kernel."""

import contextlib
import os
import signal
import time

FINISHED = b"finished"


def start(*, groups: set[int], private: list[int], grace: float) -> tuple[int, int]:
    """Fork the keeper of these process groups; returns its pid and the descriptor that `note` writes to.

    The descriptor's closing is the sign of the supervisor's death, so no child may inherit it; children that then
    outlive SIGTERM by `grace` seconds are killed. The keeper inherits the lock of the data directory and holds it
    until the last child is gone.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
            for descriptor in [writing, *private]:
                os.close(descriptor)
            _keep(reading, set(groups), grace)
        finally:
            os._exit(0)
    os.close(reading)
    return pid, writing


def note(descriptor: int, *, group: int, alive: bool) -> None:
    """Tell the keeper of a child that was started or has ended."""
    _tell(descriptor, b"%s%d\n" % (b"+" if alive else b"-", group))


def dismiss(descriptor: int) -> None:
    """Tell the keeper that every child has ended in order."""
    _tell(descriptor, FINISHED + b"\n")
    os.close(descriptor)


def end_groups(groups: set[int], number: int) -> set[int]:
    """Send the signal (0 only asks) to each process group; returns those that still exist."""
    left = set()
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, number)
            left.add(group)
    return left


def _tell(descriptor: int, line: bytes) -> None:
    # A keeper that has just died is replaced as soon as the supervisor hears of it, with the full list.
    with contextlib.suppress(BrokenPipeError):
        os.write(descriptor, line)


def _keep(reading: int, groups: set[int], grace: float) -> None:
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            word = line.strip()
            if word == FINISHED:
                return
            change = groups.add if word.startswith(b"+") else groups.discard
            change(int(word[1:]))
    left = end_groups(groups, signal.SIGTERM)
    until = time.monotonic() + grace
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = end_groups(left, 0)
    end_groups(left, signal.SIGKILL)
