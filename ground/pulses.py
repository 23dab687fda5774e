"""Signs of life: every process that runs by itself says from time to time that it does."""

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterable

from django.db import Error, connection
from django.utils import timezone

from ground.models import Pulse

SECONDS = 8.0
# A tick of the scheduler has come through: scheduler, broker and the worker of ticks all run.
TICK = "tick"
# No change waits to be counted.
COUNTS = "counts"
# No comment waits to be read.
READ = "read"
KEPT = dt.timedelta(days=2)
_last: dict[str, float] = {}


def say(name: str) -> None:
    """Say that it is so at this moment, unless that was said just before."""
    if time.monotonic() - _last.get(name, -SECONDS) >= SECONDS:
        _last[name] = time.monotonic()
        Pulse.beat(name)


def name_of(queue: str) -> str:
    return f"{queue}@{socket.gethostname()}"


def go_on(queues: Iterable[str]) -> Callable[[], None]:
    """Say again and again that a worker serves these queues, until what is returned is called or the process ends."""
    names = [name_of(queue) for queue in queues]
    over = threading.Event()

    def run() -> None:
        while True:
            try:
                for name in names:
                    Pulse.beat(name)
            except Error:
                connection.close()  # it says so again when the database is back
            if over.wait(SECONDS):
                return

    thread = threading.Thread(target=run, name="pulses", daemon=True)

    def end() -> None:
        over.set()
        thread.join()

    thread.start()
    return end


def age(name: str, *, now: dt.datetime | None = None) -> float | None:
    """Seconds since this, or the youngest of a queue's workers, was seen; None when it never was.

    What was seen in the future was seen by a clock that has been set back since: it says nothing of now.
    """
    names = Pulse.objects.filter(name__startswith=f"{name}@") | Pulse.objects.filter(name=name)
    now = now or timezone.now()
    return min((abs((now - at).total_seconds()) for at in names.values_list("at", flat=True)), default=None)


def forget_old() -> int:
    """Forget workers that were not seen for days; returns how many."""
    return Pulse.objects.filter(name__contains="@", at__lt=timezone.now() - KEPT).delete()[0]
