"""Complaints: how many, how fast they are met, and what is still open."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import rollups
from analytics.complaining import files, words
from analytics.complaining.report import complaints as report
from analytics.links import Links
from analytics.serving.words import span
from analytics.views.about_period import asked_for, controls, names_of, shown
from ground.access import requires
from ground.models import Role

COMPLAINTS = "analytics:complaints"
SCOPE = ("team", "channel")


@requires(Role.VIEWER)
def complaints(request: HttpRequest) -> HttpResponse:
    """Complaints of the period and their rate; how fast they are met; those that are open, the overdue first."""
    template = "analytics/complaints.html"
    form, page = asked_for(request, title=_("Complaints"), home=COMPLAINTS)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links, as_of = form.filters(), Links(form.filters(), page=COMPLAINTS), timezone.now()
    found = report(filters, as_of=as_of)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "found": found,
        "href": links.contacts(**words.COMPLAINTS),
        "contacts_href": links.contacts(),
        "ratio": words.ratio_words(found),
        "weekly": words.weekly(found, period=filters.period, links=links),
        "response": span(found.response),
        "solving": span(found.solving),
        "tables": words.tables(found, names=names_of(form), links=links),
        "rows": words.rows(found, as_of=as_of),
        "overdue": sum(one.is_overdue for one in found.unsolved),
        "open_href": links.open_contacts(**words.COMPLAINTS),
        "may_set_levels": filters.scope.covers_all(least=Role.MANAGER),
        "levels_href": reverse("admin:analytics_servicelevel_changelist"),
    }
    return shown(request, template, page, tables=lambda: files.of_page(found, page["tables"], as_of=as_of))
