"""The log-in: the password first, then the code of whoever has set one up."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from ground import limits, logins, second_factor
from ground.logins import LoginForm


@login_not_required
@sensitive_post_parameters()
@never_cache
def log_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; whoever is logged in is led on."""
    if request.method != "POST" and admin.site.has_permission(request):
        return redirect(_next(request))
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        if second_factor.of(user):
            logins.wait_for_code(request, user)
            return redirect(f"{request.path}code/{_query(request)}")
        logins.begin(request, user, with_code=False)
        return redirect(_next(request))
    return _page(request, "admin/login.html", status=429 if form.is_locked else 200, form=form)


@login_not_required
@sensitive_post_parameters()
@never_cache
def ask_for_code(request: HttpRequest) -> HttpResponse:
    """The second step; without the first one, or ten minutes after it, one begins anew."""
    user = logins.waiting_for_code(request)
    if user is None:
        return redirect("admin:login")
    if request.method != "POST":
        return _page(request, "admin/login_code.html")
    tries = limits.count(logins.CODES, str(user.pk))
    if tries > logins.CODES.count:
        if tries == logins.CODES.count + 1:
            logins.note_locked(user, step="code")
        return _page(request, "admin/login_code.html", status=429, error=logins.too_often())
    if not second_factor.passes(user, request.POST.get("code", "")):
        return _page(request, "admin/login_code.html", error=_("This code is wrong, or was used already."))
    limits.forget(logins.CODES, str(user.pk))
    logins.begin(request, user, with_code=True)
    return redirect(_next(request))


def _page(request: HttpRequest, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Log in"), "app_path": request.get_full_path(), "username": request.user.get_username(),
    }  # fmt: skip
    return TemplateResponse(request, template, context | more, status=status)


def _next(request: HttpRequest) -> str:
    """The page that was asked for, when it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    inside = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    # What is no address would be looked for as the name of a page, and not found.
    return wanted if inside and "/" in wanted else settings.LOGIN_REDIRECT_URL


def _query(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


urlpatterns = [
    path("login/", log_in, name="login"),
    path("login/code/", ask_for_code, name="login_code"),
]
