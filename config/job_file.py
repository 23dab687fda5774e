"""Fetching the file that a job left."""

from typing import cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from feedback import export
from feedback.admin import exporting
from ground import audit, job_cards, jobfiles
from ground.access import scope_of
from ground.models import Job, User
from ground.sheets import Csv
from surveys import importing


@never_cache
@require_GET
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file for whoever ordered it, or an administrator; others find nothing here. Each fetching is noted."""
    person = cast(User, request.user)
    kinds = [export.KIND, importing.KIND]
    job = job_cards.theirs(person, scope_of(person)).filter(pk=pk, kind__in=kinds).first()
    if job is None or job.finished_at is None:
        raise Http404
    if job.kind == importing.KIND:
        return _report(job, person)
    if not export.may_fetch(job, person):
        messages.error(request, _("Your role has changed since this file was written. Export it again."))
        return redirect("desk:jobs")
    kept = jobfiles.path_of(job)
    if kept is None:
        messages.error(request, _("This file is no longer kept. Export it again."))
        return redirect("desk:jobs")
    file = kept.open("rb")
    audit.note("file.downloaded", by=person, subject=job, count=job.result["rows"])
    return exporting.sent(file, export.order_of(job), day=timezone.localdate(job.finished_at))


def _report(job: Job, person: User) -> HttpResponseBase:
    """What was wrong in an imported file."""
    kept = jobfiles.path_of(job)
    if kept is None:
        raise Http404
    audit.note("file.downloaded", by=person, subject=job, count=job.result["counts"]["refused"])
    name = f"import-{job.pk}-report.csv"
    return FileResponse(kept.open("rb"), as_attachment=True, filename=name, content_type=Csv.content_type)


urlpatterns = [path("jobs/<int:pk>/file/", job_file, name="job_file")]
