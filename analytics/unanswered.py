"""Who still waits for a first response, looked up one by one: how long depends on the moment that asks (M18)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from analytics import cuts
from analytics.contact_counts import COLUMNS, CONTACTS
from analytics.filters import NOW, Filters
from analytics.levels import Levels, is_judged
from analytics.models.counted import Counted
from analytics.periods import Period, local_day
from analytics.service_levels import stands
from ground.calendars import Calendars
from ground.unindexed import Unindexed, UnindexedText
from ground.working_time import add_working_time, working_seconds
from surveys.models import Interaction

# So many who wait are looked at one by one, those who have waited longest; the pages say when there are more.
MOST_WAITING = 20_000


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


def of_contacts(filters: Filters, *, team: str = "team", channel: str = "channel") -> Q:
    """The condition on rows of interactions or their counts, but for their days: a survey or a source is not theirs."""
    chosen = {team: filters.team, channel: filters.channel}
    return filters.scope.rows(team) & Q(**{name: value for name, value in chosen.items() if value})


def contacts(table: type[Counted], filters: Filters, *columns: str) -> QuerySet[Any]:
    """Counts of contacts in this scope but for the days, from the narrowest cut that tells these columns apart."""
    return cuts.narrowest(table, filters.needed(*columns)).filter(of_contacts(filters))


def contacts_over(table: type[Counted], filters: Filters, *columns: str) -> QuerySet[Any]:
    """The same of the period, months at once (`Filters.over`)."""
    return filters.over(table, *columns, where=of_contacts(filters))


def contacts_over_both(table: type[Counted], filters: Filters, *columns: str) -> QuerySet[Any]:
    """The same of both periods, each with `when`."""
    return filters.over_both(table, *columns, where=of_contacts(filters))


def began_in(filters: Filters, periods: list[Period], rows_of: Q | None = None) -> QuerySet[Interaction]:
    """The contacts that began in the periods; `rows_of` is the condition on them when it is not that of the filters."""
    began = Q(pk__in=[])
    for period in periods:
        first, after = period.moments(filters.zone)
        began |= Q(created_at__gte=first, created_at__lt=after)
    found = Interaction.objects.annotate(of_team=Unindexed("team"), of_channel=UnindexedText("channel"))
    return found.filter(CONTACTS, rows_of or of_contacts(filters, team="of_team", channel="of_channel"), began)


def waiting(
    filters: Filters,
    periods: list[Period],
    *,
    levels: Levels,
    as_of: dt.datetime,
    by_working_time: bool = False,
    rows_of: Q | None = None,
) -> list[Waiter]:
    """Those of the periods, the oldest first; `rows_of` is the condition on them when it is not that of the filters."""
    rows = began_in(filters, periods, rows_of)
    return waiters(rows, levels=levels, as_of=as_of, by_working_time=by_working_time)


def waiting_of_both(
    filters: Filters, *, as_of: dt.datetime, by_working_time: bool, rows_of: Q | None = None
) -> list[Waiter]:
    """Those of the period and of the one compared with."""
    return waiting(
        filters, filters.periods, levels=filters.levels, as_of=as_of, by_working_time=by_working_time, rows_of=rows_of
    )


def waiters(
    rows: QuerySet[Interaction], *, levels: Levels, as_of: dt.datetime, by_working_time: bool = False
) -> list[Waiter]:
    """Those of the contacts whom nobody has responded to yet, the oldest first."""
    rows = _waiting(rows)
    calendars, found = Calendars(), []
    # By calendar from the newest back, so that each stretch of working time is walked once.
    walked: dict[Any, tuple[dt.datetime, float]] = {}
    for row in reversed(list(rows.order_by("created_at", "pk")[:MOST_WAITING])):
        level = levels.of(row)
        wall, working = (as_of - row.created_at).total_seconds(), None
        if by_working_time or (level and level.is_working_time):
            until, total = walked.get(row.calendar_id, (as_of, 0.0))
            working = total + working_seconds(calendars.hours_of(row.calendar_id), row.created_at, until)
            walked[row.calendar_id] = min(row.created_at, until), working
        waited = working if level and level.is_working_time else wall
        found.append(Waiter(
            pk=row.pk,
            team=row.team_id,
            agent=row.agent_id,
            channel=row.channel,
            day=local_day(row.created_at, levels.zone),
            wall=wall,
            working=working,
            is_overdue=stands(waited or 0, target=level.seconds, is_over=False) == "late" if level else None,
        ))  # fmt: skip
    return found[::-1]


def _waiting(rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
    """Of sources that tell of responses."""
    return rows.filter(is_judged(), Interaction.waiting()).only(*COLUMNS)


def let_down(period: Period, where: Q, *, zone: ZoneInfo, as_of: dt.datetime) -> Counter[tuple[dt.date, Any, str]]:
    """How many still wait by the day of the period on which their level passed, team and channel, however many."""
    levels, calendars = Levels(zone), Calendars()
    found: Counter[tuple[dt.date, Any, str]] = Counter()
    began = Q(created_at__lt=min(period.moments(zone)[1], as_of))
    for row in _waiting(Interaction.objects.filter(CONTACTS, where, began)).iterator() if levels else ():
        level = levels.of(row)
        if level is None:
            continue
        passed = row.created_at + dt.timedelta(seconds=level.seconds)
        if level.is_working_time:
            passed = add_working_time(calendars.hours_of(row.calendar_id), row.created_at, level.seconds)
        day = local_day(passed, zone)
        if passed < as_of and period.start <= day <= period.end:
            found[day, row.team_id, row.channel] += 1
    return found


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """How many wait by period, team, channel and `overdue` or `pending`, younger than the level.

    Without a level nobody is late. `waits` has the working seconds of those of the period so far, by channel; `is_cut`
    when there are more than are looked at.
    """

    has_levels: bool
    is_cut: bool = False
    counts: Counter[tuple[str, int | None, str, str]]
    waits: Mapping[str, Counter[float]]


NOBODY = Unanswered(has_levels=False, counts=Counter(), waits={})


def unanswered(filters: Filters, *, as_of: dt.datetime) -> Unanswered:
    """Who of both periods waits for a first response."""
    every = waiting_of_both(filters, as_of=as_of, by_working_time=True)
    counts: Counter[tuple[str, int | None, str, str]] = Counter()
    waits: dict[str, Counter[float]] = defaultdict(Counter)
    for waiter in every:
        when = filters.when(waiter.day)
        if when == NOW:
            waits[waiter.channel][waiter.working or 0.0] += 1
        if waiter.is_overdue is not None:
            counts[when, waiter.team, waiter.channel, "overdue" if waiter.is_overdue else "pending"] += 1
    return Unanswered(has_levels=bool(filters.levels), is_cut=len(every) >= MOST_WAITING, counts=counts, waits=waits)
