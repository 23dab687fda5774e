"""How indicators are computed."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analytics import audit, registry
from ground.access import requires
from ground.models import Role


@requires(Role.VIEWER)
def metrics(request: HttpRequest) -> HttpResponse:
    """How every indicator is computed: the register of metrics as a page, each with an address of its own on it."""
    page = admin.site.each_context(request) | {"title": _("How indicators are computed"), "groups": registry.grouped()}
    page["audit"] = audit.last() if request.scope.covers_all() else None  # type: ignore[attr-defined]
    return TemplateResponse(request, "analytics/metrics.html", page)
