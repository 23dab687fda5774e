"""How the contacts of one agent, or those of one segment of customers, are served: what their counts know of it."""

import datetime as dt
from dataclasses import dataclass

from analytics.agents import of_agents
from analytics.metrics import Metric, measure
from analytics.reports import Filters
from analytics.scores import share
from analytics.serving import segments
from analytics.serving.parts import WORKING
from analytics.serving.spans import Spread, spread
from analytics.slices import SERVED, Slice
from analytics.work import work_by


@dataclass(frozen=True, kw_only=True)
class Served:
    """Contacts that began in the period, by working time; `contacts_before` is None without a comparison.

    `within` is None without a level, `in_time` (solved within it) where none says how soon. The first response and what
    was reopened are told of segments alone, how long solving took of agents alone.
    """

    contacts: int
    contacts_before: int | None
    within: Metric | None
    solved: Metric
    followed: Metric
    at_once: Metric
    in_time: Metric | None = None
    response: Spread | None = None
    resolution: Spread | None = None
    reopened: Metric | None = None


def served(chosen: Slice, filters: Filters, *, as_of: dt.datetime, clock: str = WORKING) -> Served | None:
    """None of a topic or a language, by which contacts are not counted; times of segments go by either clock."""
    if chosen.kind not in SERVED:
        return None
    if chosen.key is not None:
        return of_agent(chosen.key, filters, as_of=as_of)
    return _of_segment(chosen.value, filters, clock=clock, as_of=as_of)


def of_agent(agent: int, filters: Filters, *, as_of: dt.datetime) -> Served:
    """The contacts of one agent that the reader may see."""
    work = work_by("agent", filters, of_agents(filters, agent=agent), as_of=as_of, is_compared=True).get(agent)
    nothing = measure({0: share(0, 0)}, as_of=as_of)[0]
    if work is None:
        return Served(
            contacts=0, contacts_before=None, within=nothing if filters.levels else None, solved=nothing,
            followed=nothing, at_once=nothing, in_time=nothing if filters.levels.promise_solving else None,
            resolution=spread({}),
        )  # fmt: skip
    return Served(
        contacts=work.contacts,
        contacts_before=work.contacts_before,
        within=work.within,
        solved=work.solved,
        followed=work.back.followed if work.back else nothing,
        at_once=work.back.resolved if work.back else nothing,
        in_time=work.in_time,
        resolution=work.resolution,
    )


def _of_segment(value: str, filters: Filters, *, clock: str, as_of: dt.datetime) -> Served:
    row = segments.of_segment(value, filters, clock=clock, as_of=as_of)
    return Served(
        contacts=row.contacts,
        contacts_before=row.contacts_before,
        within=row.within,
        solved=row.solved,
        followed=row.returns["repeat_contacts"],
        at_once=row.returns["first_contact_resolution"],
        in_time=row.in_time,
        response=row.response,
        reopened=row.reopened,
    )
