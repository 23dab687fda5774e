"""The points at which a process leaves a trace outside of itself, at any of which it can be made to die."""

import os
import smtplib
from collections.abc import Callable
from typing import Any

KILLED = 137


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

    from ground import jobfiles, outbound
    from ground.sqlite import base

    def writes(execute: Callable[..., Any]) -> Callable[..., Any]:
        passed = POINTS.passing(execute)

        def executed(cursor: Any, sql: str, *args: Any) -> Any:
            return (execute if sql.lstrip().upper().startswith((*base.READS, "BEGIN")) else passed)(cursor, sql, *args)

        return executed

    for name in ("execute", "executemany"):
        setattr(base.LockingCursor, name, writes(getattr(base.LockingCursor, name)))
    for owner, name in (
        (base.DatabaseWrapper, "_commit"), (smtplib.SMTP, "send"), (outbound, "call"), (Task, "apply_async"),
        (jobfiles.Held, "write"), (os, "fsync"), (os, "replace"), (os, "rename"), (os, "unlink"), (os, "truncate"),
    ):  # fmt: skip
        setattr(owner, name, POINTS.passing(getattr(owner, name)))
