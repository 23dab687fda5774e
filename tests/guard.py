"""Loaded before Django: tests get a data directory of their own, and sockets reach loopback only."""

import os
import socket
import tempfile
from typing import Any

os.environ.setdefault("OTKLIK_DATA_DIR", tempfile.mkdtemp(prefix="otklik-tests-"))
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("LINK_KEY", "only-for-tests")

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test tried to reach {address[0]}: only loopback is open")
    _connect(self, address)


def pytest_configure() -> None:
    socket.socket.connect = _loopback_only  # type: ignore[method-assign,assignment]
