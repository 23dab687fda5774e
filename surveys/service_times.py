"""How long a customer waited, in working time; kept as first told: a calendar changed later rewrites nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from ground.calendars import Calendars
from ground.working_time import working_seconds
from surveys.models import Interaction

# What took longer, took so long: a date that was mistyped must not be walked day by day from the year 1900.
LONGEST = dt.timedelta(days=5 * 366)
ENDS: dict[str, Callable[[Interaction], Any]] = {
    "response_working_seconds": lambda interaction: interaction.responded_at,
    "unanswered_working_seconds": lambda interaction: interaction.unanswered_until,
    "resolution_working_seconds": lambda interaction: interaction.solved_at,
}


def measure(interaction: Interaction, calendars: Calendars) -> list[str]:
    """Set the calendar and the working seconds of an interaction; returns the names of the fields that changed."""
    changed = []
    if interaction.calendar_id is None and (known := calendars.of(interaction.team_id).pk):
        interaction.calendar_id, changed = known, ["calendar"]
    for name, end_of in ENDS.items():
        end = end_of(interaction)
        seconds = _seconds(interaction, end, calendars) if end else None
        if seconds != getattr(interaction, name):
            setattr(interaction, name, seconds)
            changed.append(name)
    return changed


def _seconds(interaction: Interaction, end: dt.datetime, calendars: Calendars) -> int:
    hours = calendars.hours_of(interaction.calendar_id)
    return int(working_seconds(hours, interaction.created_at, min(end, interaction.created_at + LONGEST)))
