"""The page "why was this customer asked, or not?", and the reasons of a survey counted."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ground import access
from ground.access import Scope
from ground.admin import scope_for
from ground.text import is_key
from surveys import acquaintance, eligibility, ledger
from surveys.admin.telling import CHECK_NAMES, MARKS, percent
from surveys.models import Customer, Decision, Interaction, Survey

SHOWN = 30
PERIODS = (7, 30, 90, 365)


@dataclass(frozen=True)
class Entry:
    """One decision as the page shows it; `checks` are mark, class and words."""

    decision: Decision
    why: str
    checks: list[tuple[str, str, Any]]


def page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """The decisions about `customer` or `interaction`, or about all that the search `q` finds."""
    scope = scope_for(request)
    sought = request.GET.get("q", "").strip()[:200]
    customer, interaction = _chosen(request, scope)
    found = ledger.find(scope, sought) if sought else ledger.Found((), ())
    if customer:
        rows = ledger.about(scope, customers=[customer.pk])
    elif interaction:
        rows = ledger.about(scope, interactions=[interaction.pk])
    else:
        rows = ledger.about(
            scope, customers=[row.pk for row in found.customers], interactions=[row.pk for row in found.interactions]
        )
    entries, older = _entries(rows, before=request.GET.get("before", ""))
    context = {
        "title": _("Why asked, or not"),
        "sought": sought,
        "customer": customer,
        "interaction": interaction,
        "found": found,
        "is_asked": bool(sought or customer or interaction),
        "entries": entries,
        "older": older,
        "kept": _kept(request),
    }
    return TemplateResponse(request, "admin/surveys/ledger.html", site.each_context(request) | context)


def _chosen(request: HttpRequest, scope: Scope) -> tuple[Customer | None, Interaction | None]:
    """The customer or interaction that the address names; 404 where the reader has served neither."""
    interactions = Interaction.objects.select_related("customer", "team")
    if key := request.GET.get("interaction", ""):
        return None, access.get_visible(interactions, scope, pk=_key(key), own="agent__user")
    if key := request.GET.get("customer", ""):
        known = acquaintance.opening(scope, own=True).filter(customer=_key(key))
        served = known.select_related("customer").first()
        row = served.customer if served else None
        if row is None and scope.covers_all():
            row = Customer.objects.filter(pk=_key(key)).first()
        if row is None:
            raise Http404
        return row, None
    return None, None


def _key(typed: str) -> int:
    if not is_key(typed):
        raise Http404
    return int(typed)


def _entries(rows: QuerySet[Decision], *, before: str) -> tuple[list[Entry], int | None]:
    """A page of entries and the key that the next page begins below."""
    if is_key(before):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    entries = [Entry(decision=row, why=why(row.reason), checks=_checks(row)) for row in found[:SHOWN]]
    return entries, entries[-1].decision.pk if len(found) > SHOWN else None


def why(reason: str) -> str:
    return str(eligibility.REASONS.get(reason, reason))


def _checks(decision: Decision) -> list[tuple[str, str, Any]]:
    looks = {True: "yes", False: "no", None: "moved"}
    return [
        (MARKS.get(step.get("passed"), "✗"), looks.get(step.get("passed"), "no"),
         CHECK_NAMES.get(step.get("check"), step.get("check")))
        for step in decision.trace
    ]  # fmt: skip


def _kept(request: HttpRequest) -> str:
    params = request.GET.copy()
    params.pop("before", None)
    return params.urlencode()


def counted(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Of a survey or of all, in the last days: how often each reason came out, and how many each rule asked."""
    scope = scope_for(request)
    if not scope.oversees:
        raise Http404
    days = int(given) if (given := request.GET.get("days", "")) in {str(period) for period in PERIODS} else 30
    until = timezone.now()
    since = until - dt.timedelta(days=days)
    survey = Survey.objects.filter(pk=_key(key)).first() if (key := request.GET.get("survey", "")) else None
    found = ledger.counts(scope, since=since, until=until, survey=survey)
    rules = ledger.by_rule(scope, since=since, until=until, survey=survey)
    context = {
        "title": _("Asked and not asked"),
        "survey": survey,
        "surveys": Survey.objects.filter(is_archived=False),
        "days": days,
        "periods": PERIODS,
        "counts": found,
        "lines": [(line, _in_words(line.reason), percent(line.share)) for line in found.lines],
        "rules": [(line, percent(line.share)) for line in rules],
    }
    return TemplateResponse(request, "admin/surveys/reasons.html", site.each_context(request) | context)


def _in_words(reason: str) -> str:
    return capfirst(why(reason)) if reason else _("Nothing against it")
