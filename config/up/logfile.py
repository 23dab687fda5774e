"""A child's output as a file of dated lines that is rotated by size."""

import contextlib
import os
from datetime import datetime
from pathlib import Path

MAX_BYTES = 5_000_000
KEPT = 3
LONGEST_LINE = 64_000


class LogFile:
    """Takes bytes as they come from a pipe; a full disk costs lines, never the process that writes them."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.kept = kept
        self._unfinished = b""

    def feed(self, chunk: bytes) -> None:
        """Write each line that the chunk completes."""
        *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
        if len(self._unfinished) > LONGEST_LINE:
            lines.append(self._unfinished)
            self._unfinished = b""
        if lines:
            self._write(lines)

    def finish(self) -> None:
        """Write the line that the child left unfinished."""
        if self._unfinished:
            self._write([self._unfinished])
        self._unfinished = b""

    def say(self, line: str) -> None:
        """Write one line of the supervisor's own."""
        self._write([line.encode()])

    def tail(self, lines: int) -> list[str]:
        """The last lines that were written."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-lines:]

    def _write(self, lines: list[bytes]) -> None:
        stamp = datetime.now().astimezone().isoformat(timespec="milliseconds").encode()
        with contextlib.suppress(OSError):
            self._rotate()
            with open(self.path, "ab") as file:
                file.write(b"".join(b"%s %s\n" % (stamp, line) for line in lines))

    def _rotate(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < self.max_bytes:
            return
        names = [self.path, *(self.path.with_name(f"{self.path.name}.{number}") for number in range(1, self.kept + 1))]
        for older, newer in zip(reversed(names), list(reversed(names))[1:], strict=False):
            if newer.exists():
                os.replace(newer, older)
