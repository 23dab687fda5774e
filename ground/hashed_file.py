"""Files of keyed hashes beside the keys, only ever added to: what a database restored from a backup has forgotten.

They hold no address, only what the key makes of one.
"""

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def path(name: str) -> Path:
    return Path(settings.KEYS_DIR) / name


def digest(purpose: str, text: str) -> str:
    """What stands for a text in the file of this purpose; without the key nobody can tell which."""
    return hmac.new(settings.LINK_KEY.encode(), f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


def add(name: str, lines: Iterable[str]) -> None:
    """Add lines, each after the moment; on the disk when this returns. Raises OSError when it cannot be written."""
    at = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    told = "".join(f"{at} {line}\n" for line in lines)
    path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path(name), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        was_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # by a crash: what follows is no part of it
        file.write(b"\n" * was_cut + told.encode())
        os.fsync(file.fileno())


def lines(name: str, *, words: int) -> Iterator[list[str]]:
    """The lines of so many words, the moment being the first; one that a crash cut off is passed over."""
    if not path(name).exists():
        return
    for line in path(name).read_text(encoding="ascii", errors="replace").splitlines():
        parts = line.split(" ")
        if len(parts) == words:
            yield parts
