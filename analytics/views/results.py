"""Survey results: each survey's score, and of one survey what each question was answered."""

from typing import Any

from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import funnel, rollups
from analytics.asked_counts import COMPLETED, STARTED
from analytics.forms import DashboardForm
from analytics.links import Links
from analytics.reports import Filters
from analytics.results import block, tables
from analytics.results.report import results as answered
from analytics.results.surveys import scored
from analytics.views.about_period import asked_for, controls, names_of, shown
from ground import remembered
from ground.access import requires
from ground.models import Role
from surveys.models import Survey

RESULTS = "analytics:results"
SCOPE = ("survey", "team", "channel", "evidence")


@requires(Role.VIEWER)
def results(request: HttpRequest) -> HttpResponse:
    """The surveys with their scores; with one of them chosen, its questions."""
    template = "analytics/results.html"
    form, page = asked_for(request, title=_("Survey results"), home=RESULTS)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links = form.filters(), form.links(RESULTS)
    page |= {
        "filters": filters,
        "links": links,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
    }
    names = {pk: name for pk, name in form.fields["survey"].choices if pk}  # type: ignore[attr-defined]
    if filters.survey:
        page["controls"]["chosen"] -= 1  # the page says it in its title
        page |= _of_survey(request, form, filters, links=links) | {"title": names[filters.survey]}
    else:
        found = scored(filters, as_of=timezone.now())
        page |= {"surveys": block.survey_rows(found, names, links=links)}
        return shown(request, template, page, tables=lambda: [tables.surveys(found, names)])
    return shown(request, template, page, tables=lambda: tables.tables(page["cards"], page["completed"]))


def _of_survey(request: HttpRequest, form: DashboardForm, filters: Filters, *, links: Links) -> dict[str, Any]:
    number, language = request.GET.get("version", ""), request.GET.get("lang", "")
    language = language if language in LANG_INFO else ""
    is_number = number.isascii() and number.isdigit() and len(number) < 6
    version = int(number) if is_number else None
    found = remembered.while_costly(
        f"results {filters} {version} {language}",
        lambda: answered(filters, as_of=timezone.now(), version=version, language=language),
    )
    is_anonymous = Survey.objects.filter(is_anonymous=True, pk__in=[filters.survey]).exists()
    as_of = timezone.now()
    spoken = {code: _(str(info["name"])) for code, info in LANG_INFO.items() if "name" in info}
    return {
        "found": found,
        "completed": None if is_anonymous else funnel.rates_by(filters, "completion_rate", "", as_of=as_of)[0].metric,
        "completed_href": links.invitations(counted=COMPLETED),
        "started_href": links.invitations(counted=STARTED),
        "is_anonymous": is_anonymous,
        "answers": sum(found.answers.values()),
        "cards": block.cards(found, links=links, channels=names_of(form)["channel"], language=language),
        "versions": block.version_rows(found, links=links),
        "languages": block.language_rows(found, spoken, chosen=language, links=links),
        "responses_href": links.responses(),
        "surveys_href": links.here(survey=""),
    }
