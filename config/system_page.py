"""The System page: whether everything runs that should, and what to do where it does not."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ground import halting
from ground.access import requires
from ground.models import Role, User


def resume(request: HttpRequest) -> HttpResponse:
    """Let everything leave again after a restore."""
    user: User = request.user  # type: ignore[assignment]
    if halting.resume(by=user):
        messages.success(request, _("Mails leave again."))
    return redirect("desk:home")


urlpatterns = [
    path("system/resume-sending/", require_POST(requires(Role.ADMINISTRATOR)(resume)), name="resume_sending"),
]
