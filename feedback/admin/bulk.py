"""Acts on a selection of the comment list, or on all that its filters find: what the bar offers, and its address."""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from feedback import bulk, filters, tags
from feedback.models import Comment, Topic
from ground import idempotency, job_cards, jobs
from ground.admin import scope_for
from ground.models import Job, Role
from ground.text import TextTooLong, is_key

LIST = "admin:feedback_comment_changelist"
SHOWN_JOB = "job"
EPOCH, MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Wanted:
    """What the bar sent. `found_by` are the filters when everything they find is meant, else None; `looked` is the
    moment at which its page was made, in microseconds, and `seen` and `newest` are the newest keys of then."""

    act: str
    value: str
    ids: tuple[int, ...]
    found_by: dict[str, str] | None
    query: str
    looked: int
    seen: int
    newest: int
    token: str
    is_confirmed: bool

    @property
    def moment(self) -> dt.datetime:
        return EPOCH + self.looked * MICROSECOND


def offers(request: HttpRequest, *, topics: Iterable[Topic]) -> dict[str, Any]:
    """What the bar over the list needs; `looked` says what its reader could see. Keys would, too, but they tell how
    fast rows come in that the reader may not know of."""
    return {
        "query": _query(request.GET),
        "looked": (timezone.now() - EPOCH) // MICROSECOND,
        "token": secrets.token_urlsafe(16),
        "topics": topics,
        "tones": Comment.Tone.choices,
        "tags": [name for _pk, name in tags.offered(scope_for(request))],
    }


def shown_job(request: HttpRequest) -> dict[str, Any]:
    """The card of the job that the address names, when its reader may know of it."""
    key = request.GET.get(SHOWN_JOB, "")
    if not is_key(key):
        return {}
    job = job_cards.theirs(request.user, scope_for(request)).filter(pk=key).first()
    return {"card": job_cards.card(job), "back": f"{reverse(LIST)}?{_query(request.GET)}"} if job else {}


def addresses(site: AdminSite) -> list[URLPattern]:
    def view(request: HttpRequest) -> HttpResponse:
        return _act(request, site)

    return [path("bulk/", site.admin_view(require_POST(view)), name="feedback_comment_bulk")]


def _act(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Begin the job and go back to the list, which shows it; a whole filter is asked about first."""
    scope = scope_for(request)
    if not scope.covers_all(least=Role.MANAGER) and not scope.team_ids(least=Role.MANAGER):
        raise PermissionDenied
    try:
        wanted = _wanted(request.POST, request)
        if missing := _missing(wanted):
            messages.error(request, missing)
            return redirect(_back(wanted.query))
        if wanted.found_by is not None and not wanted.is_confirmed:
            return _ask(request, site, wanted, found_by=wanted.found_by)
        job = _begun(request, wanted)
    except TextTooLong:
        messages.error(request, _("A tag has at most %d characters.") % tags.LONGEST)
        return redirect(_back(_query(QueryDict(request.POST.get("list", "")))))
    except ValueError:
        return HttpResponseBadRequest(_("This button sends something that the page never offered."))
    if (job.total or 0) <= jobs.SMALL:
        jobs.finish_now(job)
    return redirect(_back(wanted.query, job))


def _wanted(form: QueryDict, request: HttpRequest) -> Wanted:
    """What a form asks for. Raises ValueError on what no page sends."""
    act, _colon, value = (form.get("more", "") if form.get("act") == "more" else form.get("act", "")).partition(":")
    keys, token, looked = form.getlist("pick"), form.get("token", ""), form.get("looked", "")
    if len(keys) > bulk.MOST_CHOSEN or not all(map(is_key, [*keys, looked])) or len(looked) > 17:
        raise ValueError("pick")
    if not 16 <= len(token) <= 40:
        raise ValueError("token")
    shown = QueryDict(form.get("list", ""))
    found_by = filters.read(shown, scope_for(request), names=filters.COMMENT_FILTERS).params()
    seen, newest = bulk.newest_at(EPOCH + int(looked) * MICROSECOND)
    return Wanted(
        act=act,
        value=form.get("tag", "").strip().lstrip("#").strip() if act in ("tag_on", "tag_off") else value,
        ids=tuple(map(int, keys)),
        found_by=found_by if form.get("every") else None,
        query=_query(shown),
        looked=int(looked),
        seen=seen,
        newest=newest,
        token=token,
        is_confirmed=bool(form.get("confirmed")),
    )


def _missing(wanted: Wanted) -> str:
    """What somebody has forgotten, in a sentence."""
    if not wanted.act:
        return _("Choose what to do with the comments.")
    if wanted.act in ("tag_on", "tag_off"):
        if not wanted.value:
            return _("Type the tag first.")
        if wanted.act == "tag_off" and tags.named(tags.clean(wanted.value)) is None:
            return _("There is no such tag.")
    if not wanted.ids and wanted.found_by is None:
        return _("Nothing is chosen.")
    return ""


def _ask(request: HttpRequest, site: AdminSite, wanted: Wanted, *, found_by: dict[str, str]) -> HttpResponse:
    """The page that names the act and the exact number of comments before anything is done."""
    found = bulk.all_found(found_by, reader=request.user, newest=wanted.newest, looked=wanted.moment)
    count = found.count()
    meant = bulk.meant(wanted.act, wanted.value)
    context = site.each_context(request) | {
        "title": _("For all comments of the list"),
        "act": bulk.act_name({"act": wanted.act} | meant),
        "count": count,
        "counted": ngettext("%d comment", "%d comments", count) % count,
        "filters": filters.read(found_by, scope_for(request), names=filters.COMMENT_FILTERS),
        "wanted": wanted,
        "sent": f"{wanted.act}:{wanted.value}" if wanted.value else wanted.act,
        "back": _back(wanted.query),
    }
    return TemplateResponse(request, "admin/feedback/bulk_ask.html", context)


def _begun(request: HttpRequest, wanted: Wanted) -> Job:
    """The job, the same one when the same form comes twice."""
    person: Any = request.user
    what = [wanted.act, wanted.value, wanted.ids, wanted.found_by, wanted.looked]
    mark = idempotency.fingerprint("POST", request.path, what)

    def begin() -> tuple[int, Any]:
        job = bulk.start(
            wanted.act, wanted.value, by=person, seen=wanted.seen, newest=wanted.newest, ids=wanted.ids,
            found_by=wanted.found_by, looked=wanted.moment,
        )  # fmt: skip
        return 201, {"job": job.pk}

    # A page that the browser kept may send its token again with another wish: that is another job.
    key = f"{wanted.token}:{mark}"
    _status, body, _again = idempotency.once(caller=f"bulk:{person.pk}", key=key, mark=mark, act=begin)
    return Job.objects.get(pk=body["job"])


def _query(params: QueryDict) -> str:
    """The list's own parameters, its page included."""
    kept = params.copy()
    kept.pop(SHOWN_JOB, None)
    return kept.urlencode()


def _back(query: str, job: Job | None = None) -> str:
    parts = [query] * bool(query) + ([f"{SHOWN_JOB}={job.pk}"] if job else [])
    return f"{reverse(LIST)}?{'&'.join(parts)}"
