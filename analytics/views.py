"""The dashboard: one period, one comparison, one scope, all of them in the address."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analytics import agents as by_agent
from analytics import (
    audit,
    blocks,
    funnel_block,
    impact_block,
    registry,
    reports,
    rollups,
    service_block,
    waits,
    wording,
)
from analytics.forms import COMPARISONS, PERIODS, DashboardForm
from analytics.funnel import parts, reach, weeks
from analytics.impact import impact
from analytics.left_out import left_out
from analytics.links import Links
from analytics.quality import figures
from analytics.reports import Filters
from analytics.service import Service, service
from feedback.models import CommentClass
from ground import remembered
from ground.access import requires
from ground.models import Role, reporting_day
from surveys.models import Survey
from surveys.models.customers import Channel

TEMPLATE = "analytics/dashboard.html"
AGENT_DAYS = 90
DASHBOARD, FUNNEL, FIX_FIRST = "analytics:dashboard", "analytics:funnel", "analytics:fix_first"
SCOPE_OF_ASKING = ("team", "channel", "survey")
SCOPE_OF_TOPICS = (*SCOPE_OF_ASKING, "evidence")
SCOPE = ("team", "channel", "survey", "source", "evidence")


@requires(Role.VIEWER)
def dashboard(request: HttpRequest) -> HttpResponse:
    form, page = _asked_for(request, title=_("Indicators"), home=DASHBOARD)
    if not form.is_valid():
        return TemplateResponse(request, TEMPLATE, page, status=400)
    filters, links = form.filters(), Links(form.filters())
    page |= {"filters": filters, "links": links, "controls": _controls(form, links), "as_of": rollups.as_of()}
    page |= _content(form, filters=filters, links=links)
    if page["is_empty"]:
        page |= _empty(filters, links=links)
    return TemplateResponse(request, TEMPLATE, page)


@requires(Role.VIEWER)
def funnel(request: HttpRequest) -> HttpResponse:
    """How far invitations got, by the day of sending: the steps, the response rate by everything, and the silent."""
    template = "analytics/funnel.html"
    form, page = _asked_for(request, title=_("Asked and answered"), home=FUNNEL)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links = form.filters(), Links(form.filters(), page=FUNNEL)
    as_of = timezone.now()
    found, divided = reach(filters, as_of=as_of), parts(filters, as_of=as_of)
    names = _names(form) | {"survey": dict(Survey.objects.values_list("pk", "name"))}
    page |= {
        "filters": filters,
        "controls": _controls(form, links, scope=SCOPE_OF_ASKING),
        "as_of": rollups.as_of(),
        "steps": funnel_block.steps(found, links=links),
        "how": funnel_block.HOW,
        "open_words": funnel_block.open_words(found),
        "weekly": funnel_block.weekly(weeks(filters), period=filters.period, links=links),
        "tables": funnel_block.tables(divided, is_preliminary=bool(found.open_from), names=names, links=links),
        "silent": funnel_block.silent_words(divided.silent),
        "counted_href": reverse("admin:surveys_decision_counted"),
    }
    return TemplateResponse(request, template, page)


@requires(Role.VIEWER)
def fix_first(request: HttpRequest) -> HttpResponse:
    """Which topics cost points of the score, with the other topics held fixed, and which to mend first."""
    template = "analytics/fix_first.html"
    form, page = _asked_for(request, title=_("What to fix first"), home=FIX_FIRST)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links, as_of = form.filters(), Links(form.filters(), page=FIX_FIRST), timezone.now()
    scores = reports.scores(filters, as_of=as_of)
    scale = request.GET.get("scale") if request.GET.get("scale") in reports.SCALES else scores.scale
    found = remembered.while_costly(f"impact {filters} {scale}", lambda: impact(filters, str(scale)))
    topics = reports.topics(filters, among=reports.classes(filters, as_of=as_of), as_of=as_of)
    card = next((card for card in scores.cards if card.scale == scale), None)
    page |= {
        "filters": filters,
        "controls": _controls(form, links, scope=SCOPE_OF_TOPICS),
        "as_of": rollups.as_of(),
        "how": impact_block.HOW,
        "name": wording.NAMES[str(scale)],
        "lead": impact_block.lead(found, all_score=card.metric if card else None),
        "found": found,
        "rows": impact_block.lines(found, topics, links=links),
        "chart": impact_block.chart(found, topics),
        "scales": [
            (wording.NAMES[card.scale], links.here(scale=card.scale), card.scale == scale)
            for card in scores.cards
            if card.metric.n
        ],
    }
    return TemplateResponse(request, template, page)


@requires(Role.VIEWER)
def agents(request: HttpRequest) -> HttpResponse:
    """Each agent's score beside ask, skip and response rate; by contacts, never by score."""
    scope, as_of = request.scope, timezone.now()  # type: ignore[attr-defined]
    asked = request.GET.get("days", "")
    days = int(asked) if asked in dict(PERIODS) else AGENT_DAYS
    scale = reports.NPS if request.GET.get("scale") == reports.NPS else reports.CSAT
    rows = by_agent.agents(scope, since=as_of - dt.timedelta(days=days), as_of=as_of, scale=scale)
    page = admin.site.each_context(request) | {
        "title": _("Agents: scores"),
        "rows": rows,
        "days": days,
        "periods": [(int(key), label) for key, label in PERIODS],
        "scale": scale,
        "scales": [(reports.CSAT, "CSAT"), (reports.NPS, "NPS")],
    }
    return TemplateResponse(request, "analytics/agents.html", page)


