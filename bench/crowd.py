"""Many connections at once from one process that does little: requests are ready bytes, replies are not parsed."""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

CONNECTIONS = 32
LENGTH = b"content-length:"


@dataclass
class Reply:
    status: int
    seconds: float
    body: bytes


class _Line:
    """One connection, which asks for one thing after another."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, place: int, request: bytes) -> None:
        self.place, self.got, self.began = place, b"", time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> Reply | None:
        """The reply, once it is whole."""
        some = self.socket.recv(65536)
        if not some:
            raise SystemExit("the server hung up")
        self.got += some
        head, end, body = self.got.partition(b"\r\n\r\n")
        if not end:
            return None
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(LENGTH))
        if len(body) < int(length[len(LENGTH) :]):
            return None
        return Reply(int(head.split(b" ", 2)[1]), time.perf_counter() - self.began, body)


def ask(port: int, requests: Sequence[bytes]) -> list[Reply]:
    """The replies, in the order of the requests."""
    replies: dict[int, Reply] = {}
    waiting = iter(enumerate(requests))
    with selectors.DefaultSelector() as selector:
        for place, request in islice(waiting, CONNECTIONS):
            line = _Line(port)
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.ask(place, request)
        while len(replies) < len(requests):
            ready = selector.select(timeout=60)
            if not ready:
                raise SystemExit("the server does not answer")
            for key, _events in ready:
                line = key.data
                if reply := line.read():
                    replies[line.place] = reply
                    if following := next(waiting, None):
                        line.ask(*following)
                    else:
                        selector.unregister(line.socket)
                        line.socket.close()
    return [replies[place] for place in range(len(requests))]
