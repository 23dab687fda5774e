"""What the pages of agents show: each one's numbers with their words and links, ready for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics import formats, rows_behind
from analytics.agent_attributes import Attribute
from analytics.agent_reasons import Cell, Matrix
from analytics.agents import Agents, Standing
from analytics.asked_counts import ANSWERED, SENT
from analytics.links import Links
from analytics.reports import Segment
from analytics.returns import variant_of
from analytics.returns_block import came_back
from analytics.served_rows import TOLD_REASON
from analytics.service_block import behind_each, spoken
from analytics.work import Work
from feedback.answer_filter import Asked
from surveys.models import Agent
from surveys.returning import DONE, QUESTION

PAGE = "analytics:agent"
HOW = gettext_lazy(
    "An answer belongs to the agent whom it names; answers to anonymous surveys belong to nobody. Pulled to the mean: "
    "what is left of the score when the common mean counts the more, the fewer answers there are (Marshall). With "
    "everybody’s cases: good answers over those that such channels and reasons bring to all, times the score of all. "
    "Different is only who has 30 answers and lies more than three standard deviations from the score of all."
)
SIDES = {
    "above": gettext_lazy("above what chance gives"),
    "below": gettext_lazy("below what chance gives"),
}
LOOKS = {"above": "pos", "below": "neg", "ahead": "pos", "behind": "neg"}
WORDS = {"ahead": gettext_lazy("better than colleagues"), "behind": gettext_lazy("worse than colleagues")}


def lines(standings: Sequence[Standing], found: Agents, *, links: Links) -> list[dict[str, Any]]:
    """One row for each of these agents, for both tables."""
    of_all = of_all_surveys(links)
    return [_line(one, found, links=links, of_all=of_all) for one in standings]


def _line(one: Standing, found: Agents, *, links: Links, of_all: Links) -> dict[str, Any]:
    n, unit = one.metric.n if one.metric else 0, found.total.unit
    return {
        "agent": one.agent,
        "href": links.there(reverse(PAGE, args=[one.agent.pk]), dated=links.filters.dated),
        "metric": one.metric,
        "answers_href": links.responses(agent=one.agent.pk, scale=found.scale),
        "pulled_value": one.pulled,
        "adjusted_value": one.adjusted,
        "pulled": formats.score(one.pulled, unit=unit, n=n),
        "adjusted": formats.score(one.adjusted, unit=unit, n=n),
        "verdict": SIDES.get(one.side, ""),
        "look": LOOKS.get(one.side, "neu"),
        "contacts_href": links.contacts(agent__id__exact=one.agent.pk),
        "behind": behind(links, {"agent__id__exact": one.agent.pk}),
        "work": told_work(one.work),
        "rates": one.rates,
        "asked": behind_asked(of_all, one.agent.pk),
    }


def behind(links: Links, narrowed: Mapping[str, Any]) -> dict[str, str]:
    """The contacts behind each number of somebody's work."""
    numbers = {
        "within": rows_behind.WITHIN, "judged": rows_behind.JUDGED, "solved": rows_behind.SOLVED,
        "in_time": rows_behind.IN_TIME, "old_enough": rows_behind.OLD_ENOUGH,
        "solved_within": rows_behind.SOLVED_WITHIN, "solved_judged": rows_behind.SOLVED_JUDGED,
    }  # fmt: skip
    variant = variant_of(links.filters)
    return behind_each(links, narrowed, numbers) | {
        kept: links.contacts(**narrowed, **came_back(variant, kept)) for kept in (DONE, QUESTION)
    }


def of_all_surveys(links: Links) -> Links:
    """The same, where a survey is no matter."""
    return replace(links, filters=replace(links.filters, survey=None))


def behind_asked(of_all: Links, agent: int) -> dict[str, str]:
    """The invitations of all surveys behind each number of how often somebody's customers are asked."""
    return {fact: of_all.invitations(agent__id__exact=agent, counted=fact) for fact in (SENT, ANSWERED)}


def told_work(work: Work | None) -> dict[str, Any]:
    """Contacts in words; empty for who had none."""
    return {"found": work, "resolution": spoken(work.resolution)} if work else {}


