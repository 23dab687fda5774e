"""The points at which a process leaves a trace outside of itself, at any of which it can be made to die."""

import itertools
import os
import re
import smtplib
from collections.abc import Callable
from typing import Any

import psycopg

KILLED = 137
# PostgreSQL takes several statements as one.
WRITES_WITHIN = re.compile(r"\s*WITH\b.*\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.DOTALL | re.IGNORECASE)


class Points:
    """Counts the write points that this process passes, and ends it at one of them."""

    def __init__(self) -> None:
        self.number, self.last, self.is_before = 0, 0, False

    def passing(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*args: Any, **kwargs: Any) -> Any:
            self.number += 1
            number = self.number
            if number == self.last and self.is_before:
                os._exit(KILLED)
            result = act(*args, **kwargs)
            if number == self.last:
                os._exit(KILLED)
            return result

        return passed


POINTS = Points()


def watch() -> None:
    """Put a point around everything that leaves a trace outside of this process."""
    from celery.app.task import Task
    from django.db.backends.base.base import BaseDatabaseWrapper

    from ground import jobfiles, outbound
    from ground.sqlite import base

    def writes(execute: Callable[..., Any]) -> Callable[..., Any]:
        passed = POINTS.passing(execute)

        def executed(cursor: Any, sql: str, *args: Any, **options: Any) -> Any:
            reads = str(sql).lstrip().upper().startswith((*base.READS, "BEGIN")) and not WRITES_WITHIN.match(sql)
            return (execute if reads else passed)(cursor, sql, *args, **options)

        return executed

    for owner, name in itertools.product((base.LockingCursor, psycopg.Cursor), ("execute", "executemany")):
        setattr(owner, name, writes(getattr(owner, name)))
    for owner, name in (
        (BaseDatabaseWrapper, "_commit"), (smtplib.SMTP, "send"), (outbound, "call"), (Task, "apply_async"),
        (jobfiles.Held, "write"), (os, "fsync"), (os, "replace"), (os, "rename"), (os, "unlink"), (os, "truncate"),
    ):  # fmt: skip
        setattr(owner, name, POINTS.passing(getattr(owner, name)))
