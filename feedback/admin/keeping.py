"""Saved views on the desk: the strip over the list, and the forms that keep, rename, share and drop one."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback import saved_views
from feedback.filters import Filters
from feedback.models import SavedView
from feedback.saved_views import MOST_OWN, View
from ground.admin import scope_for
from ground.models import User

LIST = "admin:feedback_comment_changelist"


@dataclass(frozen=True)
class Link:
    """A view as the desk shows it; `count` is empty where there is nothing, or nothing was counted."""

    view: View
    address: str
    count: str
    is_open: bool


def links(request: HttpRequest) -> list[Link]:
    """The reader's views with their counts, looked up once per request."""
    if not hasattr(request, "view_links"):
        reader, scope = cast(User, request.user), scope_for(request)
        offered, at = saved_views.offered(reader, scope), reverse(LIST)
        counts = saved_views.counts(offered, reader=reader, scope=scope)
        open_here = request.GET.dict() if request.path == at else None
        request.view_links = [  # type: ignore[attr-defined]
            Link(
                view,
                f"{at}?{view.query}",
                str(count) if count and count.number else "",
                is_open=view.chosen.params() == open_here,
            )
            for view, count in zip(offered, counts, strict=True)
        ]
    return request.view_links  # type: ignore[attr-defined]


def shown(request: HttpRequest, chosen: Filters) -> dict[str, Any]:
    """What the list's template needs: the views, the one that is open, and whether these filters may be kept."""
    found = links(request)
    here = next((link.view for link in found if link.is_open), None)
    return {
        "saved": found,
        "open_view": here,
        "may_keep": bool(chosen.params()) and here is None,
        "may_share": saved_views.may_share(scope_for(request)),
    }


def addresses(site: AdminSite) -> list[URLPattern]:
    views = [("views/", keep, "keep"), ("views/<int:pk>/", change, "view"), ("views/<int:pk>/drop/", drop, "view_drop")]
    return [
        path(where, site.admin_view(require_POST(view)), name=f"feedback_comment_{name}") for where, view, name in views
    ]


def keep(request: HttpRequest) -> HttpResponse:
    """Put the filters that the form came with under a name."""
    query = request.POST.get("query", "")[: saved_views.LONGEST_QUERY]
    try:
        view = saved_views.keep(
            request.POST.get("name", ""), query, is_shared="shared" in request.POST,
            by=cast(User, request.user), scope=scope_for(request),
        )  # fmt: skip
    except saved_views.Refused as refusal:
        messages.error(request, why(refusal))
        return redirect(f"{reverse(LIST)}?{query}")
    messages.success(request, _("“%s” is kept among your views.") % view.name)
    return redirect(f"{reverse(LIST)}?{view.query}")


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for an own view, or another mind about sharing it."""
    view = own(request, pk)
    try:
        saved_views.change(
            view, request.POST.get("name", ""), is_shared="shared" in request.POST, scope=scope_for(request)
        )
    except saved_views.Refused as refusal:
        messages.error(request, why(refusal))
    else:
        messages.success(request, _("“%s” is changed.") % view.name)
    return redirect(f"{reverse(LIST)}?{view.query}")


def drop(request: HttpRequest, pk: int) -> HttpResponse:
    view = own(request, pk)
    view.delete()
    messages.success(request, _("“%s” is no longer among your views.") % view.name)
    return redirect(f"{reverse(LIST)}?{view.query}")


def own(request: HttpRequest, pk: int) -> SavedView:
    """The view, or Http404: another person's looks like one that does not exist."""
    view = SavedView.objects.filter(owner=cast(User, request.user), pk=pk).first()
    if view is None:
        raise Http404
    return view


def why(refusal: saved_views.Refused) -> str:
    """What a refusal says to the person."""
    said = {
        "unnamed": _("A view needs a name of at most %d characters.") % saved_views.LONGEST_NAME,
        "taken": _("You have another view of this name."),
        "long": _("These filters are too long to be kept."),
        "many": _("You keep %d views already. Drop one that you no longer open.") % MOST_OWN,
    }
    return said[str(refusal)]
