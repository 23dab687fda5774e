"""Geometry of the charts and the way numbers are written."""

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from analytics import charts, formats
from analytics.annotations import Note
from analytics.display import display_state
from analytics.models import Annotation
from analytics.periods import Period
from analytics.reports import Week

MONDAY = dt.date(2026, 11, 2)


def weeks(first: int, last: int) -> Period:
    """From the Monday of a week to the Sunday of another."""
    start = MONDAY + dt.timedelta(days=7 * first)
    return Period(start, MONDAY + dt.timedelta(days=7 * last + 6))


def week(index: int, value: float | None, n: int = 40) -> Week:
    lo, hi = (None, None) if value is None else (max(0, value - 0.1), min(1, value + 0.1))
    state = "hidden" if value is None else display_state(n)
    return Week(period=weeks(index, index), value=value, lo=lo, hi=hi, n=n, state=state)


@given(st.floats(0, 100), st.floats(0, 100))
def test_axis_of_a_share_holds_both_limits(one: float, other: float) -> None:
    lo, hi = sorted((one, other))
    first, last, step = charts.axis(lo, hi, unit="share")
    assert 0 <= first <= lo and hi <= last <= 100
    assert 4 <= (last - first) / step <= 6


@given(st.floats(-100, 100, allow_subnormal=False), st.floats(-100, 100, allow_subnormal=False))
def test_axis_of_points_holds_both_limits_and_names_zero(one: float, other: float) -> None:
    lo, hi = sorted((one, other))
    first, last, step = charts.axis(lo, hi, unit="points")
    assert -100 <= first <= lo and hi <= last <= 100
    assert (last - first) / step <= 6
    assert not first < 0 < last or 0 in range(first, last + 1, step)


def test_bullet_places_value_between_its_limits() -> None:
    bullet = charts.bullet(0.8, 0.77, 0.82, unit="share")
    assert (bullet.lo, bullet.value, bullet.hi) == ("35.00%", "50.00%", "60.00%")
    assert [tick.label for tick in bullet.ticks] == ["70", "75", "80", "85", "90"]
    assert [tick.anchor for tick in bullet.ticks] == ["start", "middle", "middle", "middle", "end"]


def test_trend_breaks_where_a_week_has_too_few_answers() -> None:
    trend = charts.trend(
        [week(0, 0.8), week(1, 0.9), week(2, None, n=3), week(3, 0.7)], unit="share", shaded=weeks(2, 3)
    )
    assert trend is not None
    assert [bool(run.line) for run in trend.runs] == [True, False]
    assert len(trend.runs[0].band.split()) == 4 and len(trend.dots) == 3
    assert (trend.shade_x, trend.shade_width) == ("50.00%", "50.00%")


def test_only_the_days_of_the_period_are_shaded_and_a_part_of_a_week_is_told_by_its_days() -> None:
    days = Period(MONDAY + dt.timedelta(days=9), MONDAY + dt.timedelta(days=22))  # Wednesday to Tuesday
    part = dataclasses.replace(week(3, 0.7), period=Period(MONDAY + dt.timedelta(days=21), days.end))
    with translation.override("en"):
        trend = charts.trend([week(0, 0.8), week(1, 0.9), week(2, 0.8), part], unit="share", shaded=days)
    assert trend is not None and trend.is_cut
    assert (trend.shade_x, trend.shade_width) == (f"{900 / 28:.2f}%", "50.00%")
    assert trend.dots[-1].title.startswith("23–24\xa0Nov\xa02026: 70%") and trend.dots[0].title.startswith("2\xa0Nov: ")
    whole = charts.trend([week(0, 0.8), week(1, 0.9)], unit="share", shaded=weeks(0, 1))
    assert whole is not None and not whole.is_cut


def test_weeks_with_few_answers_are_hollow() -> None:
    trend = charts.trend([week(0, 0.8, n=29), week(1, 0.8, n=30)], unit="share", shaded=weeks(1, 1))
    assert trend is not None and [dot.is_weak for dot in trend.dots] == [True, False]


def test_trend_without_any_value_is_none() -> None:
    assert charts.trend([week(0, None, n=0)], unit="share", shaded=weeks(0, 0)) is None


def test_a_note_stands_on_its_days_and_never_outside_the_chart() -> None:
    row = Annotation(
        kind="outage", start=MONDAY + dt.timedelta(days=7), end=MONDAY + dt.timedelta(days=20), text="Mail"
    )
    trend = charts.trend([week(0, 0.8), week(1, 0.9)], unit="share", shaded=weeks(1, 1), notes=[Note(1, row)])
    assert trend is not None
    (mark,) = trend.marks
    assert (mark.left, mark.width, mark.x) == ("50.00%", "50.00%", "75.00%") and "Mail" in mark.title


def test_positions_never_carry_a_decimal_comma() -> None:
    with translation.override("ru"):
        trend = charts.trend([week(0, 0.815), week(1, 0.9)], unit="share", shaded=weeks(1, 1))
        assert trend is not None and all("," not in dot.x + dot.y for dot in trend.dots)


@pytest.mark.parametrize(
    ("language", "share", "points", "change", "days"),
    [
        ("ru", "80,5\xa0%", "+29", "−5,3\xa0п.п.", "26\xa0окт – 22\xa0ноя\xa02026"),
        ("en", "80.5%", "+29", "−5.3\xa0pp", "26\xa0Oct – 22\xa0Nov\xa02026"),
    ],
)
def test_numbers_as_each_language_writes_them(language: str, share: str, points: str, change: str, days: str) -> None:
    with translation.override(language):
        assert formats.score(0.805, unit="share", n=1000) == share
        assert formats.score(28.9, unit="points", n=50) == points
        assert formats.difference(-0.053, unit="share").replace("pp", "п.п." if language == "ru" else "pp") == change
        assert formats.period(dt.date(2026, 10, 26), dt.date(2026, 11, 22)) == days
        assert formats.score(None, unit="points", n=0) == "—"
        assert formats.interval(-20.2, 0, unit="points", n=50) == "−20…0"


def test_previous_period_is_as_long_and_a_year_ago_begins_on_the_same_weekday() -> None:
    period = Period(dt.date(2026, 10, 26), dt.date(2026, 11, 22))
    assert period.previous() == Period(dt.date(2026, 9, 28), dt.date(2026, 10, 25))
    assert period.year_ago() == Period(dt.date(2025, 10, 27), dt.date(2025, 11, 23))


@given(st.dates(dt.date(2001, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 4000))
def test_comparisons_never_overlap_and_weeks_begin_on_monday_and_end_with_the_period(end: dt.date, days: int) -> None:
    period = Period(end - dt.timedelta(days=days - 1), end)
    for before in (period.previous(), period.year_ago()):
        assert before.end < period.start and before.days == days
    assert (period.year_ago().start - period.start).days % 7 == 0
    found = period.weeks()
    assert found[-1].end == end and 12 <= len(found) <= 53
    assert all(week.start.isoweekday() == 1 for week in found)
    assert all(week.days == 7 and week.is_whole("week") for week in found[:-1])
    assert found[-1].is_whole("week") == (end.isoweekday() == 7)
    assert all(after.start - before.start == dt.timedelta(days=7) for before, after in pairwise(found))
    # Of a series the weeks within the period are the same ones, the first cut where the period begins.
    slots = {slot.end: slot for slot in period.cut("week")}
    for week in found:
        slot = slots.get(week.end)
        assert slot is None or slot == week or (slot.start == period.start and not slot.is_whole("week"))
