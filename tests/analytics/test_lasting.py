"""Under each trend stands whether its weeks rise or fall beyond chance (M34)."""

import datetime as dt

import pytest
from django.utils import translation

from analytics.periods import Period
from analytics.reports import Week, week_of
from analytics.scores import share
from analytics.wording import Delta, lasting

MONDAY, WEEK = dt.date(2026, 9, 7), dt.timedelta(days=7)


def weeks(*shares: tuple[int, int]) -> list[Week]:
    return [
        week_of(Period(MONDAY + at * WEEK, MONDAY + at * WEEK + dt.timedelta(days=6)), share(*one))
        for at, one in enumerate(shares)
    ]


def told(*shares: tuple[int, int]) -> Delta | None:
    with translation.override("en"):
        return lasting(weeks(*shares), unit="share")


def test_rising_and_falling_weeks_say_by_how_much() -> None:
    rising = [(50 + 2 * at, 100) for at in range(12)]
    up, down = told(*rising), told(*rising[::-1])
    assert up is not None and down is not None
    assert (up.arrow, up.text.replace("\xa0", " ")) == ("▲", "+2.0 pp a week over 12 weeks")
    assert (down.arrow, down.text.replace("\xa0", " ")) == ("▼", "−2.0 pp a week over 12 weeks")


def test_weeks_up_and_down_prove_nothing() -> None:
    found = told(*[(50 + 5 * (at % 2), 100) for at in range(12)])
    assert found is not None and (found.arrow, found.text) == ("", "no proven trend over 12 weeks")


@pytest.mark.parametrize("few", [(10, 29), (0, 0)])
def test_only_the_last_weeks_in_a_row_with_thirty_answers_count(few: tuple[int, int]) -> None:
    rising = [(50 + 2 * at, 100) for at in range(12)]
    after = told(*rising[:2], few, *rising[3:])
    assert after is not None and "9 weeks" in after.text
    assert told(*rising[:5], few, *rising[6:]) is None  # six are left
    assert told(*rising[:-1], few) is None
    assert told() is None


def test_among_many_trends_each_has_to_be_more_certain() -> None:
    slowly = weeks(*[(50 + at + 4 * (at % 2), 100) for at in range(8)])
    with translation.override("en"):
        alone, among = (lasting(slowly, unit="share", among=number) for number in (1, 30))
    assert alone is not None and alone.arrow == "▲"
    assert among is not None and among.text == "no proven trend over 8 weeks"


def test_times_rise_without_a_slope() -> None:
    with translation.override("en"):
        found = lasting(weeks(*[(50 + 2 * at, 100) for at in range(12)]), unit=None)
    assert found is not None and found.text == "rises over 12 weeks"
