"""A mail server process that misbehaves as the recipient's address says, and notes each mail it took in a file.

`python -m tests.mail_server FILE [--seconds S]` prints its port. A mail to `slow-dot+7@example.org` is treated as
`slow-dot`: what stands before the plus. A line of the file is the Message-ID and the recipient, written at the very
moment from which the mail is the server's, whatever the client hears of it; with --keep the mails lie beside it.
"""

import argparse
import base64
import os
import socketserver
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What a recipient's name makes the server do. Codes are said at RCPT ("rcpt"), at DATA or after the text ("text").
SAYS = {
    "busy-rcpt": ("rcpt", b"450 4.2.1 later"),
    "unknown": ("rcpt", b"550 5.1.1 no such user"),
    "leaving": ("rcpt", b"421 4.3.2 closing"),
    "busy-data": ("data", b"451 4.3.0 later"),
    "no-data": ("data", b"554 5.7.1 no"),
    "busy-text": ("text", b"451 4.7.1 greylisted"),
    "no-text": ("text", b"554 5.7.1 looks like spam"),
    "garbage": ("text", b"what?"),
}
ACTS = ("slow-rcpt", "slow-dot", "drop-rcpt", "drop-data", "drop-text", "drop-after", "hang")
BEHAVIOURS = ("accept", *SAYS, *ACTS)


class Talk(socketserver.StreamRequestHandler):
    """One connection. Pipelined commands are read one by one from the buffer."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        server: Server = self.server  # type: ignore[assignment]
        self.say(server.banner)
        self.recipient = ""
        try:
            while line := self.rfile.readline():
                if not self.obey(line.rstrip(b"\r\n")):
                    return
        except OSError:
            return

    def obey(self, line: bytes) -> bool:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.say(b"250-sink", *self.server.extensions, b"250 PIPELINING")
        elif verb == b"RCPT":
            self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            return self.at("rcpt", otherwise=b"250 2.1.5 ok")
        elif verb == b"DATA":
            return self.at("data", otherwise=b"354 go ahead") and (self.refused("rcpt", "data") or self.text())
        elif verb == b"QUIT":
            self.say(b"221 bye")
            return False
        elif verb == b"AUTH":
            self.say(b"235 2.7.0 welcome" if self.server.knows(line) else b"535 5.7.8 wrong user or password")
        elif line.upper() == b"STARTTLS":
            self.say(b"220 go ahead")
            self.say(b"this is no TLS at all")
            return False
        else:
            self.say(b"250 ok")
        return True

    @property
    def behaviour(self) -> str:
        return self.recipient.partition("@")[0].partition("+")[0]

    def refused(self, *moments: str) -> bool:
        return SAYS.get(self.behaviour, ("",))[0] in moments

    def at(self, moment: str, *, otherwise: bytes) -> bool:
        """Say what this recipient is told at this moment; False when the connection ends."""
        if self.behaviour == f"drop-{moment}":
            return False
        if self.behaviour == f"slow-{moment}":
            time.sleep(self.server.seconds)
        if moment == "data" and self.refused("rcpt"):
            self.say(b"503 5.5.1 no recipients")
        else:
            self.say(SAYS[self.behaviour][1] if self.refused(moment) else otherwise)
        return not (moment == "rcpt" and self.behaviour == "leaving")

    def text(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # the client held it back
            lines.append(line)
        if self.behaviour == "drop-text":
            return False
        if self.behaviour == "hang":
            time.sleep(3600)
        if not self.refused("text") or self.behaviour == "garbage":
            self.server.take(b"".join(lines), self.recipient)
        if self.behaviour == "drop-after":
            return False
        if self.behaviour == "slow-dot":
            time.sleep(self.server.seconds)
        self.say(SAYS[self.behaviour][1] if self.refused("text") else b"250 2.0.0 taken")
        return True

    def say(self, *lines: bytes) -> None:
        self.wfile.write(b"".join(line + b"\r\n" for line in lines))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(
        self, file: Path, *, seconds: float, keep: bool, port: int, tls: bool, banner: str, password: str
    ) -> None:
        self.seconds, self.folder, self.banner = seconds, file.parent if keep else None, banner.encode()
        self.extensions = [b"250-STARTTLS"] * tls + [b"250-AUTH PLAIN"] * bool(password)
        self.password = password.encode()
        self.file = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        super().__init__(("127.0.0.1", port), Talk)

    def knows(self, line: bytes) -> bool:
        return base64.b64decode(line.rpartition(b" ")[2]).endswith(b"\0" + self.password)

    def take(self, raw: bytes, recipient: str) -> None:
        number = next(
            (line[12:] for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:11] == b"Message-ID:"), b""
        )
        os.write(self.file, number.strip() + b"\t" + recipient.encode() + b"\n")
        if self.folder:
            (self.folder / f"{time.time_ns()}.eml").write_bytes(raw.replace(b"\r\n..", b"\r\n."))

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed in the middle is what this server is for."""


@contextmanager
def running(
    file: Path,
    *,
    seconds: float = 2.0,
    keep: bool = False,
    tls: bool = False,
    banner: str = "220 sink",
    port: int = 0,
    password: str = "",
) -> Iterator[int]:
    """The port of a server process of its own, ended at the end."""
    command = [sys.executable, "-m", "tests.mail_server", str(file), "--seconds", str(seconds), "--port", str(port)]
    command += ["--banner", banner, "--password", password] + ["--keep"] * keep + ["--tls"] * tls
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.kill()


def taken(file: Path) -> list[tuple[str, str]]:
    """Message-ID and recipient of each mail that the server took, in order."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(number, recipient) for number, _tab, recipient in (line.partition("\t") for line in lines)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--port", type=int)
    parser.add_argument("--banner")
    parser.add_argument("--password", default="")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--tls", action="store_true")
    server = Server(**vars(parser.parse_args()))
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
