"""Agents and teams beside each other, and the page of one agent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import (
    agent_reasons,
    agents_block,
    agents_files,
    one_agent,
    reports,
    rollups,
    served_slice_block,
    tables,
    wording,
)
from analytics import agents as standings
from analytics.agent_attributes import attributes
from analytics.agents import Agents
from analytics.funnel_plot import plot
from analytics.links import Links
from analytics.scores import Share
from analytics.slice_counts import AGENT
from analytics.slices import Slice
from analytics.still_open import is_preliminary
from analytics.unanswered import of_contacts
from analytics.views.about_period import DATED, asked_for, controls, names_of, notes_on, shown
from analytics.work import work_by
from ground.access import Scope, get_visible, requires
from ground.models import Role
from surveys.models import Agent

AGENTS = "analytics:agents"
SCOPE = ("team", "channel", "survey", "evidence", DATED)


@requires(Role.VIEWER)
def agents(request: HttpRequest) -> HttpResponse:
    """Each team's and agent's score with what chance and the mix of cases leave of it; by contacts, never by score."""
    template = "analytics/agents.html"
    form, page = asked_for(request, title=_("Agents: scores"), home=AGENTS, is_dated=True)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of = form.filters(), timezone.now()
    everybody = "all" in request.GET or bool(form.cleaned_data["format"])
    found = standings.agents(filters, request.GET.get("scale", ""), as_of=as_of, everybody=everybody)
    links = form.links(AGENTS, kept={"scale": found.scale})
    scored = () if filters.team else reports.segments(filters, "team", found.scale, as_of=as_of)
    work = {} if filters.team else work_by("team", filters, of_contacts(filters), as_of=as_of)
    names = names_of(form)["team"]
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "how": agents_block.HOW,
        "name": wording.NAMES[found.scale],
        "scales": _scales(found.scales, found.scale, links),
        "total": found.total,
        "is_preliminary": is_preliminary(filters, as_of=as_of),
        "is_share": isinstance(found.total, Share),
        **_rows(found, links, everybody=everybody),
        "teams": agents_block.teams(scored, work, names=names, scale=found.scale, links=links),
        "has_levels": any(one.work and one.work.within for one in found.standings),
        "has_promises": filters.levels.promise_solving,
        "plot": plot(found.standings, found.total),
        "spoken": agents_block.spoken_plot(found),
        **_by_reason(found, filters.scope, links),
        **agents_block.qualities(found, attributes(filters, _keys(found), as_of=as_of), links=links),
    }

    def in_file() -> list[tables.Table]:
        rows = agents_block.lines(found.standings, found, links=links)
        return agents_files.as_tables(rows, page)

    return shown(request, template, page, tables=in_file)


def _keys(found: Agents) -> list[int]:
    return [one.agent.pk for one in found.standings]


def _rows(found: Agents, links: Links, *, everybody: bool) -> dict[str, Any]:
    told = found.standings if everybody else found.foremost
    return {
        "rows": agents_block.lines(told, found, links=links),
        "left_out": len(found.standings) - len(told),
        "all_href": links.here(all=1),
    }


def _scales(scales: Sequence[str], chosen: str, links: Links) -> list[tuple[Any, str, bool]]:
    """The scores that may be looked at."""
    return [(wording.NAMES[scale], links.here(scale=scale), scale == chosen) for scale in scales]


def _by_reason(found: Agents, scope: Scope, links: Links) -> dict[str, Any]:
    """The table by reason of the teams that the reader leads; NPS is no share, and has none."""
    rows = agent_reasons.led(found.rows, scope)
    if not rows:
        return {}
    names = {one.agent.pk: one.agent for one in found.standings}
    told = agent_reasons.matrix(rows)
    return {
        "reasons": told.reasons,
        "by_reason": agents_block.reasons(told, scale=found.scale, names=names, links=links),
        "hints": [agents_block.hint_words(cell, names=names) for cell in told.hints if cell.agent in names],
    }


@requires(Role.AGENT)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent: the score and its weeks, the work, and the reasons; seen by the agent too."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    row = get_visible(Agent.objects.select_related("team"), scope, pk=pk, own="user")
    template, path = "analytics/agent.html", reverse("analytics:agent", args=[pk])
    form, page = asked_for(request, title=str(row), home=AGENTS, is_dated=True)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links, as_of = form.filters(), form.links(path), timezone.now()
    found = one_agent.one_agent(row, filters, as_of=as_of)
    own_rows = Links(replace(filters, slice=Slice(AGENT, str(pk), str(row), pk)), asked=form.asked())
    offered = SCOPE[1:] if row.team_id else SCOPE
    page |= notes_on(request, replace(filters, team=filters.team or row.team_id))
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=offered if scope.oversees else ("channel", DATED)),
        "as_of": rollups.as_of(),
        "agent": row,
        "cards": one_agent.cards(found, links=own_rows, notes=page["notes"]),
        "served": served_slice_block.block(found.served, links=own_rows),
        "rates": found.rates,
        "links": _links(row, own_rows),
        "asked": agents_block.behind_asked(agents_block.of_all_surveys(links), pk),
        "by_reason": one_agent.reason_rows(found, links=own_rows),
        "name": wording.NAMES[found.scale],
    }
    return shown(request, template, page, tables=lambda: one_agent.as_tables(page))


def _links(row: Agent, links: Links) -> dict[str, str]:
    return {
        "contacts": links.contacts(),
        "comments": links.comments(),
        "negative": links.comments(of_class="negative"),
        "invitations": links.invitations(agent__id__exact=row.pk),
        "all": links.there(AGENTS, dated=links.filters.dated) if links.filters.scope.oversees else "",
    }


@requires(Role.AGENT)
def own(request: HttpRequest) -> HttpResponse:
    """The page of the agent as whom this person works."""
    row = Agent.objects.filter(user=request.user).only("pk").first()  # type: ignore[misc]
    if row is None:
        messages.warning(request, _("Your log-in is linked to no agent yet; an administrator does that."))
        return redirect("admin:feedback_comment_changelist")
    return agent(request, row.pk)
