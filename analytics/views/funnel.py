"""Asked and answered: how far invitations got."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import funnel_block, rollups
from analytics.funnel import decided, parts, reach, weeks
from analytics.revenue import nps_by_revenue
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from ground.access import requires
from ground.models import Role
from surveys.models import Survey

FUNNEL = "analytics:funnel"
SCOPE = ("team", "channel", "survey")


@requires(Role.VIEWER)
def funnel(request: HttpRequest) -> HttpResponse:
    """How far invitations got, by the day of sending: the steps, the response rate by everything, and the silent."""
    template = "analytics/funnel.html"
    form, page = asked_for(request, title=_("Asked and answered"), home=FUNNEL)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links = form.filters(), form.links(FUNNEL)
    as_of = timezone.now()
    found, divided = reach(filters, as_of=as_of), parts(filters, as_of=as_of)
    revenue = nps_by_revenue(filters)
    names = names_of(form) | {"survey": dict(Survey.objects.values_list("pk", "name"))}
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "steps": funnel_block.steps(found, links=links),
        **funnel_block.strict(found, links=links),
        "how": funnel_block.HOW,
        "open_words": funnel_block.open_words(found),
        "weekly": funnel_block.weekly(weeks(filters), period=filters.period, links=links, notes=page["notes"]),
        "decided": funnel_block.decisions(decided(filters), links=links),
        "tables": funnel_block.tables(divided, is_preliminary=bool(found.open_from), names=names, links=links),
        "silent": funnel_block.silent_words(divided.silent, links=links),
        "revenue": funnel_block.revenue_words(revenue, links=links),
        "counted_href": reverse("admin:surveys_decision_counted"),
    }
    return shown(
        request, template, page,
        tables=lambda: funnel_block.as_tables(
            page["steps"], page["decided"], page["tables"], weeks(filters), divided.silent, revenue,
            page["strict"],
        ),
    )  # fmt: skip
