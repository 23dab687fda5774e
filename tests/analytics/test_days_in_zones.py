"""A moment belongs to one day, and days follow each other without a gap, in every time zone there is."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from analytics.periods import DAY, day_seconds, local_day, utc_range

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2027, 1, 1)
INSTANT = dt.timedelta(microseconds=1)


def test_each_day_begins_where_the_one_before_ends() -> None:
    wrong = []
    for name in ZONES:
        zone, day = ZoneInfo(name), FIRST
        while day < LAST:
            begins, ends = utc_range(day, day + DAY, zone)
            around = (begins - INSTANT, begins, ends - INSTANT, ends)
            if [local_day(moment, zone) for moment in around] != [day - DAY, day, day, day + DAY]:
                wrong.append((name, day))
            day += DAY
    assert len(ZONES) > 400 and wrong == []


def test_the_days_of_a_year_are_the_year() -> None:
    for name in ZONES:
        zone, days = ZoneInfo(name), (LAST - FIRST).days
        begins, ends = utc_range(FIRST, LAST, zone)
        lengths = [day_seconds(FIRST + number * DAY, zone) for number in range(days)]
        assert sum(lengths) == (ends - begins).total_seconds()
        assert {22 * 3600 <= length <= 26 * 3600 for length in lengths} == {True}, name
