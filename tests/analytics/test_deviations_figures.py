"""How good the watch is: false alarms of a year without a change, and how soon a fall is found."""

import datetime as dt
import random
from statistics import median

from analytics.watch.judging import HISTORY, arrows, judge
from analytics.watch.subjects import Subject
from tests.analytics.test_deviations import DAY, UNTIL, days


def never(day: dt.date) -> bool:
    return False


def test_a_year_without_a_change_keeps_to_the_figures() -> None:
    """M35: 0.05 to 0.07 false incidents a month of a CSAT or volume series, 0.03 by the week."""
    source, year, found, months = random.Random(12), days(364 + 63), {"day": 0, "week": 0}, {"day": 0.0, "week": 0.0}
    for _ in range(12):
        for metric, n in (("csat", 40), ("contacts", 60), ("csat", 4)):
            own = {}
            for day in year:
                size = max(1, round(source.gauss(n, n**0.5) * (1.1, 1.2, 1.1, 1, 1, 0.6, 0.5)[day.weekday()]))
                share = min(0.97, source.gauss(0.8, 0.02))
                own[day] = (
                    (size,) if metric == "contacts" else (sum(source.random() < share for _ in range(size)), size)
                )
            told = judge(Subject(metric), own, until=UNTIL, since=year[0], profile="standard", is_off=never)
            found[told.by] += len(told.deviations)
            months[told.by] += 364 / 30
    assert found["day"] / months["day"] <= 0.08 and found["week"] / months["week"] <= 0.05


def test_ten_points_less_are_found_within_seven_days() -> None:
    source, delays = random.Random(31), []
    for _ in range(15):
        fell = UNTIL - 20 * DAY
        own = {day: (sum(source.random() < (0.7 if day > fell else 0.8) for _ in range(40)), 40) for day in days(182)}
        told = judge(Subject("csat"), own, until=UNTIL, since=UNTIL - HISTORY + DAY, profile="standard", is_off=never)
        first = next(one for one in told.deviations if one.direction == "down" and one.last_day > fell)
        delays.append((next(day for day in first.days if day > fell) - fell).days)
    assert median(delays) <= 7


def test_a_slow_fall_over_a_year_is_a_trend_and_noise_is_none() -> None:
    source = random.Random(8)
    falling = {
        day: (sum(source.random() < 0.9 - place / 1200 for _ in range(30)), 30) for place, day in enumerate(days(364))
    }
    flat = {day: (sum(source.random() < 0.8 for _ in range(30)), 30) for day in days(364)}
    found = arrows({Subject("csat"): falling, Subject("negative"): flat, Subject("nps"): {}}, until=UNTIL)
    assert found[Subject("csat")][1] == "down" and found[Subject("negative")] == ("same", "same")
    assert found[Subject("nps")] == ("", "")
