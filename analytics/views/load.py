"""Load and staff: what comes in and when, what to expect, and how many people it takes."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import rollups, service_block
from analytics.serving import files, load_words
from analytics.serving.load import load as load_of
from analytics.serving.plan_form import PlanForm
from analytics.serving.staff import staff
from analytics.views.about_period import asked_for, controls, names_of, shown
from analytics.volume import DAYS_FOR_FORECAST
from ground.access import requires
from ground.models import Role

LOAD = "analytics:load"
SCOPE = ("team", "channel")


@requires(Role.VIEWER)
def load(request: HttpRequest) -> HttpResponse:
    """The days behind and ahead, the hours of the week, and the people they need."""
    template = "analytics/load.html"
    form, page = asked_for(request, title=_("Load and staff"), home=LOAD)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of = form.filters(), timezone.now()
    names = names_of(form)["channel"]
    planned = PlanForm(request.GET, names=names)
    plan = planned.plan()
    kept = {name: value for name in planned.fields if (value := request.GET.get(name))}
    links = form.links(LOAD, kept=kept)
    found, needed = load_of(filters, as_of=as_of), staff(filters, plan, as_of=as_of)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "found": found,
        "needs": DAYS_FOR_FORECAST,
        "days": load_words.drawn(found.behind, found.ahead),
        "days_ahead": load_words.days_ahead(found),
        "week": service_block.week(found, links=links),
        "hours": range(24),
        "peak": service_block.peak_words(found),
        "zone": filters.zone,
        "contacts_href": links.contacts(),
        "contacts": sum(cell.contacts for cell in found.hours.values()),
        "plan": plan,
        "plan_form": planned,
        "plan_fields": load_words.fields(planned, plan, needed),
        "kept": [(name, value) for name, value in request.GET.items() if name not in {*planned.fields, "format"}],
        "staff": needed,
        "staff_weeks": load_words.weeks_of(needed, names=names),
        "written": load_words.written_days(needed),
    }
    return shown(request, template, page, tables=lambda: files.load(found, needed, names=names))
