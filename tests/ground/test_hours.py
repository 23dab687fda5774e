"""Quiet hours and hours of the day hold in every zone, on the days when clocks change too."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ground.hours import Quiet, after_quiet, next_at

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(begins=dt.time(22), until=dt.time(8))

moments = st.datetimes(
    min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2037, 1, 1), timezones=st.just(dt.UTC)
)  # fmt: skip
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))


def local(moment: dt.datetime, zone: dt.tzinfo) -> dt.time:
    return moment.astimezone(zone).time()


def is_quiet(moment: dt.datetime, quiet: Quiet, zone: dt.tzinfo) -> bool:
    """What a person in the zone sees on the wall."""
    clock = local(moment, zone)
    if quiet.is_over_midnight:
        return clock >= quiet.begins or clock < quiet.until
    return quiet.begins <= clock < quiet.until


def changes_near(moment: dt.datetime, zone: dt.tzinfo) -> bool:
    days = [moment + dt.timedelta(hours=12 * step) for step in range(-8, 9)]
    return len({day.astimezone(zone).utcoffset() for day in days}) > 1


@settings(max_examples=400, deadline=None)
@given(moments, times, times, st.sampled_from(ZONES))
@example(dt.datetime(2026, 10, 25, 0, 40, tzinfo=dt.UTC), dt.time(2, 30), dt.time(6), "Europe/Berlin")
@example(dt.datetime(2026, 10, 25, 1, 10, tzinfo=dt.UTC), dt.time(22), dt.time(2, 30), "Europe/Berlin")
@example(dt.datetime(2026, 3, 29, 0, 59, tzinfo=dt.UTC), dt.time(22), dt.time(2, 30), "Europe/Berlin")
@example(dt.datetime(2026, 3, 29, 1, 10, tzinfo=dt.UTC), dt.time(2, 30), dt.time(6), "Europe/Berlin")
@example(dt.datetime(2011, 12, 30, 9, 59, tzinfo=dt.UTC), dt.time(22), dt.time(8), "Pacific/Apia")
def test_nothing_is_sent_in_quiet_time_and_nothing_waits_longer_than_it(now, begins, until, name) -> None:
    assume(begins != until)
    zone, quiet = ZoneInfo(name), Quiet(begins=begins, until=until)
    sent = after_quiet(now, quiet, zone)
    assert sent >= now
    assert not is_quiet(sent, quiet, zone)
    assert after_quiet(sent, quiet, zone) == sent
    if changes_near(now, zone):
        assert sent - now <= dt.timedelta(hours=51)  # one day was left out altogether in Samoa
    elif is_quiet(now, quiet, zone):
        assert local(sent, zone) == until
        assert sent - now <= dt.timedelta(days=1)
    else:
        assert sent == now


@settings(max_examples=400, deadline=None)
@given(moments, times, st.sampled_from(ZONES))
@example(dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC), dt.time(2, 30), "Europe/Berlin")
@example(dt.datetime(2026, 10, 25, 0, 45, tzinfo=dt.UTC), dt.time(2, 30), "Europe/Berlin")
@example(dt.datetime(2011, 12, 30, 9, 59, tzinfo=dt.UTC), dt.time(9), "Pacific/Apia")
def test_a_daily_hour_comes_once_a_day(now, at, name) -> None:
    zone = ZoneInfo(name)
    moment = next_at(now, at, zone)
    assert moment > now
    following = next_at(moment, at, zone)
    if changes_near(now, zone):
        assert moment - now <= dt.timedelta(hours=49)
        assert following - moment <= dt.timedelta(hours=49)
    else:
        assert local(moment, zone) == at
        assert moment - now <= dt.timedelta(days=1)
        assert following - moment == dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "at", "expected"),
    [
        ("2026-10-24T12:00+00:00", "02:30", "2026-10-25T00:30+00:00"),  # twice that night: the first
        ("2026-10-25T00:30+00:00", "02:30", "2026-10-26T01:30+00:00"),  # and not the second
        ("2026-03-28T12:00+00:00", "02:30", "2026-03-29T01:30+00:00"),  # left out: an hour later by the clock
        ("2026-11-22T08:00+00:00", "09:00", "2026-11-23T08:00+00:00"),  # this very moment is over
    ],
)
def test_a_daily_hour_when_clocks_change(now, at, expected) -> None:
    found = next_at(dt.datetime.fromisoformat(now), dt.time.fromisoformat(at), BERLIN)
    assert found == dt.datetime.fromisoformat(expected)


def test_quiet_time_over_midnight_ends_in_the_morning() -> None:
    late = dt.datetime(2026, 11, 22, 23, 15, tzinfo=BERLIN)
    assert after_quiet(late, NIGHT, BERLIN) == dt.datetime(2026, 11, 23, 8, tzinfo=BERLIN)
    assert after_quiet(late - dt.timedelta(hours=3), NIGHT, BERLIN) == late - dt.timedelta(hours=3)


def test_equal_ends_and_no_ends_are_no_quiet_time() -> None:
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=BERLIN)
    assert after_quiet(noon, Quiet(begins=dt.time(9), until=dt.time(9)), BERLIN) == noon
    assert after_quiet(noon, None, BERLIN) == noon
