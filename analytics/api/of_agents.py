"""Agents' scores as the API reads them: as answered, as far as they are known, and beside what their cases bring."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from analytics import agents as by_agent
from analytics.agent_series import by_slot
from analytics.agents import Standing
from analytics.api.question import Question, Told, figure, told
from analytics.still_open import is_preliminary


def plain(asked: Question) -> Iterable[Told]:
    """Each agent's score as answered, the busiest first."""
    if asked.step:
        points = by_slot(asked.filters, asked.scale, asked.step, as_of=asked.as_of)
        return _early(asked, [told(point.key, point.metric, point.start) for point, _known in points])
    return _early(asked, [told(one.agent.external_id, one.metric) for one in _standings(asked) if one.metric])


def known(asked: Question) -> Iterable[Told]:
    """The same drawn to the common mean by how little is known; whoever is outside the funnel has a verdict."""
    if asked.step:
        points = by_slot(asked.filters, asked.scale, asked.step, as_of=asked.as_of)
        return _early(asked, [
            Told(point.key, figure(value, point.metric.n, state=point.metric.state), point.start)
            for point, value in points
        ])  # fmt: skip
    return _figures(asked, lambda one: one.pulled, with_side=True)


def adjusted(asked: Question) -> Iterable[Told]:
    """What everybody's mix of channels and reasons would give each."""
    return _figures(asked, lambda one: one.adjusted)


def _standings(asked: Question) -> list[Standing]:
    found = by_agent.agents(asked.filters, asked.scale, as_of=asked.as_of)
    return list(found.standings) if found.scale == asked.scale else []  # else nobody answered on this one


def _figures(
    asked: Question, value_of: Callable[[Standing], float | None], *, with_side: bool = False
) -> Iterable[Told]:
    return _early(asked, [
        Told(
            one.agent.external_id,
            figure(value_of(one), one.metric.n, state=one.metric.state),
            verdict=(one.side or None) if with_side else None,
        )
        for one in _standings(asked)
        if one.metric
    ])  # fmt: skip


def _early(asked: Question, found: list[Told]) -> list[Told]:
    """Said to be preliminary while links about contacts of the period take answers."""
    if not is_preliminary(asked.filters, as_of=asked.as_of):
        return found
    return [replace(one, numbers={**one.numbers, "preliminary": True}) for one in found]
