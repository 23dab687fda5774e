"""The dashboard: one period, one comparison, one scope, all of them in the address."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import (
    blocks,
    dashboard_tables,
    focus,
    focus_block,
    follows,
    formats,
    funnel_block,
    lede,
    reports,
    rollups,
    served_slice_block,
    service_block,
    suggestions,
    waits,
    wording,
)
from analytics.annotations import Note
from analytics.focus import Focus
from analytics.forms import DashboardForm
from analytics.funnel import reach
from analytics.impact import impact
from analytics.left_out import left_out
from analytics.links import Links
from analytics.quality import figures
from analytics.reports import Classes, Filters, Scores, TopicRow
from analytics.served_slice import served as served_slice
from analytics.service import Service, service
from analytics.unanswered import NOBODY, unanswered
from analytics.views.about_period import DATED, SCOPE, asked_for, controls, names_of, notes_on, shown
from analytics.views.fix_first import FIX_FIRST
from analytics.views.funnel import FUNNEL
from analytics.views.service import SERVICE
from analytics.views.side_by_side import SIDE_BY_SIDE
from analytics.watch import showing
from feedback.models import CommentClass
from ground import remembered
from ground.access import requires
from ground.models import Role

TEMPLATE = "analytics/dashboard.html"
DASHBOARD = "analytics:dashboard"
# What a topic costs takes a third of a second to find among 30,000 texts, and does not change within minutes.
IMPACT_SECONDS = 600


@requires(Role.VIEWER)
def dashboard(request: HttpRequest) -> HttpResponse:
    form, page = asked_for(request, title=_("Indicators"), home=DASHBOARD, is_sliced=True, is_dated=True)
    if not form.is_valid():
        return TemplateResponse(request, TEMPLATE, page, status=400)
    filters, links = form.filters(), form.links()
    page |= {
        "filters": filters,
        "links": links,
        "controls": controls(form, links, scope=(*SCOPE, DATED)),
        "as_of": rollups.as_of(),
        "all_of_it_href": links.here(only=""),
    }
    page |= notes_on(request, filters)
    if not filters.slice:
        page["anomalies"] = showing.brief(filters.scope, team=filters.team, channel=filters.channel)
    page |= _content(form, filters=filters, links=links, notes=page["notes"])
    if page["is_empty"]:
        page |= _empty(filters, links=links)
    return shown(request, TEMPLATE, page, tables=lambda: dashboard_tables.tables(page))


def _content(form: DashboardForm, *, filters: Filters, links: Links, notes: Sequence[Note]) -> dict[str, Any]:
    as_of = timezone.now()
    missing = follows.missing(filters)
    scores = reports.scores(filters, as_of=as_of)
    classes = reports.classes(filters, as_of=as_of)
    topics = reports.topics(filters, among=classes, as_of=as_of)
    waiting = NOBODY if filters.slice else unanswered(filters, as_of=as_of)
    served = None if filters.slice else service(filters, waiting, as_of=as_of)
    names = names_of(form)
    asked = {} if follows.INVITATIONS in missing else _asked(filters, links=links, as_of=as_of)
    of_slice = _of_slice(filters, links=links, as_of=as_of)
    told = _service(served, filters=filters, links=links, names=names["channel"]) if served else {}
    where = wording.where(scores, names=names, filters=filters)
    sentences = [wording.better_or_worse(scores.cards, filters=filters), *([] if served else [where])]
    if served:
        found = focus.focus(filters, waiting, as_of=as_of)
        told["focus"] = focus_block.strip(found, served, links=links)
        sentences += _sentences(found, served, scores, topics, filters=filters, links=links, names=names["team"])
    return {
        "is_empty": not (
            classes.total
            or (served and served.contacts)
            or (of_slice and of_slice["cells"])
            or asked.get("steps")
            or any(card.metric.n for card in scores.cards)
        ),
        "lede": sentences,
        "where_words": where,
        "side_by_side_href": links.there(SIDE_BY_SIDE, dated=filters.dated),
        "cards": [blocks.card_block(card, links=links, period=filters.period, notes=notes) for card in scores.cards],
        "where": _where(scores, names=names, links=links),
        "other_scales": wording.other_scales(scores),
        "left_out": "" if filters.slice else blocks.left_out_words(left_out(filters), links=links),
        "of_slice": of_slice,
        "missing": missing,
        "not_sliced": [follows.NAMES[block] for block in missing],
        "unfollowed": follows.notes(filters),
        "waits": _waits(filters, scores.scale, links=links, as_of=as_of),
    } | _comments(classes, topics, filters=filters, links=links) | asked | told  # fmt: skip


def _where(scores: Scores, *, names: Mapping[str, Mapping[Any, str]], links: Links) -> list[Any]:
    kinds = [(_("By team"), scores.teams, "team"), (_("By channel"), scores.channels, "channel")]
    found = [
        blocks.where_block(title, segments, scale=scores.scale, column=column, names=names[column], links=links)
        for title, segments, column in kinds
    ]
    return [block for block in found if block]


def _of_slice(filters: Filters, *, links: Links, as_of: dt.datetime) -> dict[str, Any] | None:
    found = served_slice(filters.slice, filters, as_of=as_of) if filters.slice else None
    return served_slice_block.block(found, links=links) if found else None


def _waits(filters: Filters, scale: str, *, links: Links, as_of: dt.datetime) -> Any:
    steps = reports.by_wait(filters, scale, as_of=as_of)
    return blocks.where_block(
        _("What waiting costs"), steps, scale=scale, column="wait", names=waits.RESPONSE.names, links=links
    )


def _sentences(
    found: Focus, served: Service, scores: Scores, topics: Sequence[TopicRow], *, filters: Filters, links: Links,
    names: Mapping[Any, str],
) -> list[wording.Sentence]:  # fmt: skip
    """What costs most, and who is late."""
    costs = remembered.while_costly(
        f"impact {filters} {scores.scale}", lambda: impact(filters, scores.scale), seconds=IMPACT_SECONDS
    )
    return [
        lede.costs_most(costs, topics, links=links, href=links.there(FIX_FIRST)),
        lede.who_is_late(found, whole=served.total.within, names=names, href=f"{links.there(SERVICE)}#teams"),
    ]


def _comments(classes: Classes, topics: Sequence[TopicRow], *, filters: Filters, links: Links) -> dict[str, Any]:
    known = figures.known_of(filters)
    return {
        "classes": classes,
        "class_rows": blocks.class_rows(
            classes, links=links, known=known, tones=suggestions.by_tone(filters, among=classes)
        ),
        "is_not_corrected": known is None and not figures.are_all(filters) and figures.known(filters.scope) is not None,
        "all_href": links.comments(),
        "unsure_href": links.comments(of_class=CommentClass.UNSURE),
        "source_words": blocks.source_words(classes, links),
        "topics": blocks.topic_rows(topics, links=links),
        "fix_first_href": links.there(FIX_FIRST),
        "rare_topics": blocks.rare_topics(topics, links=links),
    }


def _asked(filters: Filters, *, links: Links, as_of: dt.datetime) -> dict[str, Any]:
    sent = reach(filters, as_of=as_of)
    return {
        "steps": funnel_block.steps(sent, links=links),
        "funnel_how": funnel_block.HOW,
        "open_words": funnel_block.open_words(sent),
        "funnel_href": "" if filters.slice else links.there(FUNNEL),
    }


def _service(found: Service, *, filters: Filters, links: Links, names: dict[Any, str]) -> dict[str, Any]:
    may_set = filters.scope.covers_all(least=Role.MANAGER)
    return {
        "service": found,
        "service_title": _("First response"),
        "service_how": service_block.HOW,
        "service_rows": service_block.rows(found, names=names, links=links),
        "behind": service_block.behind(links, {}),
        "contacts_href": links.contacts(),
        "before_href": links.contacts(filters.before),
        "wait_href": links.contacts(enqueued_at__isnull="False", answered_at__isnull="False"),
        "complaints_href": links.contacts(is_complaint__exact="1"),
        "reopened_href": links.contacts(reopened_at__isnull="False"),
        "abandoned_href": links.contacts(is_abandoned__exact="1"),
        "levels_href": reverse("admin:analytics_servicelevel_changelist") if may_set else "",
        "resolution": service_block.spoken(found.resolution),
        "wait": service_block.spoken(found.wait),
        "week": service_block.week(found, links=links),
        "hours": range(24),
        "peak": service_block.peak_words(found),
        "zone": filters.zone,
    } | service_block.in_no_share(found.facts, is_cut=found.is_cut, links=links)


def _empty(filters: Filters, *, links: Links) -> dict[str, Any]:
    """Where the newest rows are when the period has none, and whether the reader may set asking up."""
    newest = reports.last_day(filters)
    days = filters.period.ending(newest) if newest else None
    return {
        "newest": formats.day(newest, year=True) if newest else "",
        "newest_href": links.here(**{"from": days.start, "to": days.end}) if days else "",
        "may_set_up": filters.scope.covers_all(least=Role.MANAGER),
    }
