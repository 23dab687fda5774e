"""The desk's front door, its language switch, and the page of rows that no worker could finish."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
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

from config import sidebar
from ground import rowqueue
from ground.access import requires
from ground.admin import in_words
from ground.models import QueueRow, Role, User

SHOWN = 200


def home(request: HttpRequest) -> HttpResponse:
    """To the indicators when that room is installed, else to the comments; whoever may see nothing, to the log-in."""
    if not admin.site.has_permission(request):
        return redirect("admin:login")
    return redirect(sidebar.address("analytics:dashboard") or reverse("admin:feedback_comment_changelist"))


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
    """Rows that failed three times, of every queue; POST puts the chosen ones back."""
    if request.method == "POST":
        count = _try_again(request.POST.getlist("row"))
        messages.success(request, ngettext("%d row waits again.", "%d rows wait again.", count) % count)
        return redirect("desk:quarantine")
    rows = sorted((row for queue in queues() for row in _stuck(queue)), key=lambda row: row["since"], reverse=True)
    context = admin.site.each_context(request) | {"title": _("Quarantine"), "rows": rows[:SHOWN]}
    return TemplateResponse(request, "admin/quarantine.html", context)


def queues() -> list[type[QueueRow]]:
    """Every model whose rows wait for a worker."""
    return [model for model in apps.get_models() if issubclass(model, QueueRow)]


def _stuck(queue: type[QueueRow]) -> Iterator[dict[str, Any]]:
    for row in queue._default_manager.exclude(quarantined_at=None).order_by("-quarantined_at")[:SHOWN]:
        yield {
            "key": f"{queue._meta.label_lower}:{row.pk}",
            "kind": queue._meta.verbose_name,
            "name": f"#{row.pk}",
            "link": _page(row),
            "since": row.quarantined_at,
            "error": in_words(row.error),
        }


def _page(row: Model) -> str:
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def _try_again(keys: list[str]) -> int:
    count = 0
    for queue in queues():
        own = [key.partition(":")[2] for key in keys if key.startswith(f"{queue._meta.label_lower}:")]
        count += rowqueue.retry(queue._default_manager.filter(pk__in=[pk for pk in own if pk.isdigit()]))
    return count


app_name = "desk"
urlpatterns = [
    path("", home, name="home"),
    # The sidebar is arranged by task: a list of one application's tables helps nobody.
    re_path(r"^(?:auth|ground|surveys|feedback|analytics|config)/$", home),
    path("language/", set_language, name="language"),
    path("quarantine/", quarantine, name="quarantine"),
]
