"""Open contacts and the time in which they have to be solved: whether it has passed depends on who asks when (M18)."""

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, When
from django.db.models.functions import TruncDate

from analytics.filters import Filters
from analytics.levels import Levels
from analytics.models import ServiceLevel
from analytics.periods import Period
from analytics.unanswered import began_in
from ground.calendars import Calendars
from ground.working_time import working_time_ago
from surveys.models import Interaction

# By day, or by period, by team, by channel, and whether the time has passed.
Unsolved = Counter[tuple[dt.date, int | None, str, bool]]
OfBoth = Counter[tuple[str, int | None, str, bool]]


def promised(levels: Levels) -> Q:
    """The condition on rows of contacts that they have to be solved within some time."""
    found = Q(pk__in=[])
    for level, holds in levels.holding():
        if level.seconds_to_solve is not None:
            found |= holds
    return found


def passed(levels: Levels, *, as_of: dt.datetime) -> Q:
    """The condition on rows of open contacts that it has."""
    found, calendars = Q(pk__in=[]), Calendars()
    for level, holds in levels.holding():
        if level.seconds_to_solve is not None:
            found |= holds & _began_before(level, level.seconds_to_solve, calendars, as_of=as_of)
    return found


def _began_before(level: ServiceLevel, seconds: int, calendars: Calendars, *, as_of: dt.datetime) -> Q:
    """That they began so long ago by the level's clock; working time is walked once for each calendar."""
    if not level.is_working_time:
        return Q(created_at__lt=as_of - dt.timedelta(seconds=seconds))
    found = Q(pk__in=[])
    for key in calendars.every_key():
        since = working_time_ago(calendars.hours_of(key), as_of, seconds)
        found |= Q(calendar=key, created_at__lt=since) if since else Q(pk__in=[])
    return found


def unsolved(filters: Filters, days: Period, *, as_of: dt.datetime) -> Unsolved:
    """How many of the contacts that began on these days are open, of those that have to be solved within some time."""
    levels = filters.levels
    if not levels.promise_solving:
        return Counter()
    rows = began_in(filters, [days]).filter(Interaction.open(), promised(levels))
    rows = rows.annotate(
        on=TruncDate("created_at", tzinfo=filters.zone),
        is_late=Case(When(passed(levels, as_of=as_of), then=True), default=False, output_field=BooleanField()),
    )
    told = rows.order_by().values_list("on", "team", "channel", "is_late").annotate(rows=Count("pk"))
    return Counter({(day, team, channel, bool(is_late)): n for day, team, channel, is_late, n in told})


def overdue(filters: Filters, periods: list[Period], *, as_of: dt.datetime, rows_of: Q | None = None) -> QuerySet[Any]:
    """The open contacts of the periods whose time has passed, each with the day `on` which it began; `rows_of` is the
    condition on them when it is not that of the filters.
    """
    rows = began_in(filters, periods, rows_of).filter(Interaction.open(), passed(filters.levels, as_of=as_of))
    return rows.annotate(on=TruncDate("created_at", tzinfo=filters.zone))


def overdue_by(
    column: str, filters: Filters, periods: list[Period], *, as_of: dt.datetime, rows_of: Q
) -> Counter[tuple[str, Any]]:
    """How many they are by period and by "team" or "agent"."""
    found: Counter[tuple[str, Any]] = Counter()
    rows = overdue(filters, periods, as_of=as_of, rows_of=rows_of).order_by()
    for day, key, n in rows.values_list("on", column).annotate(rows=Count("pk")):
        if when := filters.when(day):
            found[when, key] += n
    return found


def unsolved_of_both(filters: Filters, *, as_of: dt.datetime) -> OfBoth:
    """The same by period: the one looked at, and the one compared with."""
    first = filters.before.start if filters.before else filters.period.start
    found: OfBoth = Counter()
    for (day, team, channel, is_late), n in unsolved(filters, Period(first, filters.period.end), as_of=as_of).items():
        if when := filters.when(day):
            found[when, team, channel, is_late] += n
    return found
