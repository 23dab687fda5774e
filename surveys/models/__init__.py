"""Whom we ask, what, when, and what was decided and sent."""

from surveys.models.asking import Decision, Invitation, Message, SendingRule
from surveys.models.customers import Agent, Customer, Interaction, InteractionEvent, Suppression
from surveys.models.questionnaire import Question, Survey, SurveyVersion

__all__ = [
    "Agent",
    "Customer",
    "Decision",
    "Interaction",
    "InteractionEvent",
    "Invitation",
    "Message",
    "Question",
    "SendingRule",
    "Suppression",
    "Survey",
    "SurveyVersion",
]
