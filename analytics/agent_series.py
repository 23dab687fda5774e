"""Each agent's score slot by slot: as answered, and drawn to the mean of all of the slot (M27)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analytics.agents import counts_of, known_agents, pulled
from analytics.over_time import Point, points_of, slotted
from analytics.reports import Filters, score_of, within
from analytics.stored import Total

BySlot = Mapping[dt.date, Counter[Any]]


def by_slot(filters: Filters, scale: str, step: str, *, as_of: dt.datetime) -> list[tuple[Point, float | None]]:
    """The score of each agent and slot, and what of it is known; the agents of each team add up to its total."""
    names = {agent.pk: agent.external_id for agent in known_agents(filters)}
    rows = counts_of(filters).filter(scale=scale, agent__in=list(names))
    tallies = slotted(rows, filters.period, step, "score", "agent")
    drawn = _drawn(tallies, scale)
    found: list[tuple[Point, float | None]] = []
    for members in _by_team(filters, scale, tallies).values():
        for point in points_of(members, lambda hist: score_of(hist, scale), as_of=as_of):
            is_shown = point.metric.state != "hidden"
            known = drawn.get(point.start, {}).get(point.key) if is_shown else None
            found.append((replace(point, key=names[point.key]), known))
    return found


def _drawn(tallies: Mapping[Any, BySlot], scale: str) -> dict[dt.date, dict[int, float | None]]:
    """By slot, of those who have answers in it."""
    scores: dict[dt.date, dict[int, Any]] = defaultdict(dict)
    for agent, slots in tallies.items():
        for day, hist in slots.items():
            if hist:
                scores[day][agent] = score_of(hist, scale)
    return {day: pulled(of_agents) for day, of_agents in scores.items()}


def _by_team(filters: Filters, scale: str, tallies: Mapping[Any, BySlot]) -> dict[Any, dict[int, BySlot]]:
    """The agents by the team that most of their answers are of."""
    answers: dict[int, Counter[int | None]] = defaultdict(Counter)
    rows = counts_of(filters).filter(within(filters.period), scale=scale).values_list("agent", "team")
    for agent, team, n in rows.annotate(rows=Total("count")).order_by():
        answers[agent][team] += n
    teams: dict[Any, dict[int, BySlot]] = defaultdict(dict)
    for agent, slots in tallies.items():
        own = answers[agent]
        teams[max(own, key=lambda team: (own[team], team or 0))][agent] = slots
    return teams
