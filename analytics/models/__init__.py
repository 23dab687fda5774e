"""Counts by reporting day, and what they are measured against."""

from analytics.models.agents import AgentAskedDay, AgentContactDay, AgentDurationDay, AgentScoreDay
from analytics.models.answers import CommentDay, ScoreDay, ScoredTopicsDay, ServedDay, TopicDay
from analytics.models.asked import AskedDay
from analytics.models.clock import RollupClock
from analytics.models.contacts import ContactDay, ContactHour, DurationDay
from analytics.models.levels import ServiceLevel

__all__ = [
    "AgentAskedDay",
    "AgentContactDay",
    "AgentDurationDay",
    "AgentScoreDay",
    "AskedDay",
    "CommentDay",
    "ContactDay",
    "ContactHour",
    "DurationDay",
    "RollupClock",
    "ScoreDay",
    "ScoredTopicsDay",
    "ServedDay",
    "ServiceLevel",
    "TopicDay",
]
