"""Answers by the day on which their contact ended: scores of the work of those days, not of the days of the answers."""

import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from analytics.periods import local_day
from feedback.ended_filter import AROUND, CONTACT, ENDS
from feedback.models import Response
from surveys import nobody

# The day of an ended contact among the attributes of the one that stands for it, whose own times are moved.
ENDED = "ended"
COLUMNS = ("survey", "scale", "team", "channel", "evidence", "score")
KEY = ("survey", "scale", "team", "channel", "evidence", "day", "score")
# Of the agents whom the answers name.
AGENT_COLUMNS = ("survey", "scale", "team", "channel", "agent", "reason", "evidence", "score")
AGENT_KEY = (*AGENT_COLUMNS[:-1], "day", "score")
OF_CONTACT = (*(f"{CONTACT}__{name}" for name in (*ENDS, "source", "attributes")), "answered_at")


def counts_of(
    scored: QuerySet[Response], columns: tuple[Any, ...] = COLUMNS, *, zone: ZoneInfo
) -> Counter[tuple[Any, ...]]:
    """Counts of these answers; those that lie too far from their contact's end are in none."""
    asked = scored.filter(invitation__isnull=False).order_by()
    counts: Counter[tuple[Any, ...]] = Counter()
    for *place, score, closed, resolved, created, source, attributes, at in asked.values_list(
        *columns, *OF_CONTACT
    ).iterator():
        if abs(at - (ended := closed or resolved or created)) <= AROUND:
            kept = attributes.get(ENDED) if source == nobody.SOURCE else None
            day = dt.date.fromisoformat(kept) if kept else local_day(ended, zone)
            counts[*place, day, score] += 1
    return counts
