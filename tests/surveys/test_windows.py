"""Mail leaves within the policy's hours on the customer's own clock, in every zone and on every day of the year."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ground.calendars import Calendars
from ground.models import Calendar
from surveys import eligibility, windows
from surveys.models import AskingPolicy, Customer
from tests.surveys.test_eligibility import FINE

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
clocks = st.integers(0, 24 * 60 - 1).map(lambda minute: dt.time(minute // 60, minute % 60))
moments = st.datetimes(
    min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2037, 1, 1), timezones=st.just(dt.UTC)
)  # fmt: skip
weekdays = st.sets(st.integers(0, 6), min_size=1)


class NoHolidays:
    """Calendars that are asked for a zone alone."""

    def of(self, team_id: int | None) -> Calendar:
        return Calendar(timezone=ZoneInfo("Europe/Moscow"), holidays="")


def window(policy: AskingPolicy, zone: str):
    return windows.window(policy, customer=Customer(timezone=ZoneInfo(zone)), calendars=NoHolidays(), team_id=None)


def may_leave(policy: AskingPolicy, moment: dt.datetime, zone: str) -> bool:
    """What the customer sees on the wall; minutes matter."""
    local = moment.astimezone(ZoneInfo(zone))
    clock = local.time().replace(second=0, microsecond=0)
    begins, ends = policy.send_from, policy.send_until
    if local.weekday() not in policy.days:
        return False
    if begins == ends:
        return True
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


@settings(max_examples=300, deadline=None)
@given(moments, clocks, clocks, weekdays, st.sampled_from(ZONES), st.floats(0, 1, exclude_max=True))
@example(dt.datetime(2026, 3, 29, 0, 59, tzinfo=dt.UTC), dt.time(2, 30), dt.time(2, 45), {6}, "Europe/Berlin", 0.0)
@example(dt.datetime(2026, 10, 25, 0, 40, tzinfo=dt.UTC), dt.time(2), dt.time(3), {6}, "Europe/Berlin", 0.99)
@example(dt.datetime(2011, 12, 29, 20, tzinfo=dt.UTC), dt.time(9), dt.time(18), {4}, "Pacific/Apia", 0.5)
@example(dt.datetime(2024, 4, 6, 10, tzinfo=dt.UTC), dt.time(1, 45), dt.time(2, 15), {6}, "Australia/Lord_Howe", 0.7)
def test_nothing_is_lost_doubled_or_sent_outside_the_window(now, begins, ends, days, zone, spread) -> None:
    policy = AskingPolicy(send_from=begins, send_until=ends, days=sorted(days), skips_holidays=False)
    facts = dataclasses.replace(FINE, now=now, window=window(policy, zone))
    first = eligibility.decide(facts)
    assert first.may_ask
    assert first.due_at is not None
    assert first.due_at >= now
    assert may_leave(policy, first.due_at, zone)
    assert (first.due_at == now) == may_leave(policy, now, zone) == (not first.postponed)
    # Decided again when it is due, it stays where it is: nothing is put off for ever.
    assert eligibility.decide(dataclasses.replace(facts, now=first.due_at)).due_at == first.due_at
    later = eligibility.decide(dataclasses.replace(facts, spread=spread)).due_at
    assert later is not None
    assert later >= first.due_at
    assert may_leave(policy, later, zone)
    assert eligibility.decide(dataclasses.replace(facts, now=later)).due_at == later


@pytest.mark.parametrize("day", ["2026-01-05", "2026-05-01", "2026-06-12"])
def test_public_holidays_of_the_teams_calendar_are_left_out(organisation, day) -> None:
    calendar = Calendar.objects.create(name="Office", is_default=True, timezone="Europe/Moscow")
    policy = AskingPolicy(skips_holidays=True)
    customer = Customer(timezone="Asia/Vladivostok")
    found = windows.window(policy, customer=customer, calendars=Calendars(), team_id=None)
    assert not found.is_working_day(dt.date.fromisoformat(day))
    policy.skips_holidays = False
    found = windows.window(policy, customer=customer, calendars=Calendars(), team_id=None)
    assert found.is_working_day(dt.date.fromisoformat(day)) is (dt.date.fromisoformat(day).weekday() < 5)
    assert calendar.holidays == "RU"


def test_the_clock_is_the_customers_then_the_teams_then_the_organisations(organisation, team) -> None:
    policy = AskingPolicy()
    organisation.timezone = "Asia/Omsk"
    organisation.save()

    def zone(customer: Customer, team_id: int | None) -> str:
        return str(windows.window(policy, customer=customer, calendars=Calendars(), team_id=team_id).zone)

    assert zone(Customer(), None) == "Asia/Omsk"
    team.calendar = Calendar.objects.create(name="East", timezone="Asia/Yakutsk")
    team.save()
    assert zone(Customer(), team.pk) == "Asia/Yakutsk"
    assert zone(Customer(timezone=ZoneInfo("Europe/Paris")), team.pk) == "Europe/Paris"
