"""Teams and channels side by side: one score week by week."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import reports, rollups, wording
from analytics.side_by_side import COLUMNS, lines
from analytics.side_by_side_block import smalls, table
from analytics.views.about_period import DATED, asked_for, controls, names_of, notes_on, shown
from ground.access import requires
from ground.models import Role

SIDE_BY_SIDE = "analytics:side_by_side"
SCOPE = ("team", "channel", "survey", "evidence", DATED)


@requires(Role.VIEWER)
def side_by_side(request: HttpRequest) -> HttpResponse:
    """Small charts of one score, all of them on one scale, by team and by channel."""
    template = "analytics/side_by_side.html"
    form, page = asked_for(request, title=_("Teams and channels week by week"), home=SIDE_BY_SIDE, is_dated=True)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of = form.filters(), timezone.now()
    told = reports.cards(filters, as_of=as_of)
    cards, wanted = {card.scale: card for card in told}, request.GET.get("scale", "")
    scale = wanted if wanted in cards else reports.usual_scale(told)
    links = form.links(SIDE_BY_SIDE, kept={"scale": scale})
    found = {column: lines(filters, column, scale, as_of=as_of) for column in COLUMNS}
    names = names_of(form)
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "name": wording.NAMES[scale],
        "scales": [
            (wording.NAMES[each], links.here(scale=each), each == scale)
            for each, card in cards.items()
            if card.metric.n
        ],
        "kinds": [
            smalls(of_kind, column, whole=cards[scale].weeks, scale=scale, names=names[column], links=links,
                   notes=page["notes"])
            for column, of_kind in found.items() if of_kind
        ],
    }  # fmt: skip
    return shown(
        request, template, page,
        tables=lambda: [table(of_kind, column, names=names[column]) for column, of_kind in found.items() if of_kind],
    )  # fmt: skip
