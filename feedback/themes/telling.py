"""Who is told of new themes: people who may see comments with them, of each phrase once."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from feedback.models import MutedPhrase, Theme, ThemeComment, ThemeRound
from ground import notices
from ground.access import Scope
from ground.models import Notice, User
from ground.notices import Event, Kind, Line, Pace, Section

TEAM, OWN = "comment__team", "comment__agent__user"
MOST_TOLD = 5
# So long may be what an event is known by.
LONGEST_KEY = 64


def seen_by(scope: Scope) -> QuerySet[ThemeComment]:
    """The comments with themes that somebody may see."""
    return ThemeComment.objects.filter(scope.rows(TEAM, own=OWN))


def shown(themes: QuerySet[Theme], scope: Scope) -> QuerySet[Theme]:
    """Those of the themes that nobody has muted and of which the reader may see a comment."""
    muted = MutedPhrase.objects.filter(phrase=OuterRef("phrase"))
    return themes.filter(~Exists(muted), Exists(seen_by(scope).filter(theme=OuterRef("pk"))))


def tell(looked: ThemeRound) -> int:
    """Tell of the first themes of a look, in the transaction that stores it."""
    themes = list(Theme.objects.filter(round=looked)[:MOST_TOLD])
    if not themes:
        return 0
    teams = ThemeComment.objects.filter(theme__in=themes).values_list("comment__team", flat=True).distinct()
    events = []
    for user, scope in notices.audience(team for team in teams if team is not None):
        known = shown(Theme.objects.filter(pk__in=[theme.pk for theme in themes]), scope)
        events += [Event(user=user, key=_key(theme.phrase), data={"theme": theme.pk}) for theme in known]
    return notices.tell_all(events, kind=THEME.name)


def _key(phrase: str) -> str:
    """What a theme is known by: its phrase, and of three long words what nothing else comes to."""
    key = f"theme:{phrase}"
    return key if len(key) <= LONGEST_KEY else f"theme:{hashlib.sha256(phrase.encode()).hexdigest()[:40]}"


def _section(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    keys = [row.data["theme"] for row in rows]
    found = list(shown(Theme.objects.filter(pk__in=keys), scope).select_related("round").order_by("position"))
    if not found:
        return None
    own = seen_by(scope).filter(theme__in=found).order_by().values("theme").annotate(n=Count("pk"))
    counts: dict[int, Any] = dict(own.values_list("theme", "n"))
    path = reverse("admin:feedback_theme_changelist")
    lines = tuple(
        Line(
            about=_("in %d days") % theme.round.days,
            text=f"{theme.words}: " + ngettext("%d comment", "%d comments", counts[theme.pk]) % counts[theme.pk],
            at=theme.round.until, path=f"{path}?days={theme.round.days}",
        )
        for theme in found[:most]
    )  # fmt: skip
    words = ngettext("%d new theme", "%d new themes", len(found)) % len(found)
    return Section(count=words, lines=lines, more=len(found) - len(lines), path=path)


THEME = notices.register(
    Kind(
        name="new_theme",
        title=gettext_lazy("A new theme in comments"),
        explains=gettext_lazy("A phrase comes up far more often than in the ninety days before."),
        default=lambda scope: Pace.DAILY if notices.leads(scope) else Pace.NEVER,
        section=_section,
    )
)
