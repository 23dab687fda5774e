"""An act of a manager on one row: an address that takes POST alone, and a sentence on what it came to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback import reading
from feedback.filters import OWN
from feedback.models import Comment, Response
from ground.access import get_visible
from ground.admin import scope_for
from ground.models import Role, User


@dataclass(frozen=True)
class Reply:
    """What an act came to, in a sentence; the status is 200 when it was done."""

    pk: int
    said: str
    status: int = 200


class Refused(Exception):
    """The act was not done; `said` tells the person why. The status is 409 when somebody else was faster."""

    def __init__(self, said: str, *, status: int = 400) -> None:
        super().__init__(status)
        self.said, self.status = said, status


Act = Callable[[Any, QueryDict, User], str]
Show = Callable[[HttpRequest, Reply], HttpResponse]


def addresses(
    site: AdminSite, model: type[Comment] | type[Response], acts: Mapping[str, Act], *, show: Show
) -> list[URLPattern]:
    """One address for each act, under the row's own."""
    name = f"feedback_{model._meta.model_name}"
    return [
        path(f"<int:pk>/{verb}/", site.admin_view(_view(model, act, show=show)), name=f"{name}_{verb}")
        for verb, act in acts.items()
    ]


def _view(model: type[Comment] | type[Response], act: Act, *, show: Show) -> Callable[..., HttpResponse]:
    rows = Comment.objects.select_related("response", "done_by") if model is Comment else Response.objects.all()

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        scope = scope_for(request)
        row: Any = get_visible(rows.select_related("agent"), scope, pk=pk, own=OWN)
        if not scope.allows(row.team_id, least=Role.MANAGER):
            raise PermissionDenied
        person: Any = request.user
        try:
            with transaction.atomic():
                reply = Reply(pk=pk, said=act(row, request.POST, person))
                _mark_read(row, person)
        except Refused as refusal:
            reply = Reply(pk=pk, said=refusal.said, status=refusal.status)
            _mark_read(row, person)
        except ValueError:
            return HttpResponseBadRequest(_("This button sends something that the page never offered."))
        return show(request, reply)

    return view


def _mark_read(row: Comment | Response, person: User) -> None:
    if isinstance(row, Comment):
        reading.mark_read(row, reader=person)
