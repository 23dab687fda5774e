"""Keeps services alive: restarts what dies, stops all of it on a signal, leaves no orphan.

One thread and one loop. A thread would make forking unsafe, and forking is what makes a start fast: the children
share what the supervisor has imported.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.up import keeper, service
from config.up.logfile import LogFile
from config.up.service import STOP_SIGNALS, Service

# Seconds before each restart in a row; the last one repeats.
BACKOFF = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
# A child that lived this long, seconds, has recovered: its next restart is at once again.
SETTLED_SECONDS = 30.0
PROBE_SECONDS = 0.05
# A child that dies this often before it was ever ready will not start at all.
HOPELESS = 4


class WillNotStart(Exception):
    """A service died again and again, or was not ready in time; `tail` holds the last lines of its log."""

    def __init__(self, name: str, *, log: Path, tail: list[str]) -> None:
        super().__init__(name)
        self.name = name
        self.log = log
        self.tail = tail


class Interrupted(Exception):
    """A stop was asked for while the services were starting."""


@dataclass
class Child:
    """A service and the life of its process; `pid` is 0 while it waits for a restart."""

    service: Service
    log: LogFile
    pid: int = 0
    output: int = -1
    ready_pipe: int = -1
    ready: bool = False
    was_ready: bool = False
    restarts: int = 0
    failures: int = 0
    started: float = 0.0
    due: float = 0.0


class Supervisor:
    """`start` services, `wait_ready`, then `run` until SIGINT, SIGTERM or SIGHUP, then `stop`.

    `state` is a JSON file with the pids, for people and tests; `facts` are written into it as they are.
    `lock` is a descriptor that children must not keep open (the keeper does).
    """

    def __init__(
        self, *, log_dir: Path, state: Path, lock: int = -1, facts: dict[str, object] | None = None, grace: float = 10.0
    ) -> None:
        self.log_dir = log_dir
        self.state = state
        self.lock = lock
        self.facts = facts or {}
        self.grace = grace
        self.children: list[Child] = []
        self.stopping = False
        self.hurried = False
        self.is_noted = True
        self.journal = LogFile(log_dir / "up.log")
        self.selector = selectors.DefaultSelector()
        self.signals, self.signal_writer = socket.socketpair()
        self.signals.setblocking(False)
        self.signal_writer.setblocking(False)
        self.selector.register(self.signals, selectors.EVENT_READ)
        signal.set_wakeup_fd(self.signal_writer.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            # nohup asks to outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._start_keeper()

    def start(self, services: Sequence[Service]) -> None:
        """Start these services without waiting for them."""
        for each in services:
            child = Child(each, LogFile(self.log_dir / f"{each.name}.log"))
            self.children.append(child)
            self._start(child)

    def wait_ready(self, timeout: float) -> None:
        """Return when every service is ready. Raises WillNotStart, or Interrupted when a stop is asked for."""
        until = time.monotonic() + timeout
        while waiting := [child for child in self.children if not child.ready]:
            self._turn()
            if self.stopping:
                raise Interrupted
            hopeless = [child for child in waiting if not child.was_ready and child.failures >= HOPELESS]
            late = waiting if time.monotonic() > until else []
            for child in hopeless or late:
                raise WillNotStart(child.service.name, log=child.log.path, tail=child.log.tail(12))

    def run(self) -> None:
        """Keep the services alive until a stop is asked for."""
        while not self.stopping:
            self._turn()

    def stop(self) -> None:
        """End every child: SIGTERM, after the grace or a second stop SIGKILL to what is left; held services last."""
        self.stopping = True
        self.journal.say("stopping")
        until = time.monotonic() + self.grace
        for held in (False, True):
            ending = [child for child in self.children if child.service.held is held]
            keeper.end_groups({child.pid for child in ending if child.pid}, signal.SIGTERM)
            while any(child.pid for child in ending) and time.monotonic() < until and not self.hurried:
                self._turn()
            keeper.end_groups({child.pid for child in ending if child.pid}, signal.SIGKILL)
            while any(child.pid for child in ending):
                self._turn()
        keeper.dismiss(self.keeper_pipe)
        os.waitpid(self.keeper, 0)
        self.state.unlink(missing_ok=True)
        signal.set_wakeup_fd(-1)
        for resource in (self.selector, self.signals, self.signal_writer):
            resource.close()
        self.journal.say("stopped")

    def _turn(self) -> None:
        for key, _ in self.selector.select(self._pause()):
            if key.fileobj is self.signals:
                with contextlib.suppress(BlockingIOError):
                    self.signals.recv(4096)
            else:
                self._read(key.fd, key.data)
        self._reap()
        now = time.monotonic()
        for child in self.children:
            if child.pid and not child.ready and child.service.probe and child.service.probe():
                self._mark_ready(child)
            if not child.pid and not self.stopping and now >= child.due:
                child.restarts += 1
                self._start(child)
        if not self.is_noted:
            self._write_state()

    def _pause(self) -> float | None:
        if self.stopping:
            return PROBE_SECONDS
        pauses = [PROBE_SECONDS for child in self.children if child.pid and not child.ready and child.service.probe]
        pauses += [max(0.0, child.due - time.monotonic()) for child in self.children if not child.pid]
        if not self.is_noted or any(not child.ready for child in self.children):
            pauses.append(1.0)
        return min(pauses, default=None)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        try:
            started = service.start(child.service, private=self._private())
        except OSError as error:
            self._put_off(child, f"{child.service.name} could not be started: {error.strerror}")
            return
        child.pid, child.output, child.ready_pipe = started.pid, started.output, started.ready
        keeper.note(self.keeper_pipe, group=child.pid, alive=True)
        for descriptor in (child.output, child.ready_pipe):
            self.selector.register(descriptor, selectors.EVENT_READ, child)
        self._write_state()

    def _read(self, descriptor: int, child: Child) -> bool:
        """Take what the pipe holds; false when it holds no more or its other end is closed."""
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return False
        if not chunk:
            self._close(descriptor)
        elif descriptor == child.output:
            child.log.feed(chunk)
        else:
            self._mark_ready(child)
        return bool(chunk)

    def _mark_ready(self, child: Child) -> None:
        child.ready = child.was_ready = True
        self._write_state()

    def _reap(self) -> None:
        for pid, status in _ended():
            if pid == self.keeper and not self.stopping:
                os.close(self.keeper_pipe)
                self._start_keeper()
                self._write_state()
            for child in self.children:
                if child.pid == pid:
                    self._bury(child, status)

    def _bury(self, child: Child, status: int) -> None:
        # A web server or a pool whose parent was killed leaves workers behind, in the parent's process group.
        keeper.end_groups({child.pid}, signal.SIGKILL)
        keeper.note(self.keeper_pipe, group=child.pid, alive=False)
        for descriptor in (child.output, child.ready_pipe):
            while descriptor in self.selector.get_map() and self._read(descriptor, child):
                pass
            self._close(descriptor)
        child.log.finish()
        self._put_off(child, f"{child.service.name} (process {child.pid}) ended with {_ending(status)}")

    def _put_off(self, child: Child, why: str) -> None:
        if time.monotonic() - child.started >= SETTLED_SECONDS:
            child.failures = 0
        wait = BACKOFF[min(child.failures, len(BACKOFF) - 1)]
        self.journal.say(why if self.stopping else f"{why}; restart in {wait:g} s")
        child.failures += 1
        child.pid, child.ready, child.due = 0, False, time.monotonic() + wait
        self._write_state()

    def _close(self, descriptor: int) -> None:
        if descriptor in self.selector.get_map():
            self.selector.unregister(descriptor)
            os.close(descriptor)

    def _private(self) -> list[int]:
        pipes = [key.fd for key in self.selector.get_map().values() if key.fileobj is not self.signals]
        own = [self.signals.fileno(), self.signal_writer.fileno(), self.keeper_pipe]
        lock = [self.lock] if self.lock >= 0 else []
        return pipes + own + lock + _descriptor(self.selector)

    def _start_keeper(self) -> None:
        pipes = [key.fd for key in self.selector.get_map().values()]
        private = [*pipes, self.signal_writer.fileno(), *_descriptor(self.selector)]
        groups = {child.pid for child in self.children if child.pid}
        self.keeper, self.keeper_pipe = keeper.start(groups=groups, private=private, grace=self.grace)

    def _ask_to_stop(self, *_: object) -> None:
        self.hurried = self.stopping
        self.stopping = True

    def _write_state(self) -> None:
        children = {
            child.service.name: {"pid": child.pid, "ready": child.ready, "restarts": child.restarts}
            for child in self.children
        }
        known = self.facts | {
            "pid": os.getpid(),
            "keeper": self.keeper,
            "ready": all(child.ready for child in self.children),
            "children": children,
        }
        unfinished = self.state.with_suffix(".unfinished")
        # A disk that takes nothing costs the note only, and that is made once it does.
        try:
            unfinished.write_text(json.dumps(known, indent=1), encoding="utf-8")
            os.replace(unfinished, self.state)
        except OSError:
            self.is_noted = False
        else:
            self.is_noted = True


def _ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, status


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _descriptor(selector: selectors.BaseSelector) -> list[int]:
    fileno = getattr(selector, "fileno", None)
    return [fileno()] if fileno else []
