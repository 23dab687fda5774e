"""Counts by reporting day, what they are measured against, and what is out of the ordinary in them."""

from analytics.models.agents import (
    AgentAnswerDay,
    AgentAskedDay,
    AgentContactDay,
    AgentDurationDay,
    AgentEndedDay,
    AgentScoreDay,
)
from analytics.models.annotations import Annotation
from analytics.models.answers import CommentDay, EndedScoreDay, ScoreDay, ScoredTopicsDay, ServedDay, TopicDay
from analytics.models.asked import AskedDay, AskedSliceDay, DecisionDay
from analytics.models.clock import RollupClock
from analytics.models.contacts import ContactDay, ContactHour, DurationDay
from analytics.models.levels import ServiceLevel, TellingSource
from analytics.models.months import MonthSum
from analytics.models.repeats import RepeatDay
from analytics.models.results import AnswerDay, TextDay
from analytics.models.returns import ReturnDay
from analytics.models.segments import ContactSliceDay, DurationSliceDay, ReturnSliceDay
from analytics.models.slices import CommentSliceDay, ScoreSliceDay
from analytics.models.staying import Staying
from analytics.models.watch import Incident, Watch, WatchedSeries

__all__ = [
    "AgentAnswerDay",
    "AgentAskedDay",
    "Annotation",
    "AnswerDay",
    "AgentContactDay",
    "AgentDurationDay",
    "AgentEndedDay",
    "AgentScoreDay",
    "AskedDay",
    "AskedSliceDay",
    "CommentDay",
    "CommentSliceDay",
    "ContactDay",
    "ContactHour",
    "ContactSliceDay",
    "DecisionDay",
    "DurationDay",
    "DurationSliceDay",
    "EndedScoreDay",
    "Incident",
    "MonthSum",
    "RepeatDay",
    "ReturnDay",
    "ReturnSliceDay",
    "RollupClock",
    "ScoreDay",
    "ScoreSliceDay",
    "ScoredTopicsDay",
    "ServedDay",
    "ServiceLevel",
    "Staying",
    "TellingSource",
    "TextDay",
    "TopicDay",
    "Watch",
    "WatchedSeries",
]
