"""How long a customer waited, in working time; kept as first told: a calendar changed later rewrites nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from ground.calendars import of_team, working_hours
from ground.models import Calendar
from ground.working_time import Hours, working_seconds
from surveys.models import Interaction

# What took longer, took so long: a date that was mistyped must not be walked day by day from the year 1900.
LONGEST = dt.timedelta(days=5 * 366)
ENDS: dict[str, Callable[[Interaction], Any]] = {
    "response_working_seconds": lambda interaction: interaction.responded_at,
    "resolution_working_seconds": lambda interaction: interaction.solved_at,
}


def measure(interaction: Interaction, *, known: dict[Any, Any]) -> list[str]:
    """Set the calendar and the working seconds of an interaction; returns the names of the fields that changed.

    `known` keeps calendars by team and hours by calendar for whoever measures many.
    """
    changed = []
    if interaction.calendar_id is None:
        interaction.calendar = _calendar(interaction.team_id, known)
        changed = ["calendar"] if interaction.calendar else []
    for name, end_of in ENDS.items():
        end = end_of(interaction)
        seconds = _seconds(interaction, end, known) if end else None
        if seconds != getattr(interaction, name):
            setattr(interaction, name, seconds)
            changed.append(name)
    return changed


def _seconds(interaction: Interaction, end: dt.datetime, known: dict[Any, Any]) -> int:
    end = min(end, interaction.created_at + LONGEST)
    return int(working_seconds(_hours(interaction, known), interaction.created_at, end))


def _calendar(team_id: int | None, known: dict[Any, Any]) -> Calendar | None:
    key = "of team", team_id
    if key not in known:
        known[key] = of_team(team_id)
    return known[key]


def _hours(interaction: Interaction, known: dict[Any, Any]) -> Hours:
    key = "hours", interaction.calendar_id
    if key not in known:
        known[key] = working_hours(interaction.calendar or Calendar.default())
    return known[key]
