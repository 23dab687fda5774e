"""Counts by the agent who served: of answers, and of the interactions that began on a day."""

from django.db import models

from analytics.models.counted import Counted
from surveys.models import Agent, Question, Survey


class OfAgent(Counted):
    """Counted for one agent: the one whom the row itself names, whatever team the agent is in by now."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class AgentScoreDay(OfAgent):
    """How many responses of this day gave this score after this agent's work on this matter (`reason`)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    scale = models.CharField(max_length=16)
    reason = models.CharField(max_length=100, blank=True)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serve the sums over a period, with or without a team, and the page of one agent.
        indexes = [
            models.Index(fields=["cut", "day", "team", "scale"], name="analytics_agentscore_day"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_agentscore_agent"),
            # Holds all that the scores of everybody are summed from.
            models.Index(
                fields=["cut", "scale", "day", "team", "agent", "channel", "reason", "score", "count"],
                name="analytics_agentscore_scale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.scale} {self.score}: {self.count}"


class AgentEndedDay(OfAgent):
    """The same of answers about contacts that ended on this day; counted by the day of the answers, `answered`."""

    COUNTED_BY = "answered"

    answered = models.DateField()
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", db_index=False)
    scale = models.CharField(max_length=16)
    reason = models.CharField(max_length=100, blank=True)
    evidence = models.CharField(max_length=12)
    score = models.SmallIntegerField()

    class Meta:
        # Serve the sums over a period, with or without a team, the page of one agent, and the recount of a day.
        indexes = [
            models.Index(fields=["cut", "day", "team", "scale"], name="analytics_agentended_day"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_agentended_agent"),
            models.Index(fields=["cut", "answered"], name="analytics_agentended_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.scale} {self.score}: {self.count}"


class AgentAnswerDay(OfAgent):
    """How many responses of this day about this agent's work gave this value to a further question or to its item."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+", db_index=False)
    evidence = models.CharField(max_length=12)
    item = models.CharField(max_length=32, blank=True)
    value = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_agentanswer_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.question_id} {self.item} {self.value}: {self.count}"


class AgentAskedDay(OfAgent):
    """Of how many invitations about the agent's work that left on this day a fact is true (`asked_counts`)."""

    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_agentasked_day"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_agentasked_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.fact}: {self.count}"


class AgentContactDay(OfAgent):
    """Of how many of the agent's interactions that began on this day a fact is true (`contact_counts`)."""

    fact = models.CharField(max_length=12)

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_agentcontact_day"),
            models.Index(fields=["cut", "fact", "day", "team", "agent", "count"], name="analytics_agentcontact_fact"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_agentcontact_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.fact}: {self.count}"


class AgentDurationDay(OfAgent):
    """How many of the agent's interactions that began on this day took how long (`stored`)."""

    span = models.CharField(max_length=20)
    buckets = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(fields=["cut", "day", "team"], name="analytics_agentduration_day"),
            models.Index(fields=["cut", "agent", "day"], name="analytics_agentduration_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.agent_id} {self.span}: {self.count}"
