"""Phrases that come up: what was found last, three quotes of each, and what can be done with it."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from feedback.filters import OWN
from feedback.models import Chore, Comment, MutedPhrase, Theme, ThemeRound, Topic
from feedback.notices import excerpt
from feedback.themes import finding, keeping, telling
from ground import job_cards
from ground.access import Scope
from ground.admin import ScopedAdmin, scope_for
from ground.models import Job, Role, User
from ground.text import is_key

ADDRESS = "admin:feedback_theme_changelist"
QUOTES = 3


@dataclass(frozen=True)
class Entry:
    """A theme as one reader sees it: how many of the reader's own comments have it, and some of them."""

    theme: Theme
    own: int
    quotes: list[tuple[str, str]]
    more: str
    prefilled: str

    @property
    def percent(self) -> float:
        """Its share of the window's comments."""
        return 100 * self.theme.in_window / (self.theme.round.in_window or 1)

    @property
    def percent_before(self) -> float:
        """Its share of the comments before."""
        return 100 * self.theme.in_base / (self.theme.round.in_base or 1)


@admin.register(Theme)
class ThemeAdmin(ScopedAdmin):
    """Themes are found in the whole organisation; a team's people see those that stand in their own comments."""

    own_path = OWN

    def rows(self, scope: Scope, *, least: str) -> Q:
        if scope.covers_all(least=least):
            return Q()
        return Q(pk__in=telling.seen_by(scope).values("theme"))

    def holds(self, scope: Scope, *, least: str) -> bool:
        return scope.oversees

    def covers(self, scope: Scope, row: Any, *, least: str) -> bool:
        return scope.covers_all(least=least) or telling.seen_by(scope).filter(theme=row).exists()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        scope = scope_for(request)
        days = int(request.GET["days"]) if request.GET.get("days") in map(str, finding.WINDOWS) else finding.WINDOWS[1]
        looked = ThemeRound.objects.filter(days=days, finished_at__isnull=False).order_by("-pk").first()
        leads_all = scope.covers_all(least=Role.MANAGER)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts, "media": self.media, "title": _("New themes"),
            "looked": looked, "days": days, "windows": finding.WINDOWS, "fewest": finding.FEWEST_COMMENTS,
            "is_few": looked is not None and looked.in_window < finding.FEWEST_COMMENTS,
            "entries": entries(looked, scope) if looked else [],
            "covers_all": scope.covers_all(), "may_change": leads_all,
            "topics": Topic.objects.filter(is_active=True) if leads_all else [],
            "muted": MutedPhrase.objects.select_related("author").order_by("words") if leads_all else [],
            "due_at": Chore.objects.filter(pk=Chore.THEMES).values_list("due_at", flat=True).first(),
        } | _job(request, scope, days)  # fmt: skip
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/feedback/themes.html", context)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """A theme has no page of its own."""
        return redirect(ADDRESS)

    def get_urls(self) -> list[Any]:
        def at(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(require_POST(view)), name=f"feedback_theme_{name}")

        own = [at("look/", self.look, "look"), at("unmute/", self.unmute, "unmute"),
               at("<int:pk>/mute/", self.mute, "mute"), at("<int:pk>/topic/", self.add, "topic")]  # fmt: skip
        return own + super().get_urls()

    def _leader(self, request: HttpRequest) -> User:
        """The person, who manages the whole organisation."""
        if not scope_for(request).covers_all(least=Role.MANAGER):
            raise PermissionDenied
        return cast(User, request.user)

    def look(self, request: HttpRequest) -> HttpResponse:
        by, asked = self._leader(request), request.POST.get("days", "")
        days = [int(asked)] if asked in map(str, finding.WINDOWS) else list(finding.WINDOWS)
        job = finding.start(days=days, by=by)
        return redirect(f"{reverse(ADDRESS)}?{urlencode({'days': days[0], 'job': job.pk})}")

    def mute(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = self._leader(request)
        theme = get_object_or_404(Theme.objects.select_related("round"), pk=pk)
        keeping.mute(theme, by=by)
        messages.success(request, _("“%s” is not shown any more.") % theme.words)
        return redirect(f"{reverse(ADDRESS)}?days={theme.round.days}")

    def unmute(self, request: HttpRequest) -> HttpResponse:
        by, key = self._leader(request), request.POST.get("phrase", "")
        muted = get_object_or_404(MutedPhrase, pk=key if is_key(key) else 0)
        keeping.unmute(muted, by=by)
        messages.success(request, _("“%s” is shown again.") % muted.words)
        return redirect(ADDRESS)

    def add(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = self._leader(request)
        theme = get_object_or_404(Theme.objects.select_related("round"), pk=pk)
        topic = get_object_or_404(Topic, code=request.POST.get("topic", ""), is_active=True)
        keeping.add_to_topic(theme, topic, by=by)
        messages.success(request, _("“%(words)s” finds the topic “%(topic)s” now.")
                         % {"words": theme.words, "topic": topic})  # fmt: skip
        return redirect(f"{reverse(ADDRESS)}?days={theme.round.days}")


def entries(looked: ThemeRound, scope: Scope) -> list[Entry]:
    """The themes of a look that this reader may see, in three statements whatever their number."""
    found = telling.shown(Theme.objects.filter(round=looked), scope).select_related("round", "topic")
    themes = list(found.order_by("position"))
    own = telling.seen_by(scope).filter(theme__in=themes).order_by()
    counts = dict(own.values_list("theme").annotate(n=Count("pk")))
    quoted: dict[int, list[int]] = {}
    for theme, comment in own.order_by("theme", "-comment").values_list("theme", "comment"):
        if len(keys := quoted.setdefault(theme, [])) < QUOTES:
            keys.append(comment)
    texts = Comment.objects.only("text").in_bulk({key for keys in quoted.values() for key in keys})
    return [
        Entry(
            theme=theme, own=counts.get(theme.pk, 0),
            quotes=[(str(key), excerpt(texts[key].text)) for key in quoted.get(theme.pk, []) if key in texts],
            more=f"{reverse('admin:feedback_comment_changelist')}?{urlencode({'q': quote(theme)})}",
            prefilled=f"{reverse('admin:feedback_topic_add')}?{urlencode(_prefilled(theme))}",
        )
        for theme in themes
    ]  # fmt: skip


def quote(theme: Theme) -> str:
    """The search that finds a theme's comments."""
    return f'"{theme.words}"' if " " in theme.words else theme.words


def _prefilled(theme: Theme) -> dict[str, str]:
    language = keeping.language(theme)
    return {f"name_{language}": theme.words.capitalize(), f"cues_{language}": keeping.cue(theme)}


def _job(request: HttpRequest, scope: Scope, days: int) -> dict[str, Any]:
    """The card of the job that the address names, when its reader may know of it."""
    key = request.GET.get("job", "")
    job: Job | None = job_cards.theirs(cast(User, request.user), scope).filter(pk=key).first() if is_key(key) else None
    return {"card": job_cards.card(job), "back": f"{reverse(ADDRESS)}?days={days}"} if job else {}
