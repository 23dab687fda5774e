"""Complaints that somebody still has to act on: who waits, since when, for whom, and until when."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from analytics.contact_counts import CONTACTS
from analytics.levels import Levels
from analytics.reports import Filters
from analytics.unanswered import of_contacts
from ground.calendars import Calendars
from ground.unindexed import Unindexed
from ground.working_time import add_working_time
from surveys import acquaintance
from surveys.models import Interaction

# So many are looked at, the oldest first; with more than that the list is no list any more.
MOST = 2000
LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Unsolved:
    """An open complaint; `deadline` is that of its first response, None once that has come or without a level.

    It `is_late` if it still waits, is overdue, and its source tells of responses: of another nobody knows whether one
    came. One that ended without a response and was opened again is counted as it ended.
    """

    contact: Interaction
    deadline: dt.datetime | None
    is_overdue: bool
    is_late: bool

    @property
    def waits(self) -> bool:
        """Whether nobody has responded yet, nor ended it without a response."""
        return self.contact.responded_at is None and self.contact.waits()

    @property
    def is_reopened(self) -> bool:
        return self.contact.reopened_at is not None


def unsolved(filters: Filters, *, levels: Levels, as_of: dt.datetime) -> tuple[Unsolved, ...]:
    """Open complaints of whatever day: the overdue first, then by deadline, then the oldest."""
    rows = _open(filters).annotate(is_hidden=acquaintance.hidden(filters.scope))
    rows = rows.select_related("customer", "team", "agent").order_by("created_at", "pk")[:MOST]
    calendars = Calendars()
    found = [_unsolved(row, levels, calendars, as_of=as_of) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.is_overdue, one.deadline or LAST, one.contact.created_at)))


def how_many(filters: Filters, looked_at: int) -> int:
    """How many are open where so many were looked at: those that were not are counted."""
    return _open(filters).count() if looked_at >= MOST else looked_at


def _open(filters: Filters) -> QuerySet[Interaction]:
    every = Interaction.objects.annotate(of_team=Unindexed("team"))
    return every.filter(CONTACTS, of_contacts(filters, team="of_team"), Interaction.open(), is_complaint=True)


def _unsolved(row: Interaction, levels: Levels, calendars: Calendars, *, as_of: dt.datetime) -> Unsolved:
    level = levels.of(row) if row.responded_at is None else None
    if level is None:
        return Unsolved(contact=row, deadline=None, is_overdue=False, is_late=False)
    if level.is_working_time:
        deadline = add_working_time(calendars.hours_of(row.calendar_id), row.created_at, level.seconds)
    else:
        deadline = row.created_at + dt.timedelta(seconds=level.seconds)
    is_overdue = as_of > deadline
    is_late = is_overdue and row.waits() and levels.judges(row)
    return Unsolved(contact=row, deadline=deadline, is_overdue=is_overdue, is_late=is_late)
