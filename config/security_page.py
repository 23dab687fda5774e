"""Each person's own page of their log-in: the second factor and the open sessions; and the same for administrators."""

from typing import Any

import segno
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from ground import audit, limits, logins, second_factor, sessions
from ground.access import requires
from ground.models import Role, SecondFactor, User
from ground.scoped import scope_for

# The salt of a secret that waits for its first code; worth nothing without the key.
STARTED = "second_factor_salt"


@never_cache
@requires(Role.AGENT)
def security(request: HttpRequest) -> HttpResponse:
    """What protects the log-in, and where it is open. POST ends sessions."""
    user: User = request.user  # type: ignore[assignment]
    if request.method == "POST":
        marked = request.POST.get("session", "")
        count = sessions.end(user, marked=marked, keep="" if marked else str(request.session.session_key))
        messages.success(request, ended(count))
        return redirect("desk:security")
    return _page(request, user)


@never_cache
@sensitive_post_parameters()
@requires(Role.AGENT)
def set_up(request: HttpRequest) -> HttpResponse:
    """Begin or confirm a second factor, make other codes, or take it away; the codes are shown on this reply alone."""
    user: User = request.user  # type: ignore[assignment]
    act = request.POST.get("act", "")
    factor = second_factor.of(user)
    if act == "codes" and factor:
        codes = second_factor.renew_codes(factor)
        audit.note("second_factor.codes_made", by=user, subject=user)
        return _page(request, user, codes=codes)
    if act == "remove" and factor:
        return _removed(request, user, factor)
    if act == "confirm":
        return _confirmed(request, user)
    request.session[STARTED] = second_factor.begin(user).salt
    return _page(request, user, begun=True)


def change_password(request: HttpRequest) -> HttpResponse:
    """The admin's own page, and an entry in the audit log for a password that was changed."""
    with transaction.atomic():
        reply = admin.site.admin_view(admin.site.password_change, cacheable=True)(request)
        if reply.headers.get("Location") == reverse("admin:password_change_done"):
            user: User = request.user  # type: ignore[assignment]
            audit.note("password.changed", by=user, subject=user)
    return reply


def _removed(request: HttpRequest, user: User, factor: SecondFactor) -> HttpResponse:
    if second_factor.has_to(scope_for(request)):
        messages.error(request, _("Your organisation asks for it: it can be set up anew, not taken away."))
    else:
        with transaction.atomic():
            factor.delete()
            audit.note("second_factor.removed", by=user, subject=user)
        messages.success(request, _("The password alone is enough again."))
    return redirect("desk:security")


def _confirmed(request: HttpRequest, user: User) -> HttpResponse:
    if not (salt := request.session.get(STARTED)):
        return redirect("desk:security")
    if not limits.hit(logins.CODES, str(user.pk)):
        return _page(request, user, begun=True, status=429, error=logins.too_often())
    codes = second_factor.confirm(SecondFactor(user=user, salt=salt), request.POST.get("code", ""))
    if codes is None:
        wrong = _("This code is wrong. Type the one that the app shows now; the phone’s clock has to be right.")
        return _page(request, user, begun=True, status=400, error=wrong)
    del request.session[STARTED]
    request.session[logins.PASSED] = True
    # Whoever had the password alone is out.
    sessions.end(user, keep=str(request.session.session_key))
    audit.note("second_factor.set_up", by=user, subject=user)
    return _page(request, user, codes=codes)


def _page(request: HttpRequest, user: User, *, begun: bool = False, status: int = 200, **more: Any) -> HttpResponse:
    factor, has_to = second_factor.of(user), second_factor.has_to(scope_for(request))
    context = admin.site.each_context(request) | {
        "title": _("Log-in and sessions"),
        "factor": factor,
        "left": len(factor.codes) if factor else 0,
        "has_to": has_to,
        "is_held": has_to and not request.session.get(logins.PASSED),
        "sessions": sessions.shown(user, current=str(request.session.session_key)),
    }
    if begun:
        fresh = SecondFactor(user=user, salt=request.session[STARTED])
        secret = second_factor.typed(fresh)
        context["begun"] = {
            "picture": segno.make(second_factor.address(fresh), error="m").svg_data_uri(
                scale=5, border=3, light="#fff"
            ),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        }
    return TemplateResponse(request, "admin/security.html", context | more, status=status)


def ended(count: int) -> str:
    return ngettext("%d session is ended.", "%d sessions are ended.", count) % count


@require_POST
@requires(Role.ADMINISTRATOR)
def of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator ends somebody's sessions, or takes away the second factor of a lost phone."""
    person = get_object_or_404(User, pk=pk)
    by: User = request.user  # type: ignore[assignment]
    with transaction.atomic():
        count = sessions.end(person, keep=str(request.session.session_key))
        if request.POST.get("act") == "second_factor":
            SecondFactor.objects.filter(user=person).delete()
            audit.note("second_factor.removed", by=by, subject=person)
            messages.success(
                request, _("The second factor is taken away: the password alone is enough until it is set up anew.")
            )
        audit.note("sessions.ended", by=by, subject=person, count=count)
    messages.success(request, ended(count))
    return redirect("admin:ground_user_change", person.pk)


urlpatterns = [
    path("security/", security, name="security"),
    path("password_change/", change_password, name="change_password"),
    path("security/code/", require_POST(set_up), name="second_factor"),
    path("ground/user/<int:pk>/sessions/", of_person, name="person_sessions"),
]
