"""The Export button of the reading lists: a file at once, or a job that writes it."""

import datetime as dt
from collections.abc import Callable
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from feedback import export, filters
from ground import sheets
from ground.admin import scope_for
from ground.models import Role, User

NAMES = {"comments": filters.COMMENT_FILTERS, "responses": filters.RESPONSE_FILTERS}


def addresses(page: ModelAdmin, what: str) -> list[URLPattern]:
    """The address that the list's form is sent to, with the list's filters in its query."""
    name = f"{page.opts.app_label}_{page.opts.model_name}_export"
    return [path("export/", page.admin_site.admin_view(_view(page, what)), name=name)]


def offer(request: HttpRequest, page: ModelAdmin, chosen: filters.Filters) -> dict[str, Any]:
    """What the form in the list needs: where it goes, and whether personal data may be asked for."""
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_export")
    return {"export": {"address": address + chosen.address(), "may_with_personal": leads(request)}}


def leads(request: HttpRequest) -> bool:
    """Whether the person is a manager of any team."""
    scope = scope_for(request)
    return scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))


def _view(page: ModelAdmin, what: str) -> Callable[[HttpRequest], HttpResponse]:
    @never_cache
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        if not page.has_view_permission(request):
            raise PermissionDenied
        form = request.POST.get("format", "")
        if form not in sheets.FORMS:
            return HttpResponseBadRequest(_("Choose CSV or XLSX."))
        with_personal = bool(request.POST.get("personal"))
        if with_personal and not leads(request):
            raise PermissionDenied(_("Only managers export personal data."))
        chosen = filters.read(request.GET, scope_for(request), names=NAMES[what])
        order = export.Order(
            what=what, form=form, params=chosen.params(), with_personal=with_personal,
            language=get_language() or settings.LANGUAGE_CODE, zone=str(timezone.get_current_timezone()),
        )  # fmt: skip
        back = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
        return _written(request, order, back=back + chosen.address())

    return view


def _written(request: HttpRequest, order: export.Order, *, back: str) -> HttpResponse:
    """The file, or the page of the job that writes it; else back to the list, which says why not."""
    author = cast(User, request.user)
    try:
        file = export.at_once(order, author=author)
        if file is None:
            export.start(order, author=author)
    except export.TooManyWaiting:
        messages.error(request, _("%d of your exports are waiting already. Let one finish or cancel it.")
                       % export.MOST_WAITING)  # fmt: skip
        return redirect(back)
    except OSError as error:
        if not export.is_full(error):
            raise
        messages.error(request, _(export.NO_ROOM))
        return redirect(back)
    if file is None:
        messages.info(request, _("There are many rows: the file is being written. You find it here when it is done."))
        return redirect("desk:jobs")
    return sent(file, order, day=timezone.localdate())


def sent(file: BinaryIO, order: export.Order, *, day: dt.date) -> FileResponse:
    """The file as a download, named after the list and the day."""
    title = {"comments": _("Comments"), "responses": _("Responses")}[order.what]
    plain, full = f"otklik-{order.what}-{day}.{order.form}", f"{title} {day}.{order.form}"
    response = FileResponse(file, content_type=sheets.FORMS[order.form].content_type)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(full)}"
    return response
