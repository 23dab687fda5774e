"""What is open now, and how old it is (M22). Ages go by the day of beginning, to half a day."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from analytics.contact_counts import HORIZON
from analytics.display import DisplayState, display_state
from analytics.models import ContactDay
from analytics.periods import Period, local_day
from analytics.reports import Filters, within
from analytics.scores import Share, share
from analytics.serving.parts import WORKING, Part, counted_by, parts_of
from analytics.survival import still_open_of, survival_quantile
from analytics.unanswered import contacts
from ground.calendars import Calendars
from ground.working_time import working_seconds

HALF_DAY = dt.timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Open contacts of whatever day, their ages in days, and the share of those older than a week.

    `ages_of_period` has those that began in the period, by their age in seconds of the clock that was asked for.
    """

    open: int = 0
    half: float | None = None
    nine: float | None = None
    old: Share = field(default_factory=lambda: share(0, 0))
    ages_of_period: Counter[float] = field(default_factory=Counter)

    @property
    def state(self) -> DisplayState:
        return display_state(self.open)


NOTHING_LEFT = Backlog()


def backlogs(filters: Filters, *, clock: str, as_of: dt.datetime) -> dict[Part, Backlog]:
    """What is open in each part; the period only tells which of it began in it."""
    today = local_day(as_of, filters.zone)
    days: dict[Part, Counter[int]] = defaultdict(Counter)
    for column in ("channel", "team"):
        rows = contacts(ContactDay, filters, column).filter(fact="open")
        for key, day, count in rows.values_list(column, "day").annotate(rows=Sum("count")).order_by():
            for part in counted_by(column, key):
                days[part][(today - day).days] += count
    ages = _ages_of_period(filters, clock=clock, as_of=as_of)
    return {part: _backlog(counts, ages[part]) for part, counts in days.items()}


def _ages_of_period(filters: Filters, *, clock: str, as_of: dt.datetime) -> dict[Part, Counter[float]]:
    rows = contacts(ContactDay, filters, "team", "channel").filter(within(filters.period), fact="open")
    told = list(rows.values_list("day", "team", "channel").annotate(rows=Sum("count")).order_by())
    aged = _ages({(team, day) for day, team, _channel, _count in told}, filters.zone, clock=clock, as_of=as_of)
    ages: dict[Part, Counter[float]] = defaultdict(Counter)
    for day, team, channel, count in told:
        for part in parts_of(team, channel):
            ages[part][aged[team, day]] += count
    return ages


def _backlog(days: Counter[int], ages: Counter[float]) -> Backlog:
    n = days.total()
    steps = still_open_of(over={float(age): count for age, count in days.items()}, open_yet={})
    old = sum(count for age, count in days.items() if age > HORIZON.days)
    return Backlog(
        open=n,
        half=survival_quantile(steps, 0.5),
        nine=survival_quantile(steps, 0.9),
        old=share(old, n),
        ages_of_period=ages,
    )


def open_ages(
    rows: Iterable[tuple[Any, int | None, dt.date, int]], zone: ZoneInfo, *, clock: str, as_of: dt.datetime
) -> dict[Any, Counter[float]]:
    """How long what is open lasts by now, by any key, from counts of it by key, team and day."""
    rows = list(rows)
    known = _ages({(team, day) for _key, team, day, _count in rows}, zone, clock=clock, as_of=as_of)
    found: dict[Any, Counter[float]] = defaultdict(Counter)
    for key, team, day, count in rows:
        found[key][known[team, day]] += count
    return found


def _ages(
    wanted: Iterable[tuple[int | None, dt.date]], zone: ZoneInfo, *, clock: str, as_of: dt.datetime
) -> dict[tuple[int | None, dt.date], float]:
    """Seconds of a team's clock since the middle of each day."""
    calendars = Calendars()
    of_calendar: dict[int | None, dict[dt.date, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for team, day in wanted:
        of_calendar[calendars.of(team).pk if clock == WORKING else None][day].append(team)
    found = {}
    for calendar, days in of_calendar.items():
        until, total = as_of, 0.0
        for day in sorted(days, reverse=True):  # from the newest back: each stretch is walked once
            middle = min(Period(day, day).moments(zone)[0] + HALF_DAY, until)
            if clock == WORKING:
                total += working_seconds(calendars.hours_of(calendar), middle, until)
            else:
                total += (until - middle).total_seconds()
            found.update(dict.fromkeys([(team, day) for team in days[day]], total))
            until = middle
    return found
