"""Working hours as rows: whose calendar holds, and the public holidays that it keeps.

Holidays come from the `holidays` package, read when first asked for: it knows the days off and the working Saturdays
that a government moved. What a calendar says of a day itself outweighs both.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Any

from ground.models import Calendar, Organisation
from ground.working_time import Hours, Intervals, intervals


@lru_cache(maxsize=500)
def _year(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """The public holidays of a year, moved days off included, and the days of rest that were made working days."""
    import holidays

    code, _dash, part = country.partition("-")
    try:
        known = holidays.country_holidays(code, subdiv=part or None, years=year)
    except NotImplementedError:  # a country, or a part of it, that the library does not know
        return frozenset(), frozenset()
    return frozenset(known), frozenset(day for day in known.weekend_workdays if day.year == year)


def is_known(country: str) -> bool:
    """Whether the public holidays of the country are known."""
    import holidays

    return country.partition("-")[0] in holidays.list_supported_countries()


def is_public_holiday(country: str, day: dt.date) -> bool:
    """Whether offices are closed there on this day; a weekend is none."""
    return bool(country) and day in _year(country, day.year)[0]


def is_moved_workday(country: str, day: dt.date) -> bool:
    """Whether people work on this day of rest because another day was made one."""
    return bool(country) and day in _year(country, day.year)[1]


def is_holiday(calendar: Calendar, day: dt.date) -> bool:
    """Whether the calendar keeps this day free, as a public holiday or by its own word."""
    own = calendar.days.get(day.isoformat())
    return not own if own is not None else is_public_holiday(calendar.holidays, day)


def working_hours(calendar: Calendar) -> Hours:
    """The calendar as hours to reckon with."""
    week = {int(day): intervals(pairs) for day, pairs in calendar.week.items()}
    return Hours(zone=calendar.timezone, week=week, special=_special(calendar, week))


def _special(calendar: Calendar, week: dict[int, Intervals]) -> Callable[[dt.date], Intervals | None]:
    own = {dt.date.fromisoformat(day): intervals(pairs) for day, pairs in calendar.days.items()}

    def special(day: dt.date) -> Intervals | None:
        if day in own:
            return own[day]
        if is_public_holiday(calendar.holidays, day):
            return ()
        if is_moved_workday(calendar.holidays, day) and not week.get(day.weekday()):
            return _last_working_day(week)
        return None

    return special


def _last_working_day(week: dict[int, Intervals]) -> Intervals:
    """A Saturday that is worked has the hours of the last day of the working week."""
    return next((week[day] for day in range(4, -1, -1) if week.get(day)), ())


class Calendars:
    """Every team's calendar, read once when first asked for; for whoever asks about many interactions."""

    def __init__(self) -> None:
        self._hours: dict[Any, Hours] = {}

    @cached_property
    def _rows(self) -> list[Calendar]:
        return list(Calendar.objects.prefetch_related("teams").order_by("pk"))

    @cached_property
    def _by_team(self) -> dict[int, Calendar]:
        return {team.pk: calendar for calendar in self._rows for team in calendar.teams.all()}

    @cached_property
    def default(self) -> Calendar:
        known = next((calendar for calendar in self._rows if calendar.is_default), None)
        return known or Calendar(name="", timezone=Organisation.current().timezone)

    def of(self, team_id: int | None) -> Calendar:
        """The team's calendar, else the one for everybody else."""
        return self._by_team.get(team_id) or self.default  # type: ignore[arg-type]

    def every(self, team_ids: Iterable[int] | None = None) -> list[Hours]:
        """The hours of these teams, or those that any team keeps and those for everybody else; each once."""
        known = self._by_team.values() if team_ids is None else map(self.of, team_ids)
        keys = {calendar.pk for calendar in known} | ({self.default.pk} if team_ids is None else set())
        return [self.hours_of(key) for key in keys]

    def every_key(self) -> list[int | None]:
        """The keys of all calendars, and None: what had one that is gone goes by the one for everybody else."""
        return [None, *(row.pk for row in self._rows)]

    def hours(self, team_id: int | None) -> Hours:
        """When the team works."""
        return self.hours_of(self.of(team_id).pk)

    def hours_of(self, key: int | None) -> Hours:
        """The hours of a calendar by its key, else those for everybody else."""
        if key not in self._hours:
            known = next((row for row in self._rows if row.pk == key), None)
            self._hours[key] = working_hours(known or self.default)
        return self._hours[key]
