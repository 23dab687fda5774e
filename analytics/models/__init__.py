"""Counts by reporting day, what they are measured against, and what is out of the ordinary in them."""

from analytics.models.answers import CommentDay, ScoreDay, ScoredTopicsDay, ServedDay, TopicDay
from analytics.models.asked import AskedDay
from analytics.models.clock import RollupClock
from analytics.models.contacts import ContactDay, ContactHour, DurationDay
from analytics.models.levels import ServiceLevel
from analytics.models.watch import Incident, Watch, WatchedSeries

__all__ = [
    "AskedDay",
    "CommentDay",
    "ContactDay",
    "ContactHour",
    "DurationDay",
    "Incident",
    "RollupClock",
    "ScoreDay",
    "ScoredTopicsDay",
    "ServedDay",
    "ServiceLevel",
    "TopicDay",
    "Watch",
    "WatchedSeries",
]
