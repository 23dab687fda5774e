"""Counts by reporting day, and what they are measured against."""

from analytics.models.agents import AgentContactDay, AgentDurationDay, AgentScoreDay
from analytics.models.annotations import Annotation
from analytics.models.answers import CommentDay, ScoreDay, ScoredTopicsDay, ServedDay, TopicDay
from analytics.models.asked import AskedDay
from analytics.models.clock import RollupClock
from analytics.models.contacts import ContactDay, ContactHour, DurationDay
from analytics.models.levels import ServiceLevel
from analytics.models.results import AnswerDay, TextDay
from analytics.models.returns import ReturnDay

__all__ = [
    "Annotation",
    "AnswerDay",
    "AgentContactDay",
    "AgentDurationDay",
    "AgentScoreDay",
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
    "TextDay",
    "TopicDay",
]
