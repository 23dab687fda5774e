"""Agents: scores beside what was asked and answered."""

import datetime as dt

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import agents as by_agent
from analytics import reports
from analytics.forms import PERIODS
from ground.access import requires
from ground.models import Role

AGENT_DAYS = 90


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
