"""The files that jobs leave for their authors: in a folder of their own, readable by us alone, gone after a week."""

import datetime as dt
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ground import jobs
from ground.models import Job

KEPT = dt.timedelta(days=7)
RENEW_SECONDS = 2.0


class Lost(Exception):
    """The job was cancelled, or another worker has it."""


class Held:
    """An open file that keeps its job while it is written to. Raises Lost."""

    def __init__(self, file: BinaryIO, job: Job) -> None:
        self._file, self._job, self._renewed = file, job, time.monotonic()

    def renew(self) -> None:
        """Keep the job, if it is time to."""
        if time.monotonic() < self._renewed + RENEW_SECONDS:
            return
        if not jobs.renew(self._job):
            raise Lost
        self._renewed = time.monotonic()

    def write(self, data: bytes) -> int:
        self.renew()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def folder() -> Path:
    path = Path(settings.DATA_DIR) / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_name(suffix: str) -> str:
    """A name that nobody can guess."""
    return f"{secrets.token_hex(16)}.{suffix}"


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The file for reading and writing, made when there is none, held against every other worker meanwhile."""
    descriptor = os.open(folder() / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def keep(job: Job, name: str) -> bool:
    """Give the job its finished file, to be fetched for a week; False when it has it already."""
    until = timezone.now() + KEPT
    return bool(Job.objects.filter(pk=job.pk, file="", cancelled_at=None).update(file=name, file_until=until))


def path_of(job: Job) -> Path | None:
    """Where the job's file is, or None when it has none, or not any more."""
    if not job.file or job.file_until is None or job.file_until <= timezone.now():
        return None
    path = folder() / job.file
    return path if path.is_file() else None


def drop(*names: str) -> None:
    for name in names:
        with suppress(FileNotFoundError):
            (folder() / name).unlink()


def forget_old() -> None:
    """Remove the files whose week is over, and what dead jobs left half written."""
    with transaction.atomic():
        old = Job.objects.filter(file_until__lte=timezone.now())
        names = list(old.values_list("file", flat=True))
        old.update(file="", file_until=None)
    drop(*filter(None, names))
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - KEPT.total_seconds():
                path.unlink()
