"""What to fix first: which topics cost points of the score."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import impact_block, reports, rollups, wording
from analytics.impact import impact
from analytics.views.about_period import asked_for, controls, scale_kept, shown
from ground import remembered
from ground.access import requires
from ground.models import Role

FIX_FIRST = "analytics:fix_first"
SCOPE = ("team", "channel", "survey", "evidence")


@requires(Role.VIEWER)
def fix_first(request: HttpRequest) -> HttpResponse:
    """Which topics cost points of the score, with the other topics held fixed, and which to mend first."""
    template = "analytics/fix_first.html"
    form, page = asked_for(request, title=_("What to fix first"), home=FIX_FIRST)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, as_of, kept = form.filters(), timezone.now(), scale_kept(request)
    links = form.links(FIX_FIRST, kept=kept)
    cards = reports.cards(filters, as_of=as_of)
    scale = kept.get("scale") or reports.usual_scale(cards)
    found = remembered.while_costly(f"impact {filters} {scale}", lambda: impact(filters, str(scale)))
    topics = reports.topics(filters, among=reports.classes(filters, as_of=as_of), as_of=as_of)
    card = next((card for card in cards if card.scale == scale), None)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "how": impact_block.HOW,
        "name": wording.NAMES[str(scale)],
        "lead": impact_block.lead(found, all_score=card.metric if card else None),
        "found": found,
        "rows": impact_block.lines(found, topics, links=links),
        "chart": impact_block.chart(found, topics),
        "scales": [
            (wording.NAMES[card.scale], links.here(scale=card.scale), card.scale == scale)
            for card in cards
            if card.metric.n
        ],
    }
    return shown(request, template, page, tables=lambda: [impact_block.table(found, topics)])
