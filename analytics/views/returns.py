"""Repeat contacts: who came back, and what was done at the first contact."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import returns_block, returns_files, rollups
from analytics.return_counts import DAYS
from analytics.returns import returns, variant_of
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from ground import remembered
from ground.access import requires
from ground.models import Role
from surveys.resolved import RESOLVED
from surveys.returning import DONE, QUESTION, REPEAT

RETURNS = "analytics:returns"
SCOPE = ("team", "channel")


@requires(Role.VIEWER)
def repeat_contacts(request: HttpRequest) -> HttpResponse:
    """Contacts that were followed by another of their customer, and questions done at the first contact."""
    template = "analytics/returns.html"
    form, page = asked_for(request, title=_("Repeat contacts"), home=RETURNS)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    days = next((number for number in DAYS if str(number) == request.GET.get("days")), DAYS[0])
    same_reason = request.GET.get("reason") != "any"
    chosen = {"days": str(days), "reason": "" if same_reason else "any"}
    filters, links = form.filters(), form.links(RETURNS, kept=chosen)
    found = remembered.while_costly(
        f"returns {filters} {days} {same_reason}",
        lambda: returns(filters, as_of=timezone.now(), days=days, same_reason=same_reason),
    )
    variant = variant_of(filters, days=days, same_reason=same_reason)
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "found": found,
        "variant": variant,
        "choices": returns_block.choices(variant, links=links),
        "back": found.rates["repeat_contacts"],
        "load": found.rates["repeat_load"],
        "done": found.rates["first_contact_resolution"],
        "back_href": links.contacts(**returns_block.came_back(variant)),
        "contacts_href": links.contacts(**returns_block.could_be_judged(variant)),
        "repeats_href": links.contacts(**returns_block.came_back(variant, REPEAT)),
        "every_href": links.contacts(),
        "done_href": links.contacts(**returns_block.came_back(variant, DONE)),
        "questions_href": links.contacts(**returns_block.came_back(variant, QUESTION)),
        "asked_href": links.responses(scale=RESOLVED),
        "waiting": returns_block.waiting_words(found, variant=variant),
        "gap": returns_block.gap_words(found),
        "weekly": returns_block.weekly(found, variant=variant, period=filters.period, links=links, notes=page["notes"]),
        "tables": returns_block.tables(found, variant=variant, names=names_of(form), links=links),
    }
    told = partial(returns_files.of_page, found, page["tables"], variant=variant)
    return shown(request, template, page, tables=told)
