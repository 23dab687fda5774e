"""One person's data: find whoever is known by an address, a number or an id; export it all, or erase it."""

from typing import Any, cast

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ground import audit, erasing, erasing_job
from ground.access import requires
from ground.holdings import Subject
from ground.models import Erasure, Role, User
from ground.text import clean_line, is_key

LONGEST, SHOWN = 254, 20


def page(request: HttpRequest) -> HttpResponse:
    """GET shows the form; POST finds, exports or erases. What was typed stands in no address, and so in no log."""
    if not request.scope.covers_all(least=Role.ADMINISTRATOR):  # type: ignore[attr-defined]
        raise PermissionDenied
    typed = clean_line(request.POST.get("who", ""), limit=LONGEST)
    key = request.POST.get("customer") or request.GET.get("customer", "")
    subject = _subject(typed, key)
    if request.method == "POST" and subject.is_known:
        act = request.POST.get("act")
        if act == "export":
            return _export(request, subject)
        if act == "erase":
            return _erase(request, subject)
        audit.note("person.found", by=cast(User, request.user), count=len(subject.keys))
    return _shown(request, subject, typed=typed, key=key)


def _subject(typed: str, key: str) -> Subject:
    if is_key(key):
        return erasing.widened(Subject(keys={int(key)}))
    return erasing.find(typed)


def _shown(request: HttpRequest, subject: Subject, *, typed: str, key: str) -> HttpResponse:
    found = erasing.counts(subject)
    context = {
        "title": _("One person’s data"),
        "typed": typed,
        "key": key if is_key(key) else "",
        "was_asked": bool(typed or is_key(key)),
        "customers": len(subject.keys),
        "found": [(capfirst(str(_table(model)._meta.verbose_name_plural)), number) for model, number in found.items()],
        "erasures": Erasure.objects.select_related("by")[:SHOWN],
    }
    return TemplateResponse(request, "admin/person.html", admin.site.each_context(request) | context)


def _table(model: str) -> Any:
    return apps.get_model(model)


def _export(request: HttpRequest, subject: Subject) -> HttpResponse:
    text = erasing.as_file(erasing.export(subject), by=cast(User, request.user))
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="person.json"'
    response["Cache-Control"] = "private, no-store"
    return response


def _erase(request: HttpRequest, subject: Subject) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick that it is to be erased: nobody can take it back."))
        return _shown(request, subject, typed=request.POST.get("who", ""), key=request.POST.get("customer", ""))
    try:
        erasing_job.start(subject, by=cast(User, request.user))
    except OSError:
        messages.error(request, _("The file of erasures beside the keys cannot be written: nothing was erased."))
        return redirect("desk:person")
    return redirect("desk:jobs")


urlpatterns = [path("person/", requires(Role.ADMINISTRATOR)(page), name="person")]
