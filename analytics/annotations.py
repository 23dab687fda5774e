"""Notes that people put on the charts: what happened on which days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from analytics import formats
from analytics.models import Annotation
from analytics.periods import DAY, Period
from analytics.reports import Filters
from ground import audit
from ground.access import Scope
from ground.models import User


@dataclass(frozen=True)
class Note:
    """A note as the charts of one page number it."""

    number: int
    row: Annotation

    @property
    def start(self) -> dt.date:
        return self.row.start

    @property
    def end(self) -> dt.date:
        return self.row.end

    @property
    def days(self) -> str:
        return formats.period(self.start, self.end)

    def __str__(self) -> str:
        return str(self.row)


def noted(filters: Filters) -> tuple[Note, ...]:
    """The notes on the days that the trends of these filters show, the oldest first; whoever sees the own work alone
    sees none.
    """
    if not filters.scope.oversees:
        return ()
    weeks = filters.period.weeks()
    rows = _seen(filters.scope, team=filters.team).filter(end__gte=weeks[0].start, start__lte=weeks[-1].end)
    found = rows.select_related("team").order_by("start", "pk")
    return tuple(Note(number, row) for number, row in enumerate(found, start=1))


def within(notes: Sequence[Note], period: Period) -> list[Note]:
    """Those of the notes that touch these days."""
    return [note for note in notes if note.start <= period.end and note.end >= period.start]


def outage_days(scope: Scope, period: Period, *, team: int | None = None) -> set[dt.date]:
    """The days of a period on which something was out of order: nobody should be alarmed by them."""
    rows = _seen(scope, team=team).filter(kind=Annotation.Kind.OUTAGE, end__gte=period.start, start__lte=period.end)
    days: set[dt.date] = set()
    for start, end in rows.values_list("start", "end"):
        first, last = max(start, period.start), min(end, period.end)
        days |= {first + ahead * DAY for ahead in range((last - first).days + 1)}
    return days


def note_change(annotation: Annotation, *, what: str, by: User) -> None:
    """Keep in the audit log that somebody added, changed or deleted a note."""
    audit.note(f"annotation.{what}", by=by, subject=annotation, kind=annotation.kind, start=str(annotation.start))


def _seen(scope: Scope, *, team: int | None) -> QuerySet[Annotation]:
    """Those for all, and those of the teams that are looked at."""
    teams = Q(team=team) if team else Q(team__isnull=False)
    return Annotation.objects.filter(Q(team=None) | scope.rows("team") & teams)
