"""Complaints: how many, how fast they are met, what is still open, and who was contacted about what they wrote."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics import rollups
from analytics.complaining import files, loop_words, words
from analytics.complaining.loop import loop
from analytics.complaining.report import complaints as report
from analytics.serving.words import span
from analytics.views.about_period import asked_for, controls, names_of, notes_on, shown
from feedback import complaining
from feedback.models import Comment
from ground.access import Scope, requires
from ground.models import Role, User

COMPLAINTS = "analytics:complaints"
SCOPE = ("team", "channel")


@requires(Role.VIEWER)
def complaints(request: HttpRequest) -> HttpResponse:
    """Complaints of the period and their rate; how fast they are met; those that are open, the overdue first."""
    template = "analytics/complaints.html"
    form, page = asked_for(request, title=_("Complaints"), home=COMPLAINTS)
    if not form.is_valid():
        return TemplateResponse(request, template, page, status=400)
    filters, links, as_of = form.filters(), form.links(COMPLAINTS), timezone.now()
    closing = loop(filters, as_of=as_of)
    found = report(filters, as_of=as_of)  # counts what was read for the other
    page |= notes_on(request, filters)
    page |= {
        "filters": filters,
        "controls": controls(form, links, scope=SCOPE),
        "as_of": rollups.as_of(),
        "found": found,
        "href": links.contacts(**words.COMPLAINTS),
        "contacts_href": links.contacts(),
        "apart_href": links.comments(loop=complaining.APART),
        "behind": words.behind(links),
        "ratio": words.ratio_words(found),
        "weekly": words.weekly(found, period=filters.period, links=links, notes=page["notes"]),
        "response": span(found.response),
        "solving": span(found.solving),
        "tables": words.tables(found, names=names_of(form), links=links),
        "met": words.met_tables(found, filters=filters, names=names_of(form), links=links, as_of=as_of),
        "rows": words.rows(found, as_of=as_of),
        "overdue": sum(one.is_overdue for one in found.unsolved),
        "open_href": links.open_contacts(**words.COMPLAINTS),
        "loop": loop_words.block(closing, filters=filters, links=links, as_of=as_of),
        "rules_href": reverse("admin:feedback_complaintrule_changelist"),
        "may_set_levels": filters.scope.covers_all(least=Role.MANAGER),
        "levels_href": reverse("admin:analytics_servicelevel_changelist"),
    }
    return shown(
        request, template, page,
        tables=lambda: [
            *files.of_page(found, page["tables"], page["met"], as_of=as_of), loop_words.table(page["loop"])
        ],
    )  # fmt: skip


@require_POST
@requires(Role.MANAGER)
def contacted(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has contacted the customer about a complaint in a text."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    comment = get_object_or_404(Comment.objects.filter(scope.rows(), complaining.are_complaints()), pk=pk)
    if not scope.allows(comment.team_id, least=Role.MANAGER):
        raise PermissionDenied
    if complaining.react(comment, by=cast(User, request.user)):
        messages.success(request, _("Noted: the customer was contacted."))
    back = request.POST.get("back", "")
    is_safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(f"{back}#loop" if is_safe else reverse(COMPLAINTS))
