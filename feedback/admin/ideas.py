"""Ideas as a list by how many customers have them, and an idea's page with its comments and what can be done to it."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from feedback.admin import idea_acts, idea_file, rows
from feedback.choices import NONE, OFFERED, OWN
from feedback.ideas import ranking
from feedback.ideas.ranking import Standing, Told, Wanted
from feedback.masking import masked
from feedback.models import Comment, Idea, IdeaComment, IdeaStep
from feedback.understanding import meaning
from ground import audit, personal, sheets
from ground.access import Scope
from ground.admin import ScopedAdmin, scope_for
from ground.models import Role, User
from ground.text import clean_line, is_key

PAGE, OF_ONE, LAST = 30, 50, 1_000_000
BEFORE, AFTER = 160, 240
PERIODS = [("7", gettext_lazy("7 days")), ("28", gettext_lazy("28 days")), ("90", gettext_lazy("90 days"))]
ORDERS = [
    ("customers", gettext_lazy("most customers")), ("lately", gettext_lazy("most in 30 days")),
    ("last", gettext_lazy("said last")), ("comments", gettext_lazy("most comments")),
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One idea of the list."""

    idea: Idea
    standing: Standing
    told: Told

    @property
    def key(self) -> str:
        """The primary key as addresses have it, whatever the reader's language does to numbers."""
        return str(self.idea.pk)

    @property
    def bars(self) -> list[dict[str, Any]]:
        """The last thirty days as bars of a picture 60 wide and 18 high."""
        most = max(self.told.bars) or 1
        heights = [round(16 * count / most) + 2 if count else 1 for count in self.told.bars]
        return [{"x": place * 6, "y": 18 - height, "height": height} for place, height in enumerate(heights)]


@dataclass(frozen=True)
class Said:
    """A comment of an idea: the words that ask for it between those around, and whose they are."""

    key: str
    badge: rows.Badge
    before: str
    asked: str
    after: str
    customer: str
    about: list[str]
    comment: Comment
    by: str
    may_change: bool


def wanted_of(params: QueryDict, scope: Scope) -> Wanted:
    """What the address narrows the list to; values that nobody could have chosen are left out."""
    teams = {value for value, _label in OFFERED["team"][1](scope)}  # type: ignore[operator]
    topics = {value for value, _label in OFFERED["topic"][1](scope)} - {NONE}  # type: ignore[operator]
    get = params.get
    return Wanted(
        status=get("status", "") if get("status") in Idea.Status else "",
        topic=get("topic", "") if get("topic") in topics else "",
        team=int(get("team", "")) if get("team", "") in teams and is_key(get("team", "")) else None,
        days=int(get("days", "")) if get("days") in dict(PERIODS) else None,
        query=clean_line(get("q", ""))[:200],
        order=get("order", "") if get("order") in ranking.ORDERS else "customers",
    )


@admin.register(Idea)
class IdeaAdmin(ScopedAdmin):
    """An idea belongs to the whole organisation; people see it by those of its comments that they may see."""

    own_path = OWN

    def rows(self, scope: Scope, *, least: str) -> Q:
        return Q() if scope.covers_all(least=least) else Q(Exists(ranking.visible(scope).filter(idea=OuterRef("pk"))))

    def holds(self, scope: Scope, *, least: str) -> bool:
        return scope.oversees or scope.has_own

    def covers(self, scope: Scope, row: Any, *, least: str) -> bool:
        return scope.covers_all(least=least) or ranking.visible(scope).filter(idea=row).exists()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        scope = scope_for(request)
        wanted = wanted_of(request.GET, scope)
        found = ranking.ranked(wanted, scope)
        if (form := request.GET.get("format", "")) in sheets.FORMS:
            audit.note("ideas.exported", by=cast(User, request.user), count=len(found), form=form)
            return idea_file.written(found, scope, form=form)
        number = _page_number(request.GET)
        shown = found[(number - 1) * PAGE : number * PAGE]
        ideas = Idea.objects.select_related("owner").in_bulk([each.pk for each in shown])
        told = ranking.told(list(ideas.values()), scope)
        context = {
            "title": _("Ideas"),
            "entries": [Entry(ideas[each.pk], each, told[each.pk]) for each in shown if each.pk in ideas],
            "count": _counted(len(found)), "wanted": wanted, "is_narrowed": wanted != Wanted(),
            "files": [(name.upper(), _query(request.GET, format=name, page="")) for name in sheets.FORMS],
            "views": _views(request.GET, wanted), "choices": _choices(wanted, scope),
            "newer": _query(request.GET, page=str(number - 1)) if number > 1 else "",
            "older": _query(request.GET, page=str(number + 1)) if len(found) > number * PAGE else "",
        }  # fmt: skip
        return self.page(request, "admin/feedback/ideas.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        idea = self.visible(request, object_id)
        if idea.merged_into_id:
            return redirect("admin:feedback_idea_change", idea.merged_into_id)
        scope, reader = scope_for(request), cast(User, request.user)
        links = ranking.visible(scope).filter(idea=idea).select_related(
            "author", "comment__customer", "comment__team", "comment__agent", "comment__response"
        ).order_by("-comment__said_at", "-pk")  # fmt: skip
        number = _page_number(request.GET)
        found = list(links[(number - 1) * OF_ONE : number * OF_ONE + 1])
        told, standing = ranking.told([idea], scope)[idea.pk], ranking.standing(idea, scope)
        context = {
            "title": told.title or _("Idea %d") % idea.pk,
            "idea": idea, "told": told, "standing": standing, "key": str(idea.pk),
            "entry": Entry(idea, standing, told) if standing else None,
            "said": [said(link, scope) for link in found[:OF_ONE]],
            "may_name": scope.covers_all(least=Role.MANAGER),
            "statuses": Idea.Status.choices, "owners": _owners() if scope.covers_all(least=Role.MANAGER) else [],
            "similar": self.similar(idea, scope), "merged": list(idea.merged.values_list("pk", flat=True)),
            "step": _step(request, reader),
            "newer": _query(request.GET, page=str(number - 1)) if number > 1 else "",
            "older": _query(request.GET, page=str(number + 1)) if len(found) > OF_ONE else "",
        }  # fmt: skip
        context["may_change"] = any(row.may_change for row in context["said"])
        return self.page(request, "admin/feedback/idea.html", context)

    def similar(self, idea: Idea, scope: Scope) -> list[dict[str, Any]]:
        """Ideas that may be the same, with their words and numbers."""
        own = meaning.unit(meaning.unpacked(bytes(idea.centre)))
        found = ranking.similar(own, idea.near, space=idea.space, without=[idea.pk], scope=scope)
        titles = ranking.titles_of([other for other, _close in found], scope)
        return [{"key": str(other.pk), "title": titles[other.pk], "percent": round(close * 100)}
                for other, close in found]  # fmt: skip

    def visible(self, request: HttpRequest, key: str) -> Idea:
        if not self.has_view_permission(request):
            raise PermissionDenied
        known = Idea.objects.select_related("owner").filter(self.rows(scope_for(request), least=Role.VIEWER))
        idea = known.filter(pk=key).first() if is_key(key) else None
        if idea is None:
            raise Http404
        return idea

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media}
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, template, frame | context)

    def get_urls(self) -> list[Any]:
        act = path("<int:pk>/act/", self.admin_site.admin_view(self.act), name="feedback_idea_act")
        return [act, *super().get_urls()]

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One of the buttons of an idea's page."""
        if request.method != "POST":
            return HttpResponse(status=405)
        idea, scope = self.visible(request, str(pk)), scope_for(request)
        try:
            step = idea_acts.do(idea, request.POST, by=cast(User, request.user), scope=scope)
        except idea_acts.Refused as refusal:
            messages.error(request, refusal.said)
            return redirect("admin:feedback_idea_change", pk)
        messages.success(request, step.said)
        shown = step.idea or pk
        if not Idea.objects.filter(self.rows(scope, least=Role.VIEWER), pk=shown).exists():
            return redirect("admin:feedback_idea_changelist")  # it went, or the last comment that they may see did
        page = reverse("admin:feedback_idea_change", args=[shown])
        return redirect(page + (f"?step={step.pk}" if step.pk else ""))


