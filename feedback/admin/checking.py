"""The queue of labels to check: one comment after the other, each confirmed or corrected by a few keys."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from feedback import checking, corrections, lanes
from feedback import topics as taxonomy
from feedback.admin import acting, phrases, told
from feedback.admin.acting import Refused, Reply
from feedback.admin.cards import Card, as_typed, cards, drawn_by, noted
from feedback.admin.correcting import meanwhile, seen
from feedback.checking import ReadAnew, Verdict
from feedback.models import Check, Comment, Topic
from ground.access import Scope, get_visible, requires
from ground.admin import scope_for
from ground.models import Role, User
from ground.text import is_key

PAGE = "admin:feedback_comment_checking"
STACK, LOOKED_AT, LAST = 3, 10, 5


def addresses(site: AdminSite, *, read: Callable[..., HttpResponse]) -> list[URLPattern]:
    """The queue's page, the acts on one of its comments, and the way back; `read` renders in the frame of the desk."""
    own = acting.addresses(site, Comment, ACTS, show=partial(answer, read=read))
    shown = requires(Role.VIEWER)(partial(show, read=read))
    back = requires(Role.MANAGER)(require_POST(take_back))
    shown_phrases = requires(Role.VIEWER)(same_phrases)
    return [
        path("checking/", site.admin_view(shown), name="feedback_comment_checking"),
        path("<int:pk>/phrases/", site.admin_view(shown_phrases), name="feedback_comment_phrases"),
        path("checking/back/", site.admin_view(back), name="feedback_comment_checking_back"),
        *own,
    ]


def verdict(comment: Comment, form: QueryDict) -> Verdict:
    """What a card's form says. Raises ValueError on what no card sends, and Refused without a tone."""
    if not form.get("tone"):
        raise Refused(_("Choose the tone first."))
    named, shown = set(form.getlist("topic")), set(form.getlist("shown"))
    every = {topic.code: topic for topic in Topic.objects.all()}
    if not named | shown <= set(every):
        raise ValueError("topic")
    has = set(comment.topics.values_list("topic__code", flat=True))
    fresh = named - shown - has
    if not fresh <= {topic.code for topic in taxonomy.offered()}:
        raise ValueError("topic")
    topics = {every[code]: code in named for code in sorted(named | shown)}
    return Verdict(tone=form["tone"], constructive=form.get("constructive") == "yes", topics=topics)


def _check(comment: Comment, form: QueryDict, person: User) -> str:
    try:
        checking.check(comment, verdict(comment, form), by=person, seen=seen(form))
    except corrections.Overtaken as error:
        raise Refused(meanwhile(error.label), status=409) from None
    except ReadAnew:
        raise Refused(_("The machine has read this text again meanwhile: look once more."), status=409) from None
    return _("Checked")


def _skip(comment: Comment, form: QueryDict, person: User) -> str:
    checking.skip(comment, by=person)
    return _("Skipped: it comes again tomorrow.")


def _same(comment: Comment, form: QueryDict, person: User) -> str:
    first = checking.last(person)
    if first is None or first.comment_id != comment.pk:
        raise Refused(_("Check the comment first."), status=409)
    count = len(checking.apply_to_same(first))
    return ngettext("Applied to %d more comment.", "Applied to %d more comments.", count) % count


ACTS: dict[str, acting.Act] = {"check": _check, "skip": _skip, "same": _same}


def show(request: HttpRequest, *, read: Callable[..., HttpResponse], status: int = 200) -> HttpResponse:
    """The page: for managers the comment to check and those after it, for viewers the next ones to look at."""
    params = request.POST or request.GET
    lane = _lane(params)
    scope, person = scope_for(request), cast(User, request.user)
    is_manager = scope.covers_all(least=Role.MANAGER) or bool(scope.team_ids(least=Role.MANAGER))
    least = Role.MANAGER if is_manager else Role.VIEWER
    context = {
        "title": _("Labels to check"),
        "opts": None,  # or the frame would call the page by its model's name
        "lane": lane,
        "lanes": [(name, label, _left(lanes.left(name, scope, least=least))) for name, label in _names()],
        "may_check": is_manager,
        "cards": _stack(request, lane) if is_manager else _to_look_at(request, lane),
    }
    if is_manager:
        context |= {"pace": checking.pace(person), "last": noted(person, scope, most=LAST), "same": _others(request)}
    page = read(request, "admin/feedback/checking.html", context)
    page.status_code = status
    return page


def _names() -> list[tuple[str, Any]]:
    return [(lanes.MIXED, _("Mixed")), *((name, Check.Lane(name).label) for name in lanes.LANES[1:])]


def _lane(params: QueryDict) -> str:
    asked = params.get("lane", lanes.MIXED)
    return asked if asked in lanes.LANES else lanes.MIXED


def _left(count: int) -> str:
    return f"{lanes.MOST_COUNTED}+" if count >= lanes.MOST_COUNTED else str(count)


