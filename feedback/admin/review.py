"""The page of answers that nobody counts yet: why, what was opened when, and two buttons."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from feedback import evidence, rejudging, reviewing
from feedback.admin import opened, rows
from feedback.admin.marks import Segment, segments
from feedback.models import Comment, Response, Touch
from ground import job_cards, jobs
from ground.access import Scope, requires, visible_teams
from ground.models import Role, User
from ground.text import is_key
from surveys.models import Link, Survey

Row = TypeVar("Row", Survey, Link)
SHOWN = 50
MOST_CHOSEN = 100
ADDRESS = "admin:feedback_response_review"
ACTS = {"release": reviewing.release, "reject": reviewing.reject, "back": reviewing.take_back}


@dataclass(frozen=True)
class Entry:
    """One answer as the page tells of it."""

    response: Response
    badge: rows.Badge
    texts: list[list[Segment]]
    age: str
    touches: list[str]
    may_change: bool


@dataclass(frozen=True)
class Choice:
    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]]


def addresses(site: AdminSite) -> list[URLPattern]:
    pages = [("review/", page, "review"), ("review/again/", again, "review_again")]
    return [
        path(where, site.admin_view(partial(view, site=site)), name=f"feedback_response_{name}")
        for where, view, name in pages
    ]


@requires(Role.VIEWER)
def page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """What waits, or what was decided at `?state=decided`; POST releases, rejects, or takes a decision back."""
    if request.method == "POST":
        return _act(request)
    scope: Scope = request.scope  # type: ignore[attr-defined]
    is_decided = request.GET.get("state") == "decided"
    found = (reviewing.decided if is_decided else reviewing.waiting)(scope)
    chosen = choices(request.GET, scope, found)
    found = found.filter(_wanted(chosen))
    shown, older = _page(found, request.GET.get("before", ""), "reviewed_at" if is_decided else "answered_at")
    context = {
        "title": _("Answers to check"),
        "entries": entries(shown, scope=scope),
        "is_decided": is_decided,
        "choices": chosen,
        "is_narrowed": any(choice.value for choice in chosen),
        "query": _query(request.GET, without=("before", "done", "job")),
        "older": older,
        "undo": [key for key in request.GET.get("done", "").split(",") if is_key(key)][:MOST_CHOSEN],
        "may_change": scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER)),
        # How many mails a domain got says something of other teams' work.
        "domains": list(evidence.flagged_domains().values())[:10] if scope.covers_all() else [],
        **_job(request, scope),
    }
    return TemplateResponse(request, "admin/feedback/review.html", site.each_context(request) | context)


def choices(params: QueryDict, scope: Scope, found: QuerySet[Response]) -> list[Choice]:
    """The filters of the page, for what is found; a value that is no option is as good as none."""
    options = {
        "reason": (_("why"), list(Response.HeldFor.choices)),
        "survey": (_("survey"), [(str(survey.pk), survey.name) for survey in _of(found, "survey", Survey)]),
        "link": (_("link"), [(str(link.pk), link.label) for link in _of(found, "link", Link)]),
        "team": (_("team"), [(str(team.pk), team.name) for team in visible_teams(scope)]),
    }
    return [
        Choice(name, label, params.get(name, "") if params.get(name) in dict(offered) else "", offered)
        for name, (label, offered) in options.items()
        if offered or name != "link"
    ]  # fmt: skip


def _of(found: QuerySet[Response], name: str, model: type[Row]) -> QuerySet[Row]:
    """The surveys or links with answers that this reader may see here."""
    return model._default_manager.filter(pk__in=found.order_by().values(name))


def _wanted(chosen: Iterable[Choice]) -> Q:
    columns = {"reason": "held_for", "survey": "survey", "link": "link", "team": "team"}
    return Q(**{columns[choice.name]: choice.value for choice in chosen if choice.value})


def _page(found: QuerySet[Response], before: str, moment: str) -> tuple[list[Response], int | None]:
    """The rows after the one that the address names, and the last of them when there are more."""
    edge = found.filter(pk=before).first() if is_key(before) else None
    if edge:
        at = getattr(edge, moment)
        found = found.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": edge.pk}))
    texts = Comment.objects.only("response", "text").order_by("pk")
    loaded = found.select_related("customer", "survey", "team", "agent", "reviewed_by")
    rows_found = list(loaded.prefetch_related(Prefetch("comments", texts))[: SHOWN + 1])
    shown = rows_found[:SHOWN]
    return shown, shown[-1].pk if len(rows_found) > SHOWN else None


def entries(responses: Sequence[Response], *, scope: Scope) -> list[Entry]:
    now = timezone.now()
    touches = defaultdict(list)
    for touch in Touch.objects.filter(invitation__in=[row.invitation_id for row in responses if row.invitation_id]):
        touches[touch.invitation_id].append(touch)
    return [
        Entry(
            response=row,
            badge=rows.badge(score=row.score, scale=row.scale),
            texts=[segments(comment.text, []) for comment in row.comments.all()],
            age=rows.age(row.answered_at, now=now),
            touches=opened.lines(touches[row.invitation_id]),
            may_change=scope.allows(row.team_id, least=Role.MANAGER),
        )
        for row in responses
    ]


def _act(request: HttpRequest) -> HttpResponse:
    """A row's own button wins over the ticked rows."""
    scope, by = request.scope, cast(User, request.user)  # type: ignore[attr-defined]
    if not scope.covers_all(least=Role.MANAGER) and not scope.team_ids(least=Role.MANAGER):
        raise PermissionDenied
    verb = next((name for name in ACTS if name in request.POST), "")
    sent = request.POST.get(verb, "")
    keys = request.POST.getlist("row") if sent == "chosen" else sent.split(",")
    wanted = [int(key) for key in keys[:MOST_CHOSEN] if is_key(key)]
    back = _query(request.GET, without=("done", "job"))
    if not verb or not wanted:
        messages.warning(request, _("Nothing was chosen: tick the answers first."))
        return redirect(_address(back))
    came = ACTS[verb](wanted, scope=scope, by=by)
    _report(request, verb, came)
    done = ",".join(map(str, came.done)) if verb != "back" else ""
    return redirect(_address(back, f"done={done}" if done else ""))


