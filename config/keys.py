"""Secrets made on first use and kept beside the data, so that a fresh clone runs and a restart keeps its links."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def stored(directory: Path, name: str) -> str:
    """The key of this name, made when there is none. Raises OSError when it can be neither read nor made.

    It appears whole or not at all: a key that is cut short by a crash, a full disk or another process's look at it
    would make survey links that anybody can guess.
    """
    path = directory / name
    if not path.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=directory, prefix=f".{name}-") as file:  # readable by its owner alone
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # another process made it in this very moment
                os.link(file.name, path)
    return path.read_text(encoding="utf-8")


def variable(name: str) -> str:
    """The variable of the environment that gives this key; empty where it is the stored one."""
    return next((each for each in (f"{name.upper()}_FILE", name.upper()) if os.environ.get(each)), "")
