"""Topics of comments: all of them, and one of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import impact_block, reports, rollups, tables, wording
from analytics.annotations import Note
from analytics.forms import DashboardForm
from analytics.impact import Impact, impact
from analytics.links import Links
from analytics.periods import local_day
from analytics.reports import Classes, Filters, TopicRow
from analytics.topics import block, words
from analytics.topics.report import about, classes_of
from analytics.topics.rising import rising
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from analytics.views.fix_first import FIX_FIRST
from feedback.models import Topic
from feedback.topics import standing
from ground import remembered
from ground.access import requires
from ground.models import Role
from ground.text import is_storable

TOPICS = "analytics:topics"
SCOPE = ("team", "channel", "survey", "source", "evidence")


@requires(Role.VIEWER)
def topics(request: HttpRequest) -> HttpResponse:
    """What comments are about: mentions, classes, scores and points by topic; with `about`, one topic alone."""
    form, page = asked_for(request, title=_("Topics"), home=TOPICS)
    if not form.is_valid():
        return TemplateResponse(request, "analytics/topic_table.html", page, status=400)
    filters, as_of = form.filters(), timezone.now()
    code = request.GET.get("about", "")
    one = Topic.objects.filter(code=code).select_related("parent").first() if code and is_storable(code) else None
    one = standing(one) if one else None
    links = form.links(TOPICS, kept={"about": one.code} if one else {})
    classes = reports.classes(filters, as_of=as_of)
    rows = reports.topics(filters, among=classes, as_of=as_of)
    found = _impact(filters, as_of=as_of)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "how": impact_block.HOW,
        "name": wording.NAMES[found.scale],
        "fix_first_href": links.there(FIX_FIRST),
    }
    if one:
        page |= notes_on(request, filters)
        page |= _one(one, rows, found, form=form, links=links, classes=classes, notes=page["notes"], as_of=as_of)
        return shown(request, "analytics/topic.html", page, tables=lambda: _tables(page))
    sort = request.GET.get("sort", "")
    page |= {
        "lines": block.lines(rows, found, sort=sort, links=links),
        "sorts": block.sorts(sort if sort in block.SORTS else "negative", links=links),
        "rare": [(row.topic, links.here(about=row.topic.code)) for row in rows if row.state == "hidden"],
        "classes": classes,
        "week": (week := rising(filters, today=local_day(as_of, filters.zone))),
        "risen": block.risen(week, links=links),
    }
    return shown(
        request, "analytics/topic_table.html", page, tables=lambda: [block.table(rows, found), block.risen_table(week)]
    )


def _impact(filters: Filters, *, as_of: dt.datetime) -> Impact:
    """On the score that most answered with."""
    scale = reports.usual_scale(reports.cards(filters, as_of=as_of))
    return remembered.while_costly(f"impact {filters} {scale}", lambda: impact(filters, scale))


def _one(
    topic: Topic, rows: Sequence[TopicRow], found: Impact, *, form: DashboardForm, links: Links, classes: Classes,
    notes: Sequence[Note], as_of: dt.datetime,
) -> dict[str, Any]:  # fmt: skip
    filters = links.filters
    row = next((row for row in rows if row.topic.pk == topic.pk), None)
    page: dict[str, Any] = {
        "title": str(topic),
        "topic": topic,
        "row": row,
        "all_href": replace(links, kept={}).here(),
        "comments_href": links.comments(topic=topic.code),
        "edit_href": _edit_href(topic, filters),
    }
    if row is None or row.state == "hidden":
        return page
    told = about(filters, row, among=classes, every=classes_of(filters), as_of=as_of)
    names = names_of(form)
    names["survey"] = {None: _("No survey"), **{pk: name for pk, name in form.fields["survey"].choices if pk}}  # type: ignore[attr-defined]
    children = [child for child in rows if child.topic.parent_id == topic.pk]
    return page | {
        "line": next(iter(block.lines([row], found, sort="", links=links)), None),
        "net_tone": block.net_tone(told),
        "tone_words": block.tone_words(told),
        "weekly": block.trend(told.weeks, topic, period=filters.period, links=links, notes=notes),
        "told": told,
        "impact": found,
        "portions": block.portions(told, topic, names=names, links=links),
        "inside": block.lines(children, found, sort="mentions", links=links),
        "words": words.telling_words(filters, topic),
        "quotes": block.quote_rows(words.quotes(filters, topic), zone=filters.zone),
    }


def _edit_href(topic: Topic, filters: Filters) -> str:
    may_set = filters.scope.covers_all(least=Role.MANAGER)
    return reverse("admin:feedback_topic_change", args=[topic.pk]) if may_set else ""


def _tables(page: dict[str, Any]) -> list[tables.Table]:
    """What the page of one topic shows, as a file has it."""
    if "told" not in page:
        return []
    weekly = tables.weeks(page["weekly"].name, page["told"].weeks, unit="share")
    said = [(word,) for word in page["words"]]
    facts = [
        block.table([page["row"]], page["impact"]),
        tables.Table(
            _("Positive less negative"), (_("Indicator"), *tables.NUMBER),
            [(_("Positive less negative"), *tables.number(page["told"].net, unit="points"))],
        ),
        *([tables.Table(_("What people say"), (_("Words"),), said)] if said else []),
    ]  # fmt: skip
    return [*facts, weekly, *(tables.segments(part) for part, _marked in page["portions"])]
