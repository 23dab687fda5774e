"""The scheduler's clock: ticks are counted by time that passes, whatever the machine's clock says meanwhile."""

import logging
from time import monotonic
from typing import Any

from celery.beat import Scheduler

log = logging.getLogger(__name__)


class SteadyScheduler(Scheduler):
    """Rings each entry every so many seconds.

    Celery's own compares the time of day: set back an hour, it would ring nothing for an hour.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.due: dict[str, float] = {}
        self.is_heard = True
        super().__init__(*args, **kwargs)

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Ring what is due; returns the seconds until the next entry is."""
        now = monotonic()
        for name, entry in self.schedule.items():
            due = self.due.setdefault(name, now)
            if due <= now:
                self.apply_entry(entry, producer=self.producer)
                seconds = float(entry.schedule.seconds)  # type: ignore[union-attr]  # every entry of ours is an interval
                # A late one does not hurry after those that it missed.
                self.due[name] = due + seconds if due + seconds > now else now + seconds
        return max(0.0, min(self.due.values()) - monotonic())

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Ring; of a broker that does not answer one line tells, not the whole stack for each of the ticks."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:
            if self.is_heard:
                log.error("no broker takes the ticks: %s", error)
            self.is_heard = False
        else:
            if not self.is_heard:
                log.warning("the broker takes the ticks again")
            self.is_heard = True
