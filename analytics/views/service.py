"""Service times: how soon customers are responded to, how long they queue, what is solved and what is open."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import reports, rollups, rows_behind
from analytics.annotations import Note
from analytics.comparisons import change
from analytics.links import Links
from analytics.periods import local_day
from analytics.queue_steps import TARGETS
from analytics.reports import Filters
from analytics.scores import share
from analytics.service_block import in_no_share
from analytics.serving import files, left_words, segment_words, words
from analytics.serving.history import left_open
from analytics.serving.parts import WORKING
from analytics.serving.queues import USUAL_TARGET, queues
from analytics.serving.reasons import reasons
from analytics.serving.report import Times, skewed, times
from analytics.serving.segments import by_segment
from analytics.serving.weeks import solved_weekly, weekly
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from analytics.waiting import DEFAULT_FORMULA, Formula
from ground import remembered
from ground.access import requires
from ground.models import Role
from surveys.models import Interaction
from surveys.resolved import RESOLVED

SERVICE = "analytics:service"
SCOPE = ("team", "channel")
KEPT = ("clock", "within", "formula")


@requires(Role.VIEWER)
def service(request: HttpRequest) -> HttpResponse:
    """First responses, queues, solving and the backlog, by channel and team."""
    template = "analytics/service_times.html"
    form, page = asked_for(request, title=_("Service times"), home=SERVICE)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of = form.filters(), timezone.now()
    kept = {name: value for name in KEPT if (value := request.GET.get(name))}
    links = form.links(SERVICE, kept=kept)
    clock = _chosen(request, "clock", dict(words.CLOCKS), WORKING)
    found, names = times(filters, clock=clock, as_of=as_of), names_of(form)
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "links": links,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "found": found,
        "clock": clock,
        "kept": [(name, value) for name, value in request.GET.items() if name not in ("within", "formula", "format")],
        "clocks": [(label, links.here(clock=key), key == clock) for key, label in words.CLOCKS],
        "channel_rows": words.rows(found, "channel", names=names["channel"], links=links),
        "team_rows": words.rows(found, "team", names=names["team"], links=links),
        "charts": _charts(found, filters, clock=clock, names=names["channel"], links=links, notes=page["notes"]),
        "how": words.HOW,
        "first_solved": words.span(found.total.first_solved),
        "requester_wait": words.span(found.total.requester_wait),
        "requester_wait_href": links.contacts(requester_wait_seconds__isnull="False"),
        "first_solved_href": links.contacts(counted=rows_behind.SOLVED),
    }
    page |= in_no_share(found.facts, is_cut=found.is_cut, links=links)
    page |= _queues(request, filters, names=names["channel"], links=links, as_of=as_of)
    page |= _solved(found, filters, links=links, notes=page["notes"], as_of=as_of)
    page["left"] = _left(filters, names=names["channel"], links=links, as_of=as_of)
    page |= {"skewed": skewed(filters), "skewed_href": links.contacts(counted=rows_behind.SKEWED)}
    page |= _reasons(filters, links=links, as_of=as_of)
    of_segments = by_segment(filters, found.waiters, clock=clock, as_of=as_of)
    page |= {"segments": segment_words.blocks(of_segments, links=links), "has_levels": found.total.within is not None}
    return shown(request, template, page, tables=lambda: [*files.times(page), *segment_words.in_file(of_segments)])


def _chosen(request: HttpRequest, name: str, among: Mapping[str, Any], usual: str) -> str:
    asked = request.GET.get(name, usual)
    return asked if asked in among else usual


def _charts(
    found: Times, filters: Filters, *, clock: str, names: Mapping[Any, str], links: Links, notes: Sequence[Note]
) -> list[words.ChannelCharts]:
    last = filters.period.moments(filters.zone)[1] - dt.timedelta(seconds=1)
    targets = {}
    for channel in found.histograms:
        level = filters.levels.of(Interaction(channel=channel, created_at=last))
        if level and level.is_working_time == (clock == WORKING):
            targets[channel] = float(level.seconds)
    weeks = weekly(filters, clock=clock, waiters=found.waiters, has_levels=bool(filters.levels))
    return words.channel_charts(found, weeks, targets=targets, names=names, period=filters.period, links=links,
                                notes=notes)  # fmt: skip


def _queues(
    request: HttpRequest, filters: Filters, *, names: Mapping[Any, str], links: Links, as_of: dt.datetime
) -> dict[str, Any]:
    asked = request.GET.get("within", "")
    target = int(asked) if asked in [str(known) for known in TARGETS] else USUAL_TARGET
    formula: Formula = _chosen(request, "formula", dict.fromkeys(get_args(Formula)), DEFAULT_FORMULA)  # type: ignore[assignment]
    found = queues(filters, target=target, formula=formula, as_of=as_of)
    return {
        "queue_rows": words.queue_lines(found, target=target, formula=formula, names=names, links=links),
        "target": target,
        "targets": TARGETS,
        "formula": formula,
        "formulas": [(key, f"{key}: {label}", key == formula) for key, label in words.FORMULAS.items()],
        "formula_words": words.FORMULAS[formula],
        "may_set_levels": filters.scope.covers_all(least=Role.MANAGER),
        "levels_href": reverse("admin:analytics_servicelevel_changelist"),
    }


def _left(filters: Filters, *, names: Mapping[Any, str], links: Links, as_of: dt.datetime) -> left_words.History | None:
    found = remembered.while_costly(
        f"left open {filters} {local_day(as_of, filters.zone)}",
        lambda: left_open(filters, by="channel", as_of=as_of),
    )
    return left_words.history(found, today=local_day(as_of, filters.zone), names=names, links=links)


def _reasons(filters: Filters, *, links: Links, as_of: dt.datetime) -> dict[str, Any]:
    found = reasons(filters, as_of=as_of)
    return {
        "reasons": found,
        "reason_rows": words.reason_lines(found, links=links),
        "is_cut": len(found) > words.MOST_REASONS,
        "returns_href": links.there("analytics:returns"),
        "complaints_href": links.there("analytics:complaints"),
        "by_service_href": links.there("analytics:by_service"),
    }


def _solved(
    found: Times, filters: Filters, *, links: Links, notes: Sequence[Note], as_of: dt.datetime
) -> dict[str, Any]:
    """What the contacts say of solving, week by week too, what customers say, and the gap between the two (M22)."""
    said, told = reports.metric(filters, RESOLVED, as_of=as_of), found.total.solved
    gap = None
    if told.value is not None and said.value is not None:
        gap = change(share(said.num or 0, said.den or 0), share(told.num or 0, told.den or 0))
    weeks = solved_weekly(filters, as_of=as_of)
    return {
        "said": said,
        "gap": words.gap_words(gap),
        "gap_found": gap,
        "said_href": links.responses(scale=RESOLVED),
        "has_promises": filters.levels.promise_solving,
        "solved_weeks": words.solved_weeks(weeks, period=filters.period, links=links, notes=notes),
    }