def teams(
    scored: Sequence[Segment], work: Mapping[Any, Work], *, names: Mapping[Any, str], scale: str, links: Links
) -> list[dict[str, Any]]:
    """The teams with most answers first; empty where there is only one."""
    metrics = {segment.key: segment.metric for segment in scored}
    keys = sorted(metrics.keys() | work.keys(), key=lambda key: (-_volume(work.get(key)), str(names.get(key, ""))))
    rows = [
        {
            "name": names.get(key, ""),
            "metric": metrics.get(key),
            "answers_href": links.responses(team=key or "none", scale=scale),
            "contacts_href": links.contacts(**({"team__id__exact": key} if key else {"team__isnull": "True"})),
            "behind": behind(links, {"team__id__exact": key} if key else {"team__isnull": "True"}),
            "work": told_work(work.get(key)),
        }
        for key in keys
    ]
    return rows if len(rows) > 1 else []


def _volume(work: Work | None) -> int:
    return work.contacts if work else 0


def reasons(found: Matrix, *, scale: str, names: Mapping[int, Agent], links: Links) -> list[dict[str, Any]]:
    """The table of agents by reasons, row by row."""
    return [
        {
            "agent": names[agent],
            "href": links.there(reverse(PAGE, args=[agent])),
            "cells": [
                _cell(found.cells.get((agent, reason)), href=_about(links, agent, scale, reason))
                for reason in found.reasons
            ],
        }
        for agent in found.agents
        if agent in names
    ]


def _about(links: Links, agent: int, scale: str, reason: str) -> str:
    return links.responses(agent=agent, scale=scale, served=f"{TOLD_REASON}:{reason}")


def _cell(cell: Cell | None, *, href: str) -> dict[str, Any]:
    if cell is None:
        return {}
    return {"found": cell, "href": href, "look": LOOKS.get(cell.side, ""), "word": WORDS.get(cell.side, "")}


def qualities(found: Agents, attributes: Sequence[Attribute], *, links: Links) -> dict[str, Any]:
    """The table of agents by qualities, in the order of the other tables; empty where nothing may be shown."""
    told = {agent for one in attributes for agent, metric in one.metrics.items() if metric.state != "hidden"}
    attributes = [one for one in attributes if told & one.metrics.keys()]
    return {
        "qualities": [_quality(attribute) for attribute in attributes],
        "by_quality": [
            {
                "agent": one.agent,
                "href": links.there(reverse(PAGE, args=[one.agent.pk])),
                "cells": [
                    (attribute.metrics.get(one.agent.pk), _answers(links, one.agent.pk, attribute))
                    for attribute in attributes
                ],
            }
            for one in found.standings
            if one.agent.pk in told
        ],
    }


def _answers(links: Links, agent: int, attribute: Attribute) -> str:
    return links.responses(agent=agent, answer=str(Asked(attribute.questions, attribute.item)))


def _quality(attribute: Attribute) -> dict[str, str]:
    """Its name, and the scale: means of different ones do not compare."""
    question, scale, language = attribute.question, attribute.scale, get_language() or ""
    text = question.text(language)
    return {
        "name": question.name(attribute.item, language) if attribute.item else text,
        "of": text if attribute.item else "",
        "scale": f"{scale.low}–{scale.high}",
    }


def hint_words(cell: Cell, *, names: Mapping[int, Agent]) -> str:
    """ "A. Petrova, payment: 52% (n=40) against 78% of colleagues"."""
    return _("%(agent)s, %(reason)s: %(own)s (n=%(n)s), colleagues %(rest)s") % {
        "agent": names[cell.agent],
        "reason": cell.reason,
        "own": formats.value_of(cell.own),
        "n": formats.number(cell.own.n),
        "rest": formats.value_of(cell.rest),
    }


def spoken_plot(found: Agents) -> str:
    """The funnel plot for whoever does not see it."""
    outside = [f"{one.agent} {SIDES[one.side]}" for one in found.standings if one.side]
    return "; ".join(outside) if outside else _("nobody lies outside the limits")
