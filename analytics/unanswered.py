"""Who still waits for a first response, looked up one by one: how long depends on the moment that asks (M18)."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from analytics import cuts
from analytics.contact_counts import COLUMNS, CONTACTS
from analytics.filters import BEFORE, NOW, Filters
from analytics.levels import Levels
from analytics.models.counted import Counted
from analytics.periods import Period, local_day
from ground.calendars import Calendars
from ground.unindexed import Unindexed
from ground.working_time import working_seconds
from surveys.models import Interaction

# So many who wait are looked at one by one; with more than that something else is wrong.
MOST_WAITING = 5000


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A contact without a response and how long it has waited, in seconds.

    `working` is None when neither its level nor the asker goes by it, `is_overdue` without a level.
    """

    pk: int
    team: int | None
    agent: int | None
    channel: str
    day: dt.date
    wall: float
    working: float | None
    is_overdue: bool | None


def of_contacts(filters: Filters, *, team: str = "team") -> Q:
    """The condition on rows of interactions or their counts, but for their days: a survey or a source is not theirs."""
    chosen = {team: filters.team, "channel": filters.channel}
    return filters.scope.rows(team) & Q(**{name: value for name, value in chosen.items() if value})


def contacts(table: type[Counted], filters: Filters, *columns: str) -> QuerySet[Any]:
    """Counts of contacts in this scope but for the days, from the narrowest cut that tells these columns apart."""
    return cuts.narrowest(table, filters.needed(*columns)).filter(of_contacts(filters))


def waiting(
    filters: Filters,
    periods: list[Period],
    *,
    levels: Levels,
    as_of: dt.datetime,
    by_working_time: bool = False,
    rows_of: Q | None = None,
) -> list[Waiter]:
    """Those of the periods, the newest first; `rows_of` is the condition on them when it is not that of the filters."""
    began = Q(pk__in=[])
    for period in periods:
        first, after = period.moments(filters.zone)
        began |= Q(created_at__gte=first, created_at__lt=after)
    found = Interaction.objects.annotate(of_team=Unindexed("team"))
    rows = found.filter(CONTACTS, rows_of or of_contacts(filters, team="of_team"), began)
    return waiters(rows, levels=levels, as_of=as_of, by_working_time=by_working_time)


def waiters(
    rows: QuerySet[Interaction], *, levels: Levels, as_of: dt.datetime, by_working_time: bool = False
) -> list[Waiter]:
    """Those of the contacts whom nobody has responded to yet, the newest first."""
    rows = rows.filter(first_response_at=None, answered_at=None, closed_at=None, is_abandoned=False).only(*COLUMNS)
    calendars, found = Calendars(), []
    for row in rows.order_by("-created_at")[:MOST_WAITING]:
        level = levels.of(row)
        wall, working = (as_of - row.created_at).total_seconds(), None
        if by_working_time or (level and level.is_working_time):
            working = working_seconds(calendars.hours(row.team_id), row.created_at, as_of)
        waited = working if level and level.is_working_time else wall
        found.append(Waiter(
            pk=row.pk,
            team=row.team_id,
            agent=row.agent_id,
            channel=row.channel,
            day=local_day(row.created_at, levels.zone),
            wall=wall,
            working=working,
            is_overdue=(waited or 0) > level.seconds if level else None,
        ))  # fmt: skip
    return found


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """How many wait by period, team, channel and `overdue` or `pending`, younger than the level.

    Without a level nobody is told of, since nobody is late.
    """

    has_levels: bool
    counts: Counter[tuple[str, int | None, str, str]]


NOBODY = Unanswered(has_levels=False, counts=Counter())


def unanswered(filters: Filters, *, as_of: dt.datetime) -> Unanswered:
    """Who of both periods waits for a first response that a level asks for."""
    levels = Levels(filters.zone)
    found = Unanswered(has_levels=bool(levels), counts=Counter())
    periods = [filters.period, filters.before] if filters.before else [filters.period]
    for waiter in waiting(filters, periods, levels=levels, as_of=as_of) if levels else ():
        if waiter.is_overdue is not None:
            when = NOW if filters.period.start <= waiter.day <= filters.period.end else BEFORE
            found.counts[when, waiter.team, waiter.channel, "overdue" if waiter.is_overdue else "pending"] += 1
    return found
