"""An IMAP server for tests: a process of its own that speaks what a reader of one mailbox needs (RFC 3501)."""

import re
import socket
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "bounces@example.org", "p@ss/word:1"


class Session(socketserver.StreamRequestHandler):
    """One connection. The mails are the files of a folder, their numbers the names.

    `seen-N` marks what was read, `broken-N` what this server cannot give.
    """

    def handle(self) -> None:
        self.say("* OK ready")
        for line in iter(self.rfile.readline, b""):
            tag, _space, command = line.decode("latin-1").strip().partition(" ")
            if not self.obey(tag, command):
                return

    def obey(self, tag: str, command: str) -> bool:
        verb = command.split(" ")[0].upper()
        if verb == "UID":
            verb = " ".join(command.split(" ")[:2]).upper()
        act = {
            "CAPABILITY": self.capability, "LOGIN": self.login, "SELECT": self.select, "UID SEARCH": self.search,
            "UID FETCH": self.fetch, "UID STORE": self.store, "LOGOUT": self.logout,
        }.get(verb)  # fmt: skip
        if act is None:
            self.say(f"{tag} BAD what?")
            return True
        self.say(f"{tag} {act(command)}")
        return verb != "LOGOUT"

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("latin-1") + b"\r\n")

    @property
    def folder(self) -> Path:
        return self.server.folder  # type: ignore[attr-defined]

    def numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.eml"))

    def capability(self, command: str) -> str:
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def login(self, command: str) -> str:
        (self.folder / "login").touch()
        return "OK in" if f'"{PASSWORD}"' in command and USER in command else "NO [AUTHENTICATIONFAILED] no"

    def select(self, command: str) -> str:
        if command.split(" ", 1)[1].strip('"') != "INBOX":
            return "NO no such folder"
        self.say(f"* {len(self.numbers())} EXISTS")
        age = self.folder / "age"
        self.say(f"* OK [UIDVALIDITY {age.read_text() if age.exists() else '7'}] valid")
        return "OK [READ-WRITE] selected"

    def search(self, command: str) -> str:
        found = self.numbers()
        if span := re.search(r"UID (\d+):\*", command):
            # The last mail always belongs to a range that ends in a star, whatever it begins with.
            found = [number for number in found if number >= int(span.group(1))] or found[-1:]
        elif "UNSEEN" in command:
            found = [number for number in found if not (self.folder / f"seen-{number}").exists()]
        self.say("* SEARCH " + " ".join(map(str, found)))
        return "OK found"

    def fetch(self, command: str) -> str:
        number = int(command.split(" ")[2])
        if (self.folder / "die").exists():
            self.connection.shutdown(socket.SHUT_RDWR)
            return "BAD"
        if (self.folder / f"broken-{number}").exists():
            return "NO [SERVERBUG] it cannot be converted"
        most = int(re.search(r"<0\.(\d+)>", command).group(1))  # type: ignore[union-attr]
        mail = (self.folder / f"{number}.eml").read_bytes()[:most]
        self.wfile.write(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(mail)}}}\r\n".encode() + mail + b")\r\n")
        return "OK fetched"

    def store(self, command: str) -> str:
        (self.folder / f"seen-{command.split(' ')[2]}").touch()
        return "OK stored"

    def logout(self, command: str) -> str:
        self.say("* BYE")
        return "OK out"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a mailbox whose mails are the files `<number>.eml` of the folder."""
    argv = [sys.executable, "-m", "tests.imap", str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            yield f"imap://bounces%40example.org:p%40ss%2Fword%3A1@127.0.0.1:{port}/INBOX"
        finally:
            process.kill()


def main() -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        folder = Path(sys.argv[1])

    with Server(("127.0.0.1", 0), Session) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
