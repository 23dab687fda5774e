"""Teams and channels side by side: one score week by week."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import reports, rollups, wording
from analytics.links import Links
from analytics.side_by_side import COLUMNS, lines
from analytics.side_by_side_block import smalls, table
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from ground.access import requires
from ground.models import Role

SIDE_BY_SIDE = "analytics:side_by_side"
SCOPE = ("team", "channel", "survey", "evidence")


@requires(Role.VIEWER)
def side_by_side(request: HttpRequest) -> HttpResponse:
    """Small charts of one score, all of them on one scale, by team and by channel."""
    template = "analytics/side_by_side.html"
    form, page = asked_for(request, title=_("Teams and channels week by week"), home=SIDE_BY_SIDE)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of = form.filters(), timezone.now()
    cards = {card.scale: card for card in reports.scores(filters, as_of=as_of).cards}
    usual = next((scale for scale, card in cards.items() if card.metric.n), next(iter(cards)))
    scale = request.GET.get("scale") if request.GET.get("scale") in cards else usual
    links = Links(filters, page=SIDE_BY_SIDE, kept={"scale": str(scale)})
    found = {column: lines(filters, column, str(scale), as_of=as_of) for column in COLUMNS}
    names = names_of(form)
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "name": wording.NAMES[str(scale)],
        "scales": [
            (wording.NAMES[each], links.here(scale=each), each == scale)
            for each, card in cards.items()
            if card.metric.n
        ],
        "kinds": [
            smalls(told, column, whole=cards[str(scale)].weeks, scale=str(scale), names=names[column], links=links,
                   notes=page["notes"])
            for column, told in found.items() if told
        ],
    }  # fmt: skip
    return shown(
        request, template, page,
        tables=lambda: [table(told, column, names=names[column]) for column, told in found.items() if told],
    )  # fmt: skip
