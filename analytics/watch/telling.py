"""Whom a deviation is told, and what stands in the mail."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext_lazy

from analytics.models import Incident
from analytics.watch import incidents, words
from ground import notice_mail, notices
from ground.access import Scope
from ground.models import Notice, Role, User
from ground.notices import Event, Kind, Line, Pace, Section

PAGE = "analytics:deviations"
MOST = 10


def tell(found: Sequence[Incident], *, again: dt.date | None = None) -> int:
    """Tell each of these once, and once more when a person put it off until a day; in the writing transaction.

    Who sees the whole organisation is not told of the parts of what is told of the whole.
    """
    if not found:
        return 0
    people = notices.audience(row.team_id for row in found if row.team_id)
    events = [
        Event(user=user, key=f"incident:{row.pk}" + (f":{again}" if again else ""), data={"incident": row.pk})
        for row in found
        for user, scope in people
        if scope.allows(row.team_id, least=Role.VIEWER) and not (scope.covers_all() and incidents.is_part(row, found))
    ]
    notice_mail.announce(lambda: _shown([row for row in found if not incidents.is_part(row, found)], most=MOST))
    return notices.tell_all(events, kind=INCIDENT.name)


def line(row: Incident) -> Line:
    about = f"{words.title(row)} · {words.place(row)}"
    return Line(about=about, text=words.sentence(row), at=row.created_at, path=f"{reverse(PAGE)}#i{row.pk}")


def _section(user: User, scope: Scope, rows: Sequence[Notice], most: int) -> Section | None:
    """Those that still go on, or are days old, and that nobody has put off or called not worth it."""
    keys = [row.data["incident"] for row in rows]
    hushed = (Incident.State.DISMISSED, Incident.State.SNOOZED)
    found = incidents.visible(scope).filter(pk__in=keys).exclude(state__in=hushed)
    shown = list(found.select_related("team", "topic").order_by("-last_day", "pk"))
    return _shown(shown, most=most)


def _shown(shown: Sequence[Incident], *, most: int) -> Section | None:
    if not shown:
        return None
    return Section(
        count=ngettext_lazy("%d deviation", "%d deviations") % len(shown),
        lines=tuple(line(row) for row in shown[:most]),
        more=max(0, len(shown) - most),
        path=reverse(PAGE),
    )


INCIDENT = notices.register(
    Kind(
        name="incident",
        title=gettext_lazy("Something is out of the ordinary"),
        explains=gettext_lazy(
            "A score, a share of comments, a number of contacts or a response time of yours left its usual range."
        ),
        default=lambda scope: Pace.IMMEDIATE if notices.leads(scope) else Pace.NEVER,
        section=_section,
        concerns=lambda scope: scope.oversees,
    )
)
