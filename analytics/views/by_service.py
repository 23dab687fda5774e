"""Scores by service: what an hour of waiting costs, and who was served both fast and well."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import reports, rollups, wording
from analytics.serving import by_service_words
from analytics.serving.by_service import scores_by_service
from analytics.views.about_period import asked_for, controls, scale_kept, shown
from ground.access import requires
from ground.models import Role

BY_SERVICE = "analytics:by_service"
SCOPE = ("team", "channel", "survey", "evidence")


@requires(Role.VIEWER)
def by_service(request: HttpRequest) -> HttpResponse:
    """One score by how soon and how well its contacts were served."""
    template = "analytics/by_service.html"
    form, page = asked_for(request, title=_("What waiting costs"), home=BY_SERVICE)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of, kept = form.filters(), timezone.now(), scale_kept(request)
    links = form.links(BY_SERVICE, kept=kept)
    cards = reports.cards(filters, as_of=as_of)
    scale = kept.get("scale") or reports.usual_scale(cards)
    found = scores_by_service(filters, str(scale), as_of=as_of)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "name": wording.NAMES[str(scale)],
        "both": found.both,
        "costs": by_service_words.costs(found, scale=str(scale)),
        "tables": by_service_words.tables(found, scale=str(scale), links=links),
        "behind": by_service_words.both_behind(str(scale), links=links),
        "scales": [
            (wording.NAMES[card.scale], links.here(scale=card.scale), card.scale == scale)
            for card in cards
            if card.metric.n
        ],
    }
    return shown(
        request, template, page, tables=lambda: by_service_words.of_page(found, page["tables"], scale=str(scale))
    )