def _stack(request: HttpRequest, lane: str) -> list[Card]:
    """The comment that the address or the refused form names, then the next ones."""
    scope, person = scope_for(request), cast(User, request.user)
    asked = request.GET.get("at") or request.POST.get("at", "")
    keys = [_named(asked, scope).pk] if asked else []
    checks = lanes.give(lane, to=person, scope=scope, number=STACK - len(keys), without=keys)
    found = cards([*keys, *(check.comment_id for check in checks)], scope=scope, lanes=drawn_by(checks))
    return [as_typed(found[0], request.POST), *found[1:]] if request.POST else found


def _named(key: str, scope: Scope) -> Comment:
    if not is_key(key):
        raise Http404
    return get_visible(Comment.objects.all(), scope, pk=key, least=Role.MANAGER)


def _to_look_at(request: HttpRequest, lane: str) -> list[Card]:
    scope = scope_for(request)
    first = lanes.MIX if lane == lanes.MIXED else (lane,)
    keys: list[int] = []
    for name in first:
        keys += lanes.waiting(name, scope, least=Role.VIEWER).values_list("pk", flat=True)[: LOOKED_AT // len(first)]
    return cards(keys, scope=scope, lanes={})


def _others(request: HttpRequest) -> dict[str, Any] | None:
    """How many comments say the same as the one that was checked just now, when there are any."""
    key, first = request.GET.get("said", ""), checking.last(cast(User, request.user))
    if first is None or key != str(first.comment_id):
        return None
    return same_elsewhere(first, request)


def same_elsewhere(first: Check, request: HttpRequest) -> dict[str, Any] | None:
    found = len(checking.same(first.comment, scope_for(request)).values_list("pk")[: checking.MOST_SAME])
    if not found:
        return None
    said = ngettext("%d more comment says the same.", "%d more comments say the same.", found) % found
    return {"said": said, "address": reverse("admin:feedback_comment_same", args=[first.comment_id])}


def same_phrases(request: HttpRequest, pk: int) -> HttpResponse:
    """The way to other comments with the same phrases, asked for apart: counting them costs more than the card."""
    scope = scope_for(request)
    comment = get_visible(Comment.objects.select_related("response"), scope, pk=pk)
    (said,) = told.of([(comment, comment.response)])
    found = phrases.elsewhere(comment, said, scope)
    return TemplateResponse(request, "admin/feedback/checking_phrases.html", {"phrases": found})


def answer(request: HttpRequest, reply: Reply, *, read: Callable[..., HttpResponse]) -> HttpResponse:
    """After an act: for a script the comment as it is and the next one, else the page."""
    if not request.accepts("text/html"):
        return JsonResponse(_told(request, reply), status=reply.status)
    (messages.success if reply.status == 200 else messages.error)(request, reply.said)
    if reply.status == 200:
        return redirect(_address(request, said=str(reply.pk)))
    return show(request, read=read, status=reply.status)


def _address(request: HttpRequest, **more: str) -> str:
    query = QueryDict(mutable=True)
    query.update({"lane": _lane(request.POST)} | more)
    return f"{reverse(PAGE)}?{query.urlencode()}"


def _told(request: HttpRequest, reply: Reply, *, is_back: bool = False) -> dict[str, Any]:
    """The comment anew, another one for the end of the stack, how fast it goes, and who says the same."""
    scope, person = scope_for(request), cast(User, request.user)
    have = [int(key) for key in request.POST.getlist("have")[:20] if is_key(key)]
    number = max(0, STACK - len(have)) if reply.status == 200 and not is_back else 0
    checks = lanes.give(_lane(request.POST), to=person, scope=scope, number=number, without=[reply.pk, *have])
    keys = [reply.pk, *(check.comment_id for check in checks)]
    fresh, *more = [
        render_to_string("admin/feedback/checking_card.html", _card_context(request, card), request)
        for card in cards(keys, scope=scope, lanes=drawn_by(checks))
    ]
    pace = checking.pace(person)
    first = checking.last(person) if reply.status == 200 and not is_back else None
    is_first = first is not None and first.comment_id == reply.pk and first.lane != Check.Lane.SAME
    return {
        "said": reply.said,
        "card": fresh,
        "more": more,
        "pace": render_to_string("admin/feedback/checking_pace.html", {"pace": pace}),
        "same": same_elsewhere(first, request) if first and is_first else None,
    }


def _card_context(request: HttpRequest, card: Card) -> dict[str, Any]:
    return {"card": card, "lane": _lane(request.POST), "hidden": True}


def take_back(request: HttpRequest) -> HttpResponse:
    """Take back what the person checked last, and show it again."""
    person = cast(User, request.user)
    undone = checking.undo(by=person)
    if undone is None:
        if not request.accepts("text/html"):
            return JsonResponse({"said": _("Nothing to take back.")}, status=409)
        messages.warning(request, _("Nothing to take back."))
        return redirect(_address(request))
    if undone.lane == Check.Lane.SAME:
        said, at = _("Taken back for all that say the same."), {}
    else:
        lanes.keep(undone.comment, undone.lane, to=person)
        said, at = _("Taken back"), {"at": str(undone.comment_id)}
    if not request.accepts("text/html"):
        news = _told(request, Reply(pk=undone.comment_id, said=said), is_back=True)
        return JsonResponse(news if at else news | {"card": ""})
    messages.success(request, said)
    return redirect(_address(request, **at))
