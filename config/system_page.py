"""The System page: whether everything runs that should, and what to do where it does not."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import lights
from ground import halting
from ground.access import requires
from ground.models import Role, User


def page(request: HttpRequest) -> HttpResponse:
    """The lights, those that need somebody first."""
    found = lights.every()
    context = {
        "title": _("System state"),
        "troubles": [light for level in (lights.RED, lights.ATTENTION) for light in found if light.level == level],
        "fine": [light for light in found if light.level == lights.OK],
    }
    return TemplateResponse(request, "admin/system.html", admin.site.each_context(request) | context)


def resume(request: HttpRequest) -> HttpResponse:
    """Let everything leave again after a restore."""
    user: User = request.user  # type: ignore[assignment]
    if halting.resume(by=user):
        messages.success(request, _("Mails leave again."))
    return redirect("desk:system")


urlpatterns = [
    path("system/", requires(Role.ADMINISTRATOR)(page), name="system"),
    path("system/resume-sending/", require_POST(requires(Role.ADMINISTRATOR)(resume)), name="resume_sending"),
]
