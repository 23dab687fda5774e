"""The page of long work: how far each job is, and the buttons to stop it, take it back or let it be tried again."""

from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ground import job_cards, jobs
from ground.access import scope_of
from ground.models import Job, User

SHOWN = 50


def page(request: HttpRequest) -> HttpResponse:
    """One's own jobs, to administrators everybody's; the newest first."""
    found = [job_cards.card(job) for job in _known(request).order_by("-pk")[:SHOWN]]
    context = admin.site.each_context(request) | {
        "title": _("Jobs"),
        "cards": found,
        "is_busy": any(card.is_busy for card in found),
    }
    return TemplateResponse(request, "admin/jobs.html", context)


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A job's card alone, for a page that follows it."""
    context = {"card": job_cards.card(_job(request, pk)), "back": _back(request), "was_followed": True}
    return render(request, "admin/job.html", context)


def _act(act: Callable[[Job, User], Job]) -> Callable[[HttpRequest, int], HttpResponse]:
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        job = act(_job(request, pk), cast(User, request.user))
        return redirect(_with_job(back, job)) if (back := _back(request)) else redirect("desk:jobs")

    return view


def _cancel(job: Job, person: User) -> Job:
    jobs.cancel(job)
    return job


def _undo(job: Job, person: User) -> Job:
    undoing = jobs.undo(job, by=person)
    if undoing is None:
        return job
    return jobs.finish_now(undoing) if (undoing.total or 0) <= jobs.SMALL else undoing


def _retry(job: Job, person: User) -> Job:
    jobs.retry(job)
    return job


def _known(request: HttpRequest) -> QuerySet[Job]:
    person = cast(User, request.user)
    return job_cards.theirs(person, scope_of(person))


def _job(request: HttpRequest, pk: int) -> Job:
    job = _known(request).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


def _back(request: HttpRequest) -> str:
    """The page of ours that shows the job's card and is to show it again; empty for the page of jobs itself."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    inside = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if inside else ""


def _with_job(address: str, job: Job) -> str:
    parts = urlsplit(address)
    params = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "job"]
    return parts._replace(query=urlencode([*params, ("job", job.pk)])).geturl()


urlpatterns = [
    path("jobs/", page, name="jobs"),
    path("jobs/<int:pk>/", one, name="job"),
    path("jobs/<int:pk>/cancel/", _act(_cancel), name="job_cancel"),
    path("jobs/<int:pk>/undo/", _act(_undo), name="job_undo"),
    path("jobs/<int:pk>/retry/", _act(_retry), name="job_retry"),
]
