"""One agent's numbers: the scores with their weeks, the work, and where the agent is ahead of colleagues or behind."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import agent_reasons, agents_files, blocks, dashboard_tables, served_slice_block, tables
from analytics.agents import Row, answered, asked_about, counted_in, of_answers, tally
from analytics.agents_block import LOOKS, WORDS
from analytics.annotations import Note
from analytics.display import SHOWN_FROM, segment_states
from analytics.links import Links
from analytics.reports import CSAT, NPS, Filters, ScoreCard, cards_of
from analytics.scores import share
from analytics.served_rows import TOLD_REASON
from analytics.served_slice import Served, of_agent
from surveys.models import Agent
from surveys.rates import Rates


@dataclass(frozen=True, kw_only=True)
class OneAgent:
    """What a page tells of an agent; `cells` compare with colleagues where the reader leads them, else alone."""

    agent: Agent
    cards: tuple[ScoreCard, ...]
    scale: str
    own: tuple[Row, ...]
    cells: tuple[agent_reasons.Cell, ...]
    served: Served
    rates: Rates


def one_agent(agent: Agent, filters: Filters, *, as_of: dt.datetime) -> OneAgent:
    """The agent's numbers of the period, of the rows that the reader may see."""
    cards = cards_of(counted_in(filters), of_answers(filters, agent=agent.pk), filters, as_of=as_of)
    scale = next((card.scale for card in cards if card.metric.n and card.scale != NPS), CSAT)
    own = tuple(answered(filters, scale, agent=agent.pk))
    served = of_agent(agent.pk, filters, as_of=as_of)
    return OneAgent(
        agent=agent,
        cards=cards,
        scale=scale,
        own=own,
        cells=_beside_colleagues(agent, own, scale, filters),
        served=served,
        rates=asked_about(filters, [agent.pk], {agent.pk: served.contacts})[agent.pk],
    )


def _beside_colleagues(
    agent: Agent, own: Sequence[Row], scale: str, filters: Filters
) -> tuple[agent_reasons.Cell, ...]:
    """Only whoever leads the team compares: others may not see the colleagues' rows."""
    teams = {row.team for row in agent_reasons.led(own, filters.scope)}
    if not teams:
        return ()
    rows = [row for row in answered(filters, scale) if row.team in teams]
    found = agent_reasons.matrix(rows)
    return tuple(cell for (key, _reason), cell in found.cells.items() if key == agent.pk)


def cards(found: OneAgent, *, links: Links, notes: Sequence[Note]) -> list[blocks.CardBlock]:
    """The score cards; `links` are those of the agent's own rows."""
    return [blocks.card_block(card, links=links, period=links.filters.period, notes=notes) for card in found.cards]


def as_tables(page: Mapping[str, Any]) -> list[tables.Table]:
    """What the page of an agent shows, for a file."""
    by_reason = [
        (
            row["reason"],
            *tables.number(row["score"] if row["state"] != "hidden" else None, unit="share"),
            row["rest"].value if row["rest"] else None,
            row["rest"].n if row["rest"] else None,
            row["word"],
        )
        for row in page["by_reason"]
    ]
    columns = (_("Reason"), *tables.NUMBER, _("Colleagues"), "n", _("Different"))
    return [
        *dashboard_tables.of_cards(page["cards"]),
        served_slice_block.table(page["served"]),
        *([asked] if (asked := agents_files.asked_table(page["rates"])).rows else []),
        tables.Table(_("By reason"), columns, by_reason),
    ]


def reason_rows(found: OneAgent, *, links: Links) -> list[dict[str, Any]]:
    """By reason, the most frequent first, beside the colleagues where the reader may compare."""
    own = {reason: share(*counts) for reason, counts in tally(found.own, "reason").items()}
    states = segment_states({reason: score.n for reason, score in own.items()})
    beside = {cell.reason: cell for cell in found.cells}
    ordered = sorted(own.items(), key=lambda item: (-item[1].n, item[0]))
    return [
        {
            "reason": reason or _("no reason told"),
            "score": score,
            "href": links.responses(scale=found.scale, served=f"{TOLD_REASON}:{reason}") if reason else "",
            "state": states[reason],
            "rest": cell.rest if cell and cell.rest.n >= SHOWN_FROM else None,
            "look": LOOKS.get(cell.side, "") if cell else "",
            "word": WORDS.get(cell.side, "") if cell else "",
        }
        for reason, score in ordered
        for cell in [beside.get(reason)]
    ]