@requires(Role.VIEWER)
def metrics(request: HttpRequest) -> HttpResponse:
    """How every indicator is computed: the register of metrics as a page, each with an address of its own on it."""
    page = admin.site.each_context(request) | {"title": _("How indicators are computed"), "groups": registry.grouped()}
    page["audit"] = audit.last() if request.scope.covers_all() else None  # type: ignore[attr-defined]
    return TemplateResponse(request, "analytics/metrics.html", page)


def _asked_for(request: HttpRequest, *, title: str, home: str) -> tuple[DashboardForm, dict[str, Any]]:
    """The filters of the address, and what every page about a period begins with."""
    form = DashboardForm(request.GET, scope=request.scope, today=reporting_day(timezone.now()))  # type: ignore[attr-defined]
    return form, admin.site.each_context(request) | {"title": title, "form": form, "home": home}


def _content(form: DashboardForm, *, filters: Filters, links: Links) -> dict[str, Any]:
    as_of = timezone.now()
    scores = reports.scores(filters, as_of=as_of)
    classes = reports.classes(filters, as_of=as_of)
    topics = reports.topics(filters, among=classes, as_of=as_of)
    served = service(filters, as_of=as_of)
    names = _names(form)
    asked = _asked(filters, links=links, as_of=as_of)
    kinds = [
        (_("By team"), scores.teams, "team"),
        (_("By channel"), scores.channels, "channel"),
    ]
    return {
        "is_empty": not (
            classes.total or served.contacts or asked["steps"] or any(card.metric.n for card in scores.cards)
        ),
        "lede": wording.lede(scores, topics, filters=filters, links=links, names=names),
        "cards": [blocks.card_block(card, links=links, period=filters.period) for card in scores.cards],
        "where": [
            block
            for title, segments, column in kinds
            if (block := blocks.where_block(
                title, segments, scale=scores.scale, column=column, names=names[column], links=links
            ))
        ],
        "classes": classes,
        "class_rows": blocks.class_rows(classes, links=links, known=figures.known(filters.scope)),
        "all_href": links.comments(),
        "unsure_href": links.comments(of_class=CommentClass.UNSURE),
        "source_words": blocks.source_words(classes, links),
        "topics": blocks.topic_rows(topics, links=links),
        "fix_first_href": links.there(FIX_FIRST),
        "left_out": blocks.left_out_words(left_out(filters), links=links),
        "rare_topics": blocks.rare_topics(topics, links=links),
        "waits": blocks.where_block(
            _("What waiting costs"), reports.by_wait(filters, scores.scale, as_of=as_of), scale=scores.scale,
            column="wait", names=waits.NAMES, links=links,
        ),
    } | asked | _service(served, filters=filters, links=links, names=names["channel"])  # fmt: skip


def _asked(filters: Filters, *, links: Links, as_of: dt.datetime) -> dict[str, Any]:
    sent = reach(filters, as_of=as_of)
    return {
        "steps": funnel_block.steps(sent, links=links),
        "funnel_how": funnel_block.HOW,
        "open_words": funnel_block.open_words(sent),
        "funnel_href": links.there(FUNNEL),
    }


def _service(found: Service, *, filters: Filters, links: Links, names: dict[Any, str]) -> dict[str, Any]:
    may_set = filters.scope.covers_all(least=Role.MANAGER)
    return {
        "service": found,
        "service_title": _("First response"),
        "service_how": service_block.HOW,
        "service_rows": service_block.rows(found, names=names, links=links),
        "contacts_href": links.contacts(),
        "complaints_href": links.contacts(is_complaint__exact="1"),
        "levels_href": reverse("admin:analytics_servicelevel_changelist") if may_set else "",
        "resolution": service_block.spoken(found.resolution),
        "wait": service_block.spoken(found.wait),
        "week": service_block.week(found),
        "hours": range(24),
        "peak": service_block.peak_words(found),
        "zone": filters.zone,
    }


def _names(form: DashboardForm) -> dict[str, dict[Any, str]]:
    return {
        "team": {None: _("No team"), **form.teams},
        "channel": {"": _("No channel"), **{code: capfirst(str(name)) for code, name in Channel.choices}},
    }


def _controls(form: DashboardForm, links: Links, *, scope: Sequence[str] = SCOPE) -> dict[str, Any]:
    """The period's presets as links, and the other choices as lists, with what is chosen."""
    preset, compare = form.chosen_preset(), form.cleaned_data["compare"]
    return {
        "preset": preset,
        "presets": [
            {"label": label, "href": links.here(period=key, compare=compare), "is_chosen": key == preset}
            for key, label in PERIODS
        ],
        "comparisons": [(key, label, key == (compare or "previous")) for key, label in COMPARISONS],
        "choices": [_choice(form, name) for name in scope],
        "chosen": sum(bool(form.cleaned_data[name]) for name in scope),
        "page": links.page,
    }


def _choice(form: DashboardForm, name: str) -> dict[str, Any]:
    field, chosen = form.fields[name], form[name].value()
    options = [(value, label, str(value) == chosen) for value, label in field.choices if value]  # type: ignore[attr-defined]
    return {"name": name, "label": field.label, "options": options}


def _empty(filters: Filters, *, links: Links) -> dict[str, Any]:
    """Where the newest rows are when the period has none, and whether the reader may set asking up."""
    newest = reports.last_day(filters)
    days = filters.period.ending(newest) if newest else None
    return {
        "newest": newest,
        "newest_href": links.here(**{"from": days.start, "to": days.end}) if days else "",
        "may_set_up": filters.scope.covers_all(least=Role.MANAGER),
    }
