"""What must be true before a start, each failure in words that say what to do."""

import contextlib
import errno
import fcntl
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

from django.utils.translation import gettext as _

HOST = "127.0.0.1"
ENOUGH_BYTES = 50_000_000
# The keeper of a killed `up` needs at most its ten seconds to end the children it left.
HANDOVER_SECONDS = 15.0


class Trouble(Exception):
    """Why Otklik cannot start, and what to do; the message is for people."""


def usable_directory(path: Path) -> None:
    """Make the data directory. Raises Trouble when it cannot be written to or its disk is nearly full."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
        free = shutil.disk_usage(path).free
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(path, free=0) from error
        raise Trouble(
            _("The data directory %(path)s cannot be written to (%(reason)s). Choose another one: OTKLIK_DATA_DIR.")
            % {"path": path, "reason": error.strerror}
        ) from error
    if free < ENOUGH_BYTES:
        raise _full(path, free=free)


def free_port(port: int, *, variable: str) -> None:
    """Raises Trouble when nothing can listen on the port that this variable chose."""
    if not 1 <= port <= 65535:
        raise Trouble(
            _("%(variable)s=%(port)d is not a port: they go from 1 to 65535.") % {"variable": variable, "port": port}
        )
    values = {"port": port, "example": f"{variable}={port + 100 if port > 1023 else port + 8000}"}
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the servers do it: a port in TIME_WAIT is free, one that somebody listens on is not.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            probe.listen()
    except PermissionError as error:
        raise Trouble(_("Port %(port)d needs more rights. Choose another: set %(example)s.") % values) from error
    except OSError as error:
        taken = _("Port %(port)d is taken by another program. Choose another: set %(example)s.")
        raise Trouble(taken % values) from error


def sole_owner(path: Path) -> int:
    """Lock the data directory for this process; returns the descriptor that holds the lock.

    Waits for what a killed `up` left to be cleared away. Raises Trouble when another `up` is running.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + HANDOVER_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            owner = int(os.pread(descriptor, 20, 0) or b"0")
            if _alive(owner) or time.monotonic() > until:
                os.close(descriptor)
                raise Trouble(
                    _(
                        "Otklik is running in this data directory already (process %(pid)d): "
                        "stop it with Ctrl-C or choose another OTKLIK_DATA_DIR."
                    )
                    % {"pid": owner}
                ) from error
            time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _alive(pid: int) -> bool:
    """Whether the process runs; a killed one that nobody has waited for does not, though it takes signals."""
    with contextlib.suppress(OSError):
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return pid > 0


def _full(path: Path, *, free: int) -> Trouble:
    values = {"path": path, "free": free // 1_000_000, "needed": ENOUGH_BYTES // 1_000_000}
    return Trouble(_("The disk of %(path)s is full: %(free)d MB free, %(needed)d MB needed.") % values)
