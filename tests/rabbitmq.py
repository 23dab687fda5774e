"""A RabbitMQ of one's own, where one is installed: on loopback, as a user without rights, to be killed and started."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 120
# Debian's rabbitmq-server is for root alone and always runs the machine's own node; what it wraps is not on the path.
PLACES = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin")
NOBODY = 65534


def program() -> str | None:
    """Where RabbitMQ's own start script is; None where none is installed."""
    return shutil.which("rabbitmq-server", path=os.pathsep.join((*PLACES, os.environ.get("PATH", ""))))


@dataclass
class Node:
    """One node of its own, with its own port mapper; `url` is what CELERY_BROKER_URL takes."""

    directory: Path
    ports: dict[str, int]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.ports['node']}//"

    def start(self) -> None:
        """Return once it takes connections; what it had been told before it was killed is gone."""
        shutil.rmtree(self.directory / "mnesia", ignore_errors=True)
        command = program()
        assert command
        self.process = _own_group([command], self._environment())
        _wait_for(self._answers, process=self.process, seconds=START_SECONDS)

    def kill(self) -> None:
        """kill -9 of everything that belongs to it."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.ports["node"]), timeout=2) as line:
            line.settimeout(2)
            line.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(line.recv(1))
        return False

    def _environment(self) -> dict[str, str]:
        place, ports = self.directory, self.ports
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(ports["epmd"]),
            "RABBITMQ_NODENAME": f"otklik{ports['node']}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(ports["node"]),
            "RABBITMQ_DIST_PORT": str(ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "RABBITMQ_CONF_ENV_FILE": str(place / "none"),
            "RABBITMQ_CONFIG_FILE": str(place / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "none"),
            # The nodes of a machine speak to each other over the network: not beyond it.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }


@contextmanager
def node() -> Iterator[Node]:
    """A RabbitMQ that runs; all of it is ended and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="otklik-rabbitmq-") as name:
        place = Path(name)
        if os.geteuid() == 0:
            os.chown(place, NOBODY, NOBODY)
        ports = {which: _free_port() for which in ("node", "distribution", "epmd")}
        made = Node(place, ports)
        mapper = _own_group(
            ["epmd", "-address", "127.0.0.1", "-port", str(ports["epmd"])], {"PATH": os.environ["PATH"]}
        )
        try:
            made.start()
            yield made
        finally:
            made.kill()
            os.killpg(mapper.pid, signal.SIGKILL)
            mapper.wait()


def _own_group(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    rights = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, start_new_session=True, cwd="/", **quiet, **rights)  # type: ignore[call-overload]


def _wait_for(condition, *, process: subprocess.Popen[bytes], seconds: float) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "RabbitMQ does not start"
        assert time.monotonic() < until, "RabbitMQ does not answer"
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
