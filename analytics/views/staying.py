"""Staying and leaving: churn by contract and by silence, retention, and what feedback has to do with it."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analytics.models import Staying
from analytics.periods import Period
from analytics.staying import counting, customers, files, words
from analytics.staying.report import Report, report
from analytics.staying.tally import CONTRACT, SILENCE, Frame
from analytics.views.about_period import asked_for, shown
from ground.access import requires
from ground.models import Role

STAYING = "analytics:staying"


@requires(Role.VIEWER)
def staying(request: HttpRequest) -> HttpResponse:
    """The counts as of yesterday; a page that finds older ones has them made, and shows these meanwhile."""
    template = "analytics/staying.html"
    form, page = asked_for(request, title=_("Staying and leaving"), home=STAYING)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    name = counting.name_of(form.scope, form.filters().team)
    is_being_made = counting.ask(name) is not None
    counts = counting.newest(name)
    page |= {"counts": counts, "is_being_made": is_being_made, "team": form.cleaned_data["team"]}
    page["is_whole"] = name == counting.WHOLE
    if counts is None:
        return TemplateResponse(request, template, page)
    found = report(counts)
    months = Frame(last=counts.day, window=counts.window).months()
    page["filters"] = replace(form.filters(), period=Period(months[0][0], counts.day), before=None)
    page["as_of"] = counts.made_at
    page |= _told(counts, found, partial(customers.address, page["team"]))
    return shown(request, template, page, tables=lambda: files.tables(found))


def _told(counts: Staying, found: Report, link: words.Link) -> dict[str, Any]:
    return {
        "found": found,
        "kinds": [
            (_("Lost by contract"), "contract_churn", words.leaving(found.contract, CONTRACT, link)),
            (_("Fell silent"), "inactivity_churn", words.leaving(found.silence, SILENCE, link)),
        ],
        "window": words.window_words(counts.window),
        "life": words.life(found.life),
        "left_href": link("left"),
        "too_short": words.too_short(counts, found),
        "curve": words.curve(found.curve),
        "cohorts": words.cohorts(found.cohorts, link),
        "numbers": range(len(found.cohorts)),
        "said": words.said(found, link),
        "gap": words.gap_words(found),
    }
