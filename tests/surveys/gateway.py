"""A provider's HTTP gateway on loopback: keeps what came and answers as told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest


class Handler(BaseHTTPRequestHandler):
    server: "Provider"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        if self.server.behaviour == "hang up":
            self.close_connection = True
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.reply)))
        self.end_headers()
        self.wfile.write(self.server.reply)

    def log_message(self, *args: Any) -> None:
        pass


class Provider(HTTPServer):
    """`behaviour` "accept" or "hang up"; `status` and `reply` are what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []
        self.behaviour, self.status, self.reply = "accept", 200, b'{"id": 4711}'

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"

    def form(self, place: int = -1) -> dict[str, str]:
        return dict(parse_qsl(self.requests[place]["body"].decode()))

    def json(self, place: int = -1) -> Any:
        return json.loads(self.requests[place]["body"])


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    server = Provider()
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.server_port}"]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
