"""Small disks, full ones, and such as nothing can be written to."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEGABYTES = 300


@contextmanager
def small(directory: Path) -> Iterator[None]:
    """A disk of its own for the directory, in memory; without the right to mount one it stays where it is."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "otklik-test", str(directory)]
    is_mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(directory)], check=True)


def is_small(directory: Path) -> bool:
    found = os.statvfs(directory)
    return found.f_blocks * found.f_frsize <= MEGABYTES * 1024 * 1024


@contextmanager
def full(directory: Path) -> Iterator[None]:
    """The disk under the directory without a byte left."""
    ballast = directory / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (1024 * 1024, 4096, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size):
                        pass
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    """Nothing under the directory can be opened for writing."""
    rights: dict[Path, int] = {}
    for path in [directory, *directory.rglob("*")]:
        with suppress(FileNotFoundError):  # what runs makes files and takes them away
            if not path.is_symlink():
                rights[path] = path.stat().st_mode
                path.chmod(rights[path] & ~0o222)
    try:
        yield
    finally:
        for path, mode in rights.items():
            with suppress(FileNotFoundError):
                path.chmod(mode)
