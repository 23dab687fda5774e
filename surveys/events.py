"""What happened to an interaction that a rule may wait for: which time it was, and when.

Each occurrence has a number, as closings have: one is decided about once, and a survey asks once about a number.
"""

import datetime as dt
from dataclasses import dataclass

from surveys.models import Interaction
from surveys.models.rules import SCHEDULED

__all__ = ["ANSWERED", "BY_COLUMN", "CLOSED", "RESOLVED", "SCHEDULED", "Happening", "latest"]

CLOSED, RESOLVED, ANSWERED = "closed", "resolved", "first_response"
# Said by a column of their own, so that a program cannot say two different things.
BY_COLUMN = {
    "created": "created_at",
    "enqueued": "enqueued_at",
    "answered": "answered_at",
    "first_response": "first_response_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "reopened": "reopened_at",
}


@dataclass(frozen=True)
class Happening:
    """The `closing`-th time that this kind of event happened, at a moment."""

    kind: str
    closing: int
    at: dt.datetime


def latest(interaction: Interaction, kind: str) -> Happening | None:
    """The last time it happened; None when it has not."""
    if kind in (CLOSED, SCHEDULED):
        ended = interaction.closed_at or interaction.updated_at
        return Happening(kind, interaction.closings, ended) if interaction.closings else None
    if kind == ANSWERED:
        answered = interaction.first_response_at
        return Happening(kind, 1, answered) if answered else None
    if kind == RESOLVED:
        return _resolved(interaction)
    moments = _moments(interaction, kind)
    return Happening(kind, len(moments), moments[-1]) if moments else None


def _resolved(interaction: Interaction) -> Happening | None:
    at = interaction.solved_at
    return Happening(RESOLVED, max(1, len(_moments(interaction, RESOLVED))), at) if at else None


def _moments(interaction: Interaction, kind: str) -> list[dt.datetime]:
    return list(interaction.events.filter(kind=kind).order_by("at").values_list("at", flat=True))
