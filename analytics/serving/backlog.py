"""What is open now, and how old it is (M22). Ages go by the day of beginning, to half a day."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Sum

from analytics.contact_counts import HORIZON
from analytics.display import DisplayState, display_state
from analytics.models import ContactDay
from analytics.periods import Period, local_day
from analytics.reports import Filters
from analytics.scores import Share, share
from analytics.serving.parts import WORKING, Part, parts_of
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
    rows = contacts(ContactDay, filters).filter(fact="open")
    found = list(rows.values_list("day", "team", "channel").annotate(rows=Sum("count")).order_by())
    in_period = [row for row in found if filters.period.start <= row[0] <= filters.period.end]
    aged = _ages(in_period, filters, clock=clock, as_of=as_of)
    today = local_day(as_of, filters.zone)
    days: dict[Part, Counter[int]] = defaultdict(Counter)
    ages: dict[Part, Counter[float]] = defaultdict(Counter)
    for day, team, channel, count in found:
        for part in parts_of(team, channel):
            days[part][(today - day).days] += count
            if (team, day) in aged:
                ages[part][aged[team, day]] += count
    return {part: _backlog(counts, ages[part]) for part, counts in days.items()}


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


def _ages(
    rows: Iterable[tuple[dt.date, int | None, str, int]], filters: Filters, *, clock: str, as_of: dt.datetime
) -> dict[tuple[int | None, dt.date], float]:
    """Seconds since the middle of each day on which something of a team began that is open yet."""
    calendars = Calendars()
    wanted: dict[int | None, set[dt.date]] = defaultdict(set)
    for day, team, _channel, _count in rows:
        wanted[team].add(day)
    found = {}
    for team, days in wanted.items():
        until, total = as_of, 0.0
        for day in sorted(days, reverse=True):  # from the newest back: each stretch is walked once
            middle = min(Period(day, day).moments(filters.zone)[0] + HALF_DAY, until)
            stretch = working_seconds(calendars.hours(team), middle, until) if clock == WORKING else None
            total += (until - middle).total_seconds() if stretch is None else stretch
            found[team, day], until = total, middle
    return found