def said(link: IdeaComment, scope: Scope) -> Said:
    """A comment as an idea's page shows it."""
    comment, response = link.comment, link.comment.response
    text, hidden = comment.text, personal.find(comment.text)
    start, end = link.start, min(link.end or len(text), len(text))
    first, last = max(0, start - BEFORE), min(len(text), end + AFTER)
    return Said(
        key=str(comment.pk),
        badge=rows.badge(score=response.score if response else None, scale=response.scale if response else "",
                         stars=comment.stars),
        before=("…" if first else "") + masked(text, start=first, end=start, hidden=hidden),
        asked=masked(text, start=start, end=end, hidden=hidden),
        after=masked(text, start=end, end=last, hidden=hidden) + ("…" if last < len(text) else ""),
        customer=str(comment.customer or _("anonymous")),
        about=[str(part) for part in (comment.team, comment.agent) if part],
        comment=comment, by=str(link.author or ""),
        may_change=scope.allows(comment.team_id, least=Role.MANAGER),
    )  # fmt: skip


def _counted(count: int) -> str:
    words = ngettext("%d idea", "%d ideas", count) % count
    return _("more than %s") % words if count >= ranking.MOST else words


def _views(params: QueryDict, wanted: Wanted) -> list[dict[str, Any]]:
    choices = [("", _("All")), *Idea.Status.choices]
    return [{"label": label, "address": _query(params, status=value), "is_open": wanted.status == value}
            for value, label in choices]  # fmt: skip


def _choices(wanted: Wanted, scope: Scope) -> list[dict[str, Any]]:
    """The fields of the filter form: name, label, options, and what is chosen."""
    teams = OFFERED["team"][1](scope)  # type: ignore[operator]
    topics = OFFERED["topic"][1](scope)  # type: ignore[operator]
    return [
        {"name": name, "label": label, "options": options, "value": str(getattr(wanted, name) or "")}
        for name, label, options in (
            ("topic", _("topic"), [pair for pair in topics if pair[0] != NONE]),
            ("team", _("team"), [pair for pair in teams if pair[0] != NONE]),
            ("days", _("period"), PERIODS),
            ("order", _("order"), ORDERS),
        )
    ]


def _page_number(params: QueryDict) -> int:
    """The page that the address names; it may say anything."""
    asked = params.get("page", "")
    return min(max(1, int(asked)), LAST) if is_key(asked) else 1


def _query(params: QueryDict, **changes: str) -> str:
    kept = params.copy()
    for name in ("page", "step", *changes):
        kept.pop(name, None)
    kept.update({name: value for name, value in changes.items() if value})
    return "?" + kept.urlencode()


def _owners() -> list[User]:
    return list(User.objects.filter(is_active=True).order_by("name", "email")[:200])


def _step(request: HttpRequest, reader: User) -> IdeaStep | None:
    """The act that the address names, while it can be taken back by this reader."""
    key = request.GET.get("step", "")
    return IdeaStep.objects.filter(pk=key, author=reader, undone_at=None).first() if is_key(key) else None
