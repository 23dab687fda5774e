"""Histograms as they lie in one column: they come back whole, alone and as sums, whichever way they are written."""

import datetime as dt
import random
from collections import Counter

import pytest

from analytics.models import DurationDay
from analytics.quantiles import ZERO_BUCKET
from analytics.stored import WeekOf, histograms, packed, unpacked, weekday
from tests.analytics.rows import keep

DENSE = {key: 1 + key % 7 for key in range(200, 260)}


def test_what_is_packed_adds_up() -> None:
    dice = random.Random(7)
    for _case in range(300):
        hists = [some(dice) for _hist in range(dice.randrange(5))]
        assert all(unpacked(packed(hist)) == hist for hist in hists)
        assert unpacked(" ".join(map(packed, hists))) == sum((Counter(hist) for hist in hists), Counter[int]())


def some(dice: random.Random) -> dict[int, int]:
    """Few buckets or many, near each other or not, with few or as many as a lane has room for."""
    last, most = dice.choice([60, 300, 900]), dice.choice([1, 3, 2**29])
    keys = {dice.choice([dice.randint(-40, last), dice.randint(0, 60)]) for _key in range(dice.randrange(90))}
    return {key: dice.randint(1, most) for key in keys | set(dice.choices([ZERO_BUCKET, 5]))}


def test_most_keys_in_a_row_are_lanes() -> None:
    assert packed({205: 3, 206: 1}) == "205:3 206:1"
    assert packed(DENSE | {-3: 2}).startswith("-3:2 200#")
    assert "#" not in packed({key * 10: 1 for key in range(50)})


@pytest.mark.django_db
@pytest.mark.database
def test_rows_add_up_by_column() -> None:
    today = dt.date(2026, 11, 18)
    for day in (today, today - dt.timedelta(days=1)):
        keep(DurationDay, day, {(None, "phone", "wait", key): n for key, n in DENSE.items()})
        keep(DurationDay, day, {(None, "chat", "wait", 7): 2, (None, "chat", "handle", 7): 1})
    found = histograms(DurationDay.objects.filter(span="wait"), "channel")
    assert found == {("phone",): {key: 2 * n for key, n in DENSE.items()}, ("chat",): {7: 4}}
    assert histograms(DurationDay.objects.filter(day=today, span="wait"), "day", "channel") == {
        (today, "phone"): DENSE, (today, "chat"): {7: 2},
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.database
def test_the_database_tells_weeks_as_days_do() -> None:
    first = dt.date(2024, 2, 27)  # a leap day and the end of a year lie ahead
    days = [first + dt.timedelta(days=number) for number in (0, 1, 6, 7, 8, 13, 14, 308, 314, 363, 364)]
    for day in days:
        keep(DurationDay, day, {(None, "phone", "wait", 7): 1})
    found = set(DurationDay.objects.values_list("day", WeekOf(first), weekday()))
    assert found == {(day, (day - first).days // 7, day.weekday()) for day in days}
    by_week = DurationDay.objects.annotate(week=WeekOf(first))
    assert histograms(by_week, "week")[0,] == {7: 3}
