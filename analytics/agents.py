"""Each agent's score beside how it came about: who picks the customers that are asked picks the score."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from analytics.metrics import Metric, measure
from analytics.reports import CSAT, NPS
from analytics.scores import csat, nps_from_histogram
from feedback.models import Response
from ground.access import Scope
from surveys import rates
from surveys.models import Agent
from surveys.rates import Rates

MOST = 500


@dataclass(frozen=True)
class AgentRow:
    """One agent: the score with its interval, None where nobody answered on this scale, and the rates."""

    agent: Agent
    metric: Metric | None
    rates: Rates


def agents(scope: Scope, *, since: dt.datetime, as_of: dt.datetime, scale: str) -> list[AgentRow]:
    """The agents that the scope covers and whose contacts ended or were answered, the busiest first.

    `scale` is csat_5 or nps. Seven statements, however many agents there are.
    """
    known = {agent.pk: agent for agent in _agents(scope)}
    hists = _histograms(scope, list(known), since=since, scale=scale)
    score = nps_from_histogram if scale == NPS else lambda hist: csat(hist, CSAT)
    metrics = measure({pk: score(hist) for pk, hist in hists.items()}, as_of=as_of, partition=True)
    found = rates.by_agent(scope, list(known), since=since)
    rows = [AgentRow(agent=known[pk], metric=metrics.get(pk), rates=found[pk]) for pk in known]
    told = [row for row in rows if row.metric or row.rates.contacts or row.rates.skipped]
    return sorted(told, key=lambda row: (-row.rates.contacts, str(row.agent)))


def _agents(scope: Scope) -> QuerySet[Agent]:
    return Agent.objects.filter(scope.rows(own="user")).select_related("team").order_by("name", "pk")[:MOST]


def _histograms(scope: Scope, agents: list[int], *, since: dt.datetime, scale: str) -> dict[int, Counter[int]]:
    """Counted answers by agent and score, of the rows that the scope covers."""
    counted = Response.objects.filter(
        scope.rows(own="agent__user"), agent__in=agents, answered_at__gte=since, scale=scale,
        evidence__in=Response.COUNTED, is_excluded=False, score__isnull=False,
    )  # fmt: skip
    found: dict[int, Counter[int]] = {}
    for agent, score, number in counted.order_by().values_list("agent", "score").annotate(number=Count("pk")):
        found.setdefault(agent, Counter())[score] += number
    return found
