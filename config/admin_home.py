"""The desk's front door, its language switch, and the page of rows that no worker could finish."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, re_path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from config import (
    job_file,
    jobs_page,
    login_page,
    mail_check_page,
    notifications_page,
    person_page,
    queues,
    security_page,
    sidebar,
    system_page,
    targets_page,
)
from ground import job_cards, outgoing, rowqueue
from ground.access import requires
from ground.admin import in_words, scope_for
from ground.models import Job, Outgoing, QueueRow, Role, User
from ground.text import is_key

SHOWN = 200


def home(request: HttpRequest) -> HttpResponse:
    """To the indicators for whoever may see them, else to the comments; whoever may see nothing, to the log-in."""
    if not admin.site.has_permission(request):
        return redirect("admin:login")
    overview = sidebar.address("analytics:dashboard") if scope_for(request).oversees else None
    return redirect(overview or reverse("admin:feedback_comment_changelist"))


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the person's choice and go back to the page it was made on."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    User.objects.filter(pk=request.user.pk).update(language=language)
    back = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    inside = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if inside else "desk:home")


@requires(Role.ADMINISTRATOR)
def quarantine(request: HttpRequest) -> HttpResponse:
    """Rows that failed three times, of every queue; POST puts the chosen ones back, or drops mails to colleagues."""
    if request.method == "POST":
        chosen = request.POST.getlist("row")
        if "drop" in request.POST:
            count = outgoing.drop(_of(Outgoing, chosen), by=cast(User, request.user))
            messages.success(request, ngettext("%d mail is dropped.", "%d mails are dropped.", count) % count)
        else:
            count = sum(rowqueue.retry(rows.filter(pk__in=_of(rows.model, chosen))) for rows in queues.quarantined())
            messages.success(request, ngettext("%d row waits again.", "%d rows wait again.", count) % count)
        return redirect("desk:quarantine")
    stuck = [row for rows in queues.quarantined() for row in rows.order_by("-quarantined_at")[:SHOWN]]
    stuck.sort(key=lambda row: row.quarantined_at, reverse=True)
    shown = stuck[:SHOWN]
    context = {
        "title": _("Quarantine"),
        "rows": [_told(row) for row in shown],
        "may_drop": any(isinstance(row, Outgoing) for row in shown),
    }
    return TemplateResponse(request, "admin/quarantine.html", admin.site.each_context(request) | context)


def _told(row: QueueRow) -> dict[str, Any]:
    return {
        "key": f"{row._meta.label_lower}:{row.pk}",
        "kind": row._meta.verbose_name,
        "name": job_cards.title(row) if isinstance(row, Job) else f"#{row.pk}",
        "link": _page(row),
        "since": row.quarantined_at,
        "error": in_words(row.error),
    }


def _page(row: Model) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _of(model: type[Model], chosen: list[str]) -> list[int]:
    """The primary keys of those of the chosen rows that are of this model."""
    keys = [key.partition(":")[2] for key in chosen if key.startswith(f"{model._meta.label_lower}:")]
    return [int(key) for key in keys if is_key(key)]


app_name = "desk"
urlpatterns = [
    path("", home, name="home"),
    # The sidebar is arranged by task: a list of one application's tables helps nobody.
    re_path(r"^(?:auth|ground|surveys|feedback|analytics|config)/$", home),
    path("language/", set_language, name="language"),
    path("quarantine/", quarantine, name="quarantine"),
    *login_page.urlpatterns,
    *security_page.urlpatterns,
    *notifications_page.urlpatterns,
    *targets_page.urlpatterns,
    *mail_check_page.urlpatterns,
    *jobs_page.urlpatterns,
    *system_page.urlpatterns,
    *job_file.urlpatterns,
    *person_page.urlpatterns,
]
