"""What the supervisor keeps alive: a program, or a function that runs in a forked child."""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Service:
    """One child. It is ready when `probe` says so or, without a probe, when `run` calls the function it is given.

    `argv` is executed as it is; `run` is called in a fork of the supervisor, so that what the supervisor has
    imported is shared instead of imported again. `held` services stop after the others, which need them to the end.
    """

    name: str
    argv: tuple[str, ...] = ()
    run: Callable[[Callable[[], None]], None] | None = None
    probe: Callable[[], bool] | None = None
    held: bool = False


@dataclass(frozen=True)
class Started:
    """A child that was started: its process group has the same number as its process."""

    pid: int
    output: int
    ready: int


def start(service: Service, *, private: Iterable[int]) -> Started:
    """Fork the child. `private` are descriptors of the supervisor that the child must not keep open."""
    output, child_output = os.pipe()
    ready, child_ready = os.pipe()
    parent = os.getpid()
    # Until the child has put off the supervisor's handlers a signal would set a flag in its copy and be lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        pid = os.fork()
        if pid == 0:
            _become(service, parent=parent, output=child_output, ready=child_ready, private=[*private, output, ready])
        _wait_for_group(pid)
    except OSError:
        os.close(output)
        os.close(ready)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        os.close(child_output)
        os.close(child_ready)
    os.set_blocking(output, False)
    os.set_blocking(ready, False)
    return Started(pid=pid, output=output, ready=ready)


def _become(service: Service, *, parent: int, output: int, ready: int, private: list[int]) -> None:
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (*STOP_SIGNALS, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        for descriptor in private:
            os.close(descriptor)
        silence = os.open(os.devnull, os.O_RDONLY)
        os.dup2(silence, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        die_with(parent)
        if service.run is None:
            os.execv(service.argv[0], service.argv)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        service.run(lambda: _say_ready(ready))
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait_for_group(pid: int) -> None:
    """Return once the child leads its own process group, so that signals to the group reach it."""
    while os.getpgid(pid) != pid:
        time.sleep(0.0005)


def _say_ready(descriptor: int) -> None:
    os.write(descriptor, b"1")


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent dies, where it can (Linux); the keeper does it elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
