"""Trends and series have the same ISO weeks; one that the period cuts is marked, and nothing is concluded from it."""

import csv
import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics import reports, rollups
from analytics.links import Links
from analytics.periods import Period
from analytics.reports import Filters
from analytics.serving.left_words import history
from ground.access import EVERYTHING
from ground.models import Team, User
from surveys.models import Survey
from tests.analytics.rows import answer_all
from tests.analytics.test_export import lines

NOON = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
# From a Thursday to a Wednesday, a week ago.
DAYS = Period(dt.date(2026, 8, 20), dt.date(2026, 11, 18))
ASKED = f"from={DAYS.start}&to={DAYS.end}"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def answered(survey: Survey, team: Team) -> None:
    """Twenty answers a day, of which each week one more is good, but for the last three days of the period."""
    for back in range(110):
        at = NOON - back * DAY
        week = (at.date() - DAYS.start).days // 7
        good = 10 if at.date() > DAYS.end - 3 * DAY else max(0, min(week, 20))
        answer_all(survey, [5] * good + [1] * (20 - good), at=at, team=team)
    while rollups.has_work():
        rollups.roll_up()


def series(client: APIClient, key: str, **asked: str) -> list[dict]:
    reply = client.get(f"/api/v1/metrics/{key}/", {"start": str(DAYS.start), "end": str(DAYS.end)} | asked)
    assert reply.status_code == 200
    return reply.json()["values"]


def test_pages_and_series_tell_the_same_weeks(api: APIClient, answered: None) -> None:
    card = reports.card(Filters(scope=EVERYTHING, period=DAYS), "csat_5", as_of=NOON)
    told = {row["start"]: row for row in series(api, "csat", by="week")}
    assert [week.start.isoweekday() for week in card.weeks] == [1] * 14
    first, *whole, last = card.weeks
    for week in (*whole, last):
        row = told[str(week.start)]
        assert (row["value"], row["lo"], row["n"]) == (week.value, week.lo, week.n), week.start
    assert {row["start"] for row in told.values() if row["partial"]} == {"2026-08-20", "2026-11-16"}
    assert (last.n, told["2026-08-20"]["n"], first.n) == (60, 80, 140)  # the page has the whole first week
    months = series(api, "csat", by="month")
    assert [row["partial"] for row in months] == [True, False, False, True]
    assert not any(row["partial"] for row in (*series(api, "csat", by="day"), *series(api, "csat", by="team")))
    text = api.get("/api/v1/metrics/csat/", {"start": str(DAYS.start), "end": str(DAYS.end), "by": "week",
                                             "format": "csv"}).content.decode("utf-8-sig")  # fmt: skip
    assert [row["partial"] for row in csv.DictReader(text.splitlines())].count("False") == 12


def test_a_part_of_a_week_is_marked_on_the_page_and_in_its_file(
    login: Callable[[User], Client], administrator: User, answered: None
) -> None:
    User.objects.update(language="en")
    client = login(administrator)

    def read(asked: str) -> str:
        html = client.get(f"/admin/dashboard/?{asked}").content.decode().replace("\xa0", " ")
        assert "c trend" in html
        return html

    html = read(ASKED)
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "the last week goes on after the period" in text and "16 Nov to 18 Nov 50%" in text
    assert 'class=" goes-on"' in html and "16–18 Nov 2026: 50%" in html
    assert re.search(r'href="[^"]*from=2026-11-16&amp;to=2026-11-18[^"]*">60<', html)
    rows = [row for row in lines(client, f"/admin/dashboard/?{ASKED}&format=csv") if row[:1] == ["2026-11-16"]]
    assert rows and {row[-1] for row in rows} == {"3"}
    sunday = read("from=2026-08-17&to=2026-11-15")
    assert "goes on after the period" not in sunday and "goes-on" not in sunday
    today = read(f"from=2026-08-20&to={NOON.date()}")
    assert "the last week is not over" in today and "goes on after the period" not in today and "goes-on" in today


def test_what_was_open_is_told_of_the_days_on_which_weeks_ended() -> None:
    links, today = Links(Filters(scope=EVERYTHING, period=DAYS)), NOON.date()
    days = [DAYS.end - back * DAY for back in range(100)]
    told = history({"email": dict.fromkeys(days, 7)}, today=today, names={}, links=links)
    assert told is not None and told.is_weekly and told.days[-1].day == DAYS.end
    assert [one.day for one in told.days[:-1]] == [week.end for week in Period(days[-1], DAYS.end).weeks()[:-1]]
    few = history({"email": dict.fromkeys(days[:92], 7)}, today=today, names={}, links=links)
    assert few is not None and len(few.days) == 92


def test_no_trend_is_concluded_from_a_part_of_a_week(
    login: Callable[[User], Client], administrator: User, api: APIClient, answered: None
) -> None:
    User.objects.update(language="en")
    html = login(administrator).get(f"/admin/dashboard/?{ASKED}").content.decode()
    assert "a week over 13 weeks" in html.replace("\xa0", " ")  # the fall of the last days is in none
    (value,) = series(api, "trend")
    assert (value["n"], value["flag"], value["start"]) == (13, "up", "2026-08-17")
