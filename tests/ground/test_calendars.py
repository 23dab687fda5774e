"""Whose calendar holds on which day: holidays of a country, days that were moved, and the calendar's own word."""

import datetime as dt

import pytest

from ground.calendars import Calendars, is_holiday, working_hours
from ground.models import Calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(organisation) -> Calendar:
    return Calendar.objects.create(name="Office", is_default=True)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2024-06-11", True),
        ("2024-06-12", False),  # a public holiday
        ("2024-06-15", False),  # a Saturday
        ("2024-04-29", False),  # a Monday off, moved by decree
        ("2024-04-27", True),  # the Saturday that is worked for it
    ],
)
def test_russian_holidays_and_moved_days(calendar, day, works) -> None:
    day = dt.date.fromisoformat(day)
    assert working_hours(calendar).is_working_day(day) is works
    assert is_holiday(calendar, day) is (not works and day.weekday() < 5)


def test_a_saturday_that_is_worked_has_the_hours_of_a_friday(calendar) -> None:
    calendar.week["4"] = [["09:00", "16:45"]]
    assert working_hours(calendar).of(dt.date(2024, 4, 27)) == ((540, 1005),)


def test_the_calendars_own_days_outweigh_holidays(calendar) -> None:
    calendar.days = {"2024-06-12": [["10:00", "12:00"]], "2024-06-13": []}
    hours = working_hours(calendar)
    assert hours.of(dt.date(2024, 6, 12)) == ((600, 720),)
    assert hours.of(dt.date(2024, 6, 13)) == ()
    assert is_holiday(calendar, dt.date(2024, 6, 13))
    assert not is_holiday(calendar, dt.date(2024, 6, 12))


@pytest.mark.parametrize(("country", "day", "is_free"), [
    ("DE", "2024-10-03", True), ("US", "2024-07-04", True), ("KZ", "2024-03-22", True), ("DE-BY", "2024-11-01", True),
    ("DE-BE", "2024-11-01", False), ("", "2024-01-01", False), ("XX", "2024-01-01", False),
])  # fmt: skip
def test_any_country_and_part_of_it(country, day, is_free) -> None:
    assert is_holiday(Calendar(holidays=country), dt.date.fromisoformat(day)) is is_free


def test_a_team_has_its_own_calendar_or_the_one_for_everybody_else(calendar, team, other_team) -> None:
    team.calendar = Calendar.objects.create(name="Night", week={"6": [["00:00", "24:00"]]})
    team.save()
    calendars = Calendars()
    assert calendars.of(team.pk) == team.calendar
    assert calendars.of(other_team.pk) == calendars.of(None) == calendar
    assert calendars.hours(team.pk).of(dt.date(2024, 6, 9)) == ((0, 1440),)


def test_without_any_calendar_the_usual_week_holds_in_the_organisations_zone(organisation, team) -> None:
    organisation.timezone = "Asia/Vladivostok"
    organisation.save()
    hours = Calendars().hours(team.pk)
    assert hours.of(dt.date(2024, 6, 10)) == ((540, 1080),)
    assert str(hours.zone) == "Asia/Vladivostok"
