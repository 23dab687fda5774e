"""Whom we ask, what, when, and what was decided and sent."""

from surveys.models.asking import Decision, Invitation, Message
from surveys.models.customers import (
    Agent,
    Consent,
    Customer,
    Interaction,
    InteractionEvent,
    Pause,
    Segment,
    Skip,
    Suppression,
)
from surveys.models.own_data import ErasureRequest, OwnDataLink
from surveys.models.questionnaire import Full, Question, QuotaPeriod, Survey, SurveyVersion
from surveys.models.rules import AskingPolicy, RuleDay, RuleSchedule, SendingRule
from surveys.models.ways import Gateway, Link, WidgetShow

__all__ = [
    "Agent",
    "AskingPolicy",
    "Consent",
    "Customer",
    "Decision",
    "ErasureRequest",
    "Full",
    "Gateway",
    "Interaction",
    "InteractionEvent",
    "Invitation",
    "Link",
    "Message",
    "OwnDataLink",
    "Pause",
    "Question",
    "QuotaPeriod",
    "RuleDay",
    "RuleSchedule",
    "Segment",
    "SendingRule",
    "Skip",
    "Suppression",
    "Survey",
    "SurveyVersion",
    "WidgetShow",
]
