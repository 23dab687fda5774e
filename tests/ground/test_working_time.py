"""Working time is counted as the reference has it, and in every zone as the clock on the wall shows it."""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ground.working_time import (
    Hours,
    add_working_time,
    intervals,
    minutes,
    next_opening,
    working_seconds,
    working_time_ago,
)

REFERENCE = Path(__file__).parent.parent / "analytics" / "reference.json"
CASES = [case for case in json.loads(REFERENCE.read_text("utf-8"))["cases"] if case["function"] == "business_seconds"]
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
WEEK = {day: intervals([["09:00", "18:00"]]) for day in range(5)}
MOSCOW = Hours(zone=ZoneInfo("Europe/Moscow"), week=WEEK)
MINUTE = dt.timedelta(minutes=1)

moments = st.datetimes(
    min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2037, 1, 1), timezones=st.just(dt.UTC)
).map(lambda moment: moment.replace(second=0, microsecond=0))  # fmt: skip
times_of_day = st.lists(st.integers(0, 96), min_size=2, max_size=4, unique=True).map(
    lambda quarters: [
        [f"{first // 4:02}:{first % 4 * 15:02}", f"{last // 4:02}:{last % 4 * 15:02}"]
        for first, last in zip(*[iter(sorted(quarters))] * 2, strict=False)
    ]
)


def hours_of(case: dict) -> Hours:
    given = case["inputs"]
    week = {int(day): intervals(pairs) for day, pairs in given["week"].items()}
    free = {dt.date.fromisoformat(day) for day in given["holidays"]}
    return Hours(zone=ZoneInfo(given["tz"]), week=week, special=lambda day: () if day in free else None)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_agrees_with_the_reference(case) -> None:
    start, end = (dt.datetime.fromisoformat(case["inputs"][name]) for name in ("start", "end"))
    assert working_seconds(hours_of(case), start, end) == case["expected"]


def test_all_reference_cases_are_there() -> None:
    assert len(CASES) == 12


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2024-06-03 10:00", 2, "2024-06-03 12:00"),
        ("2024-06-07 17:00", 2, "2024-06-10 10:00"),
        ("2024-06-08 12:00", 0, "2024-06-10 09:00"),
        ("2024-06-03 09:00", 9, "2024-06-03 18:00"),
        ("2024-06-03 08:00", 45, "2024-06-07 18:00"),
    ],
)
def test_time_is_added_within_the_hours_alone(start, hours, end) -> None:
    assert add_working_time(MOSCOW, at(start), hours * 3600) == at(end)


def test_hours_that_never_open_count_the_clock_on_the_wall() -> None:
    closed = Hours(zone=ZoneInfo("UTC"), week={})
    assert next_opening(closed, at("2024-06-03 10:00")) is None
    assert add_working_time(closed, at("2024-06-03 10:00"), 3600) == at("2024-06-03 11:00")


@pytest.mark.parametrize("clock", ["", "9", "09:60", "24:01", "25:00", "-1:00", "09:5", "ab:cd", "٠٩:٠٠"])
def test_what_is_no_time_of_day_is_refused(clock) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        minutes(clock)


def test_intervals_that_overlap_are_counted_once() -> None:
    assert intervals([["12:00", "18:00"], ["09:00", "13:00"]]) == ((540, 1080),)
    with pytest.raises(ValueError, match="ends before it begins"):
        intervals([["18:00", "09:00"]])


def is_open(hours: Hours, moment: dt.datetime) -> bool:
    """What the clock on the wall says."""
    local = moment.astimezone(hours.zone)
    clock = local.hour * 60 + local.minute
    return any(begins <= clock < ends for begins, ends in hours.of(local.date()))


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 3000), times_of_day, times_of_day, st.sampled_from(ZONES))
@example(dt.datetime(2024, 3, 30, 22, tzinfo=dt.UTC), 600, [["02:30", "03:30"]], [["00:00", "24:00"]], "Europe/Berlin")
@example(dt.datetime(2024, 10, 26, 22, tzinfo=dt.UTC), 600, [["02:15", "02:45"]], [], "Europe/Berlin")
@example(dt.datetime(2011, 12, 29, 9, tzinfo=dt.UTC), 2900, [["00:00", "24:00"]], [["09:00", "12:00"]], "Pacific/Apia")
@example(dt.datetime(2024, 4, 6, 10, tzinfo=dt.UTC), 1200, [["01:45", "02:15"]], [], "Australia/Lord_Howe")
@example(dt.datetime(2024, 3, 30, 12, tzinfo=dt.UTC), 1200, [["23:00", "24:00"]], [["00:00", "01:00"]], "America/Nuuk")
def test_every_minute_counts_as_the_clock_on_the_wall_shows_it(start, length, one, other, name) -> None:
    week = {day: intervals(one if day % 2 else other) for day in range(7)}
    hours = Hours(zone=ZoneInfo(name), week=week)
    counted = sum(is_open(hours, start + step * MINUTE) for step in range(length))
    assert working_seconds(hours, start, start + length * MINUTE) == counted * 60


@settings(max_examples=100, deadline=None)
@given(moments, st.integers(0, 400_000), times_of_day, st.sampled_from(ZONES))
def test_adding_undoes_counting_in_every_zone(start, seconds, clocks, name) -> None:
    hours = Hours(zone=ZoneInfo(name), week={day: intervals(clocks) for day in range(7)})
    end = add_working_time(hours, start, seconds)
    assert end >= start
    assert working_seconds(hours, start, end) == seconds
    opening = next_opening(hours, start)
    assert opening is not None
    assert is_open(hours, opening)
    assert working_seconds(hours, start, opening) == 0


@settings(max_examples=100, deadline=None)
@given(moments, st.integers(0, 400_000), times_of_day, st.sampled_from(ZONES))
def test_so_much_working_time_ago_is_the_earliest_moment_since_which_no_more_passed(end, seconds, clocks, name) -> None:
    hours = Hours(zone=ZoneInfo(name), week={day: intervals(clocks) for day in range(7)})
    start = working_time_ago(hours, end, seconds)
    assert start is not None and start <= end
    assert working_seconds(hours, start, end) == seconds
    assert working_seconds(hours, start - dt.timedelta(seconds=1), end) == seconds + 1


def test_where_nobody_ever_works_no_time_passes() -> None:
    assert working_time_ago(Hours(zone=ZoneInfo("UTC"), week={}), at("2024-06-03 10:00"), 3600) is None
    assert working_time_ago(MOSCOW, at("2024-06-03 10:00"), 0) is not None
