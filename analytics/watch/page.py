"""The page of deviations: what is out of the ordinary, what people decided about it, and how easily it is told."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics import page_files
from analytics.models import Incident, Watch, WatchedSeries
from analytics.models.watch import Metric
from analytics.periods import DAY
from analytics.watch import files, incidents, replay, showing, telling, words
from analytics.watch.subjects import METRICS
from ground import audit, job_cards
from ground.access import Scope, get_visible, requires
from ground.models import Role, User, reporting_day

PAGE = telling.PAGE
SHOWN_DAYS, MOST = 365 * DAY, 200
SNOOZES = {"day": DAY, "week": 7 * DAY}
LONGEST_SNOOZE = 365 * DAY
State = Incident.State


@requires(Role.VIEWER)
def page(request: HttpRequest) -> HttpResponse:
    """What is going on, what was decided, what was; what is watched, how easily it alarms, and a year replayed."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    form, today = page_files.asked_for(request), reporting_day(timezone.now())
    watch = Watch.current()
    rows = incidents.visible(scope).filter(last_day__gte=today - SHOWN_DAYS)
    found = list(rows.select_related("team", "topic", "decided_by").order_by("-last_day", "-pk")[:MOST])
    going = [row for row in found if row.over_on is None and row.state == State.OPEN]
    decided = [row for row in found if row.over_on is None and row.state in (State.ACKNOWLEDGED, State.SNOOZED)]
    beside = showing.scales(watch.judged_until or today)
    shower = showing.Shower(going + decided, scope=scope, beside=beside)
    series = list(WatchedSeries.objects.filter(scope.rows("team")).select_related("team", "topic"))
    context = admin.site.each_context(request) | {
        "title": _("Deviations"),
        "going": [one for one in shower.cards() if one.row in going],
        "decided": [shower.card(row) for row in decided],
        "past": [_past(row) for row in found if row not in going and row not in decided],
        "judged_until": watch.judged_until,
        "tomorrow": today + DAY,
        "may_decide": {row.pk for row in going + decided if scope.allows(row.team_id, least=Role.MANAGER)},
    }
    context |= _watched(scope, watch, series, beside) | _replayed(cast(User, request.user), scope)
    if form:
        return page_files.file(
            request, files.tables(context), form=form, title=context["title"], name="deviations", days=str(today)
        )
    context["exports"] = page_files.offered(request)
    return TemplateResponse(request, "analytics/deviations.html", context)


def _past(row: Incident) -> dict[str, Any]:
    return {
        "row": row,
        "title": words.title(row),
        "place": words.place(row),
        "look": words.look(row),
        "said": words.sentence(row),
        "state": row.get_state_display() if row.state == State.DISMISSED else "",
    }


def _watched(
    scope: Scope, watch: Watch, series: list[WatchedSeries], beside: Mapping[showing.Place, str]
) -> dict[str, Any]:
    by = [row.by for row in series]
    return {
        "places": showing.places(series, beside),
        "number": {key: by.count(key) for key in WatchedSeries.By.values},
        "watched": by.count(WatchedSeries.By.DAY) + by.count(WatchedSeries.By.WEEK),
        "profiles": showing.false_alarms(series),
        "profile": watch.profile,
        "metrics": [(key, name, key not in watch.left_out) for key, name in Metric.choices],
        "may_set_up": scope.covers_all(least=Role.MANAGER),
        "may_replay": scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER)),
    }


def _replayed(person: User, scope: Scope) -> dict[str, Any]:
    job = replay.last(person)
    if job is None:
        return {"replay": None}
    card = job_cards.card(job)
    found = showing.replayed(replay.found_by(job), scope=scope) if job.finished_at else []
    return {
        "replay": card,
        "replayed": found,
        "replayed_profile": dict(Watch.Profile.choices).get(job.params["profile"], ""),
        "replayed_series": job.result.get("series", 0),
        "is_over": bool(job.finished_at),
    }


# --- what people do there ----------------------------------------------------------------------------------------


@require_POST
@requires(Role.MANAGER)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a deviation, put it off, call it not worth it, or open it again."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    row = get_visible(Incident.objects.all(), scope, pk=pk, least=Role.MANAGER)
    act, person = request.POST.get("act", ""), cast(User, request.user)
    if act == "snooze":
        until = _until(request)
        if until is None:
            messages.error(request, _("Choose a day from tomorrow on, within a year."))
        else:
            incidents.decide(row, State.SNOOZED, by=person, until=until)
            messages.success(request, _("Put off: you are told again if it still goes on then."))
    elif act in ACTS:
        state, said = ACTS[act]
        incidents.decide(row, state, by=person)
        messages.success(request, said())
    return redirect(PAGE)


ACTS: dict[str, Any] = {
    "acknowledge": (State.ACKNOWLEDGED, lambda: _("Noted that somebody looks after it.")),
    "dismiss": (State.DISMISSED, lambda: _("Not worth it: it stands among the past ones.")),
    "reopen": (State.OPEN, lambda: _("It is open again.")),
}


def _until(request: HttpRequest) -> dt.date | None:
    """The day that was asked for, when it lies ahead."""
    today = reporting_day(timezone.now())
    asked = request.POST.get("for", "")
    if asked in SNOOZES:
        return today + SNOOZES[asked]
    try:
        until = parse_date(request.POST.get("until", ""))
    except ValueError:
        return None
    return until if until and today < until <= today + LONGEST_SNOOZE else None


@require_POST
@requires(Role.MANAGER)
def set_up(request: HttpRequest) -> HttpResponse:
    """Say how easily deviations are told, and of which metrics; or replay the last year."""
    scope, person = request.scope, cast(User, request.user)  # type: ignore[attr-defined]
    profile = request.POST.get("profile", "")
    if profile not in Watch.Profile.values:
        return redirect(PAGE)
    if "replay" in request.POST:
        replay.start(profile, by=person)
        return redirect(reverse(PAGE) + "#replay")
    if not scope.covers_all(least=Role.MANAGER):
        raise PermissionDenied
    left_out = [key for key in METRICS if key not in request.POST.getlist("metric")]
    Watch.objects.update_or_create(pk=1, defaults={"profile": profile, "left_out": left_out})
    audit.note("deviations.set_up", by=person, profile=profile, left_out=left_out)
    messages.success(request, _("Kept. It holds from the next night on."))
    return redirect(reverse(PAGE) + "#watched")
