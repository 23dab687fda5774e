"""What is counted of the interactions that began on one day."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from analytics import resolution
from analytics.levels import Levels
from analytics.models import ContactDay, ContactHour, DurationDay
from analytics.quantiles import bucket
from surveys import returning
from surveys.models import Interaction

# A contact is solved in time when it is within so many days: a fixed horizon makes months comparable (M22).
HORIZON = dt.timedelta(seconds=resolution.HORIZON)
CONTACTS = returning.CONTACTS
COLUMNS = (
    "team_id", "channel", "priority", "created_at", "enqueued_at", "answered_at", "first_response_at", "resolved_at",
    "closed_at", "reopened_at", "transfers", "handle_seconds", "is_abandoned", "is_resolved", "is_complaint",
    "response_working_seconds", "resolution_working_seconds",
)  # fmt: skip

Counts = Counter[tuple[Any, ...]]


def counts_of(rows: Iterable[Interaction], *, zone: ZoneInfo, levels: Levels) -> dict[type[models.Model], Counts]:
    """Counts by table of the interactions of one reporting day; `rows` have the COLUMNS."""
    days: Counts = Counter()
    hours: Counts = Counter()
    durations: Counts = Counter()
    for row in rows:
        where = row.team_id, row.channel
        hours[*where, row.created_at.astimezone(zone).hour] += 1
        for fact in _facts(row, levels):
            days[*where, fact] += 1
        for span, seconds in _spans(row):
            durations[*where, span, bucket(seconds)] += 1
    return {ContactDay: days, ContactHour: hours, DurationDay: durations}


FACTS: dict[str, Callable[[Interaction], bool]] = {
    "contacts": lambda row: True,
    "complaints": lambda row: row.is_complaint,
    "responded": lambda row: row.responded_at is not None,
    "abandoned": lambda row: row.is_abandoned,
    "solved": lambda row: row.solved_at is not None and row.solved_at - row.created_at <= HORIZON,
    "reopened": lambda row: row.reopened_at is not None,
    "transferred": lambda row: row.transfers > 0,
}


def _facts(row: Interaction, levels: Levels) -> Iterable[str]:
    yield from (name for name, holds in FACTS.items() if holds(row))
    level = levels.of(row)
    if level and row.responded_at:
        wall = (row.responded_at - row.created_at).total_seconds()
        seconds = row.response_working_seconds if level.is_working_time else wall
        if seconds is not None:
            yield "met" if seconds <= level.seconds else "late"


def _spans(row: Interaction) -> Iterable[tuple[str, float]]:
    """What it took, in seconds: by the clock on the wall, and in working time."""
    wall = {
        "response": (row.created_at, row.responded_at),
        "wait": (row.enqueued_at, row.answered_at),
        "resolution": (row.created_at, row.solved_at),
    }
    yield from ((name, (end - start).total_seconds()) for name, (start, end) in wall.items() if start and end)
    told = {
        "handle": row.handle_seconds,
        "response_working": row.response_working_seconds,
        "resolution_working": row.resolution_working_seconds,
    }
    yield from ((name, seconds) for name, seconds in told.items() if seconds is not None)
