"""What stops a start is said with what to do about it."""

import fcntl
import os
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from config.up import broker, preflight
from config.up.preflight import Trouble


def test_taken_port_is_named_with_another_choice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Trouble, match=rf"{port}.*PORT={port + 100}"):
            preflight.free_port(port, variable="PORT")
    preflight.free_port(port, variable="PORT")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(Trouble, match=f"SMTP_PORT={port}"):
        preflight.free_port(port, variable="SMTP_PORT")


def test_second_up_is_told_of_the_first(tmp_path: Path) -> None:
    descriptor = preflight.sole_owner(tmp_path / "up.lock")
    with pytest.raises(Trouble, match=f"{os.getpid()}"):
        preflight.sole_owner(tmp_path / "up.lock")
    os.close(descriptor)
    os.close(preflight.sole_owner(tmp_path / "up.lock"))


def test_lock_left_by_a_dead_process_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "HANDOVER_SECONDS", 0.3)
    with open(tmp_path / "up.lock", "w") as keeper:
        keeper.write("4194305")
        keeper.flush()
        fcntl.flock(keeper, fcntl.LOCK_EX)
        with pytest.raises(Trouble):
            preflight.sole_owner(tmp_path / "up.lock")
    os.close(preflight.sole_owner(tmp_path / "up.lock"))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="without /proc it cannot be told")
def test_a_killed_owner_that_nobody_waited_for_is_dead() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert not preflight._alive(pid)
    os.waitpid(pid, 0)
    assert preflight._alive(os.getpid())


def test_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="OTKLIK_DATA_DIR"):
        preflight.usable_directory(tmp_path / "file" / "data")


def test_full_disk_is_said_with_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _path: usage(100, 51, 49_000_000))
    with pytest.raises(Trouble, match="49.*50"):
        preflight.usable_directory(tmp_path)


def test_socket_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(Trouble, match="OTKLIK_DATA_DIR"):
        broker.service(tmp_path / "valkey.sock")
