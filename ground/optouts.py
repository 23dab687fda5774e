"""Who opted out, as a file of keyed hashes beside the keys, only ever added to.

A database restored from a backup has forgotten the opt-outs since: this file has not, and the restore applies it before
the first mail leaves.
"""

import logging
from pathlib import Path

from ground import hashed_file

log = logging.getLogger(__name__)

NAME, PURPOSE = "optouts", "optout"
ALL = "*"
OUT, IN = "-", "+"


def path() -> Path:
    return hashed_file.path(NAME)


def digest(address: str) -> str:
    return hashed_file.digest(PURPOSE, address)


def note(*addresses: str, is_out: bool, scope: str = ALL) -> None:
    """Add a line for each; `scope` is what was stopped, a survey's code or everything.

    An opt-out holds even where the file cannot be written: that is said in the log alone.
    """
    sign = OUT if is_out else IN
    try:
        hashed_file.add(NAME, [f"{sign} {digest(address)} {scope}" for address in addresses])
    except OSError as error:
        log.error("An opt-out is not in the file beside the keys: %s", type(error).__name__)


def standing() -> set[tuple[str, str]]:
    """The opt-outs that hold, as (digest, scope)."""
    found: set[tuple[str, str]] = set()
    for _at, sign, hashed, scope in hashed_file.lines(NAME, words=4):
        if len(hashed) == 64:
            (found.add if sign == OUT else found.discard)((hashed, scope))
    return found
