"""Who opted out, as a file of keyed hashes beside the keys, only ever added to.

A database restored from a backup has forgotten the opt-outs since: this file has not, and the restore applies it before
the first mail leaves. It holds no address, only what the key makes of one.
"""

import fcntl
import hashlib
import hmac
import logging
import os
from pathlib import Path

from django.conf import settings
from django.utils import timezone

log = logging.getLogger(__name__)

ALL = "*"
OUT, IN = "-", "+"


def path() -> Path:
    return Path(settings.KEYS_DIR) / "optouts"


def digest(address: str) -> str:
    """What stands for an address in the file; without the key nobody can tell which."""
    return hmac.new(settings.LINK_KEY.encode(), b"optout|" + address.encode(), hashlib.sha256).hexdigest()


def note(*addresses: str, is_out: bool, scope: str = ALL) -> None:
    """Add a line for each; `scope` is what was stopped, a survey's code or everything.

    An opt-out holds even where the file cannot be written: that is said in the log alone.
    """
    at, sign = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}", OUT if is_out else IN
    lines = "".join(f"{at} {sign} {digest(address)} {scope}\n" for address in addresses)
    try:
        path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(lines.encode())
            os.fsync(file.fileno())
    except OSError as error:
        log.error("An opt-out is not in the file beside the keys: %s", type(error).__name__)


def standing() -> set[tuple[str, str]]:
    """The opt-outs that hold, as (digest, scope); a broken line, cut off by a crash, is passed over."""
    found: set[tuple[str, str]] = set()
    if not path().exists():
        return found
    for line in path().read_text(encoding="ascii", errors="replace").splitlines():
        parts = line.split(" ")
        if len(parts) != 4 or len(parts[2]) != 64:
            continue
        _at, sign, hashed, scope = parts
        (found.add if sign == OUT else found.discard)((hashed, scope))
    return found
