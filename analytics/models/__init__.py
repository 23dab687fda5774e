"""Counts by reporting day, and what they are measured against."""

from analytics.models.answers import CommentDay, ScoreDay, ScoredTopicsDay, ServedDay, TopicDay
from analytics.models.asked import AskedDay
from analytics.models.clock import RollupClock
from analytics.models.contacts import ContactDay, ContactHour, DurationDay
from analytics.models.levels import ServiceLevel
from analytics.models.returns import ReturnDay

__all__ = [
    "AskedDay",
    "CommentDay",
    "ContactDay",
    "ContactHour",
    "DurationDay",
    "ReturnDay",
    "RollupClock",
    "ScoreDay",
    "ScoredTopicsDay",
    "ServedDay",
    "ServiceLevel",
    "TopicDay",
]