def _report(request: HttpRequest, verb: str, came: reviewing.Reviewed) -> None:
    count = len(came.done)
    told = {
        "release": ngettext("%d answer counts now.", "%d answers count now.", count),
        "reject": ngettext("%d answer will never count.", "%d answers will never count.", count),
        "back": ngettext("%d answer waits again.", "%d answers wait again.", count),
    }
    if count:
        messages.success(request, told[verb] % count)
    if came.without_score:
        said = ngettext(
            "%d answer cannot count: several scores were opened, and nobody knows which one is meant.",
            "%d answers cannot count: several scores were opened, and nobody knows which one is meant.",
            came.without_score,
        )
        messages.warning(request, said % came.without_score)
    if came.missed:
        said = ngettext(
            "%d answer was left alone: it has changed meanwhile.",
            "%d answers were left alone: they have changed meanwhile.",
            came.missed,
        )
        messages.warning(request, said % came.missed)


@require_POST
@requires(Role.MANAGER)
def again(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Begin to judge the answers of one's own teams again by the present rules."""
    job = rejudging.start(by=cast(User, request.user))
    if (job.total or 0) <= jobs.SMALL:
        jobs.finish_now(job)
    return redirect(_address(f"job={job.pk}"))


def _job(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """The card of the job that the address names, when its reader may know of it."""
    key = request.GET.get("job", "")
    job = job_cards.theirs(request.user, scope).filter(pk=key).first() if is_key(key) else None
    return {"card": job_cards.card(job), "back": reverse(ADDRESS)} if job else {}


def _query(params: QueryDict, *, without: Sequence[str]) -> str:
    kept = params.copy()
    for name in without:
        kept.pop(name, None)
    return kept.urlencode()


def _address(*queries: str) -> str:
    query = "&".join(filter(None, queries))
    return reverse(ADDRESS) + (f"?{query}" if query else "")
