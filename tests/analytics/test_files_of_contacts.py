"""The files of complaints, repeat contacts, those who stay and the focus set hold what their pages show."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ground.models import Organisation, Team, User
from tests.analytics.test_complaints import complain, contacts
from tests.analytics.test_export import book
from tests.analytics.test_returns import DAY, NOON, catch_up, tell
from tests.analytics.test_service import level
from tests.analytics.test_staying import made

MINUTE = dt.timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")


@pytest.fixture
def desk(login: Callable, administrator: User) -> Client:
    administrator.language = "en"
    administrator.save()
    return login(administrator)


def by_name(rows: list[list[Any]]) -> dict[Any, dict[Any, Any]]:
    """The lines of a table by their first cell, each by the titles."""
    return {row[0]: dict(zip(rows[0], row, strict=False)) for row in rows[1:]}


def test_complaints_hold_how_they_are_met_and_which_are_open(desk: Client, team: Team) -> None:
    level(minutes=120, is_working_time=False)
    contacts(60, first=100, ago=3, team=team)
    contacts(60, first=300, ago=40, team=team)
    for number in range(31):
        complain(500 + number, ago=4, who=f"w{number}", after=1 if number < 20 else 5, team=team)
    complain(600, ago=41, who="before", team=team)
    complain(1, ago=1, after=None, took=None, who="late", is_resolved=None, team=team)
    catch_up()
    sheets = book(desk, "/admin/complaints/?format=xlsx")
    told = by_name(sheets["Complaints"])
    rate = told["Complaints per 1000 contacts"]
    assert rate["Value"] == pytest.approx(32 / 92 * 1000) and rate["n"] == 92
    assert rate["Interval from"] < rate["Value"] < rate["Interval to"] and rate["Proven change"] == "up"
    assert told["Complaints per 1000 contacts: times the rate before"]["Value"] == pytest.approx(32 / 92 * 61)
    within = told["Responded to within the service level"]
    assert within["Value"] == pytest.approx(20 / 32) and within["n"] == 32
    met = by_name(sheets["How complaints are met"])
    assert met["First response"]["Half within, s"] == pytest.approx(3600, rel=0.02)
    assert (met["First response"]["n"], met["First response"]["Still open"]) == (31, 1)
    (open_one,) = by_name(sheets["Open complaints"]).values()
    assert (open_one["Complaint"], open_one["Customer"], open_one["Overdue by, s"]) == ("T-1", "late", 22 * 3600)


def test_what_the_page_of_complaints_hides_is_not_in_the_file(desk: Client, team: Team) -> None:
    complain(1, ago=2, team=team)
    catch_up()
    told = by_name(book(desk, "/admin/complaints/?format=xlsx")["Complaints"])
    assert told["Complaints per 1000 contacts"]["Value"] is None and "Complaints" not in told


def test_repeat_contacts_hold_the_rates_and_what_was_done_at_once(desk: Client, team: Team) -> None:
    for number in range(40):
        tell(number, ago=20, who=f"c{number}", team=team, reason="billing" if number % 2 else "delivery")
        if number < 10:
            tell(100 + number, ago=17, who=f"c{number}", team=team, reason="billing" if number % 2 else "delivery")
    catch_up()
    sheets = book(desk, "/admin/returns/?format=xlsx")
    told = by_name(sheets["Repeat contacts"])
    back = told["Came back within 7 days, with the same reason"]
    assert (back["Value"], back["n"]) == (10 / 50, 50) and back["Interval from"] < 0.2 < back["Interval to"]
    assert told["Done at the first contact"]["Value"] == 30 / 40 and told["Repeats among all contacts"]["n"] == 50
    assert told["Cannot be judged yet"]["Value"] == 0
    reason = by_name([row[:10] + row[10:] for row in sheets["By reason"]])["billing"]
    assert (reason["Value"], reason["Done at the first contact"]) == (5 / 25, 15 / 20)
    any_reason = by_name(book(desk, "/admin/returns/?format=xlsx&days=30&reason=any")["Repeat contacts"])
    assert "Came back within 30 days, with any reason" in any_reason


def test_those_who_stay_hold_how_long_and_what_a_year_would_be(desk: Client) -> None:
    for number in range(40):
        tell(number, ago=100 + number, who=f"k{number}")
        tell(100 + number, ago=45, who=f"k{number}")
    for number in range(8):
        tell(900 + number, ago=400, who=f"gone{number}")
    desk.get("/admin/staying/")
    made()
    text = desk.get("/admin/staying/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    at = next(place for place, row in enumerate(rows) if row[:1] == ["Half stay at least"])
    stay = dict(zip(rows[at + 1], rows[at + 2], strict=True))
    assert int(stay["Have left"]) >= 8 and int(stay["Have left"]) + int(stay["Are still there"]) == 48
    assert any("In a year at this rate" in row for row in rows)


def test_the_focus_set_has_numbers_limits_and_changes(desk: Client, team: Team) -> None:
    level(minutes=120, is_working_time=False)
    for ago, first, quick in ((3, 100, 40), (31, 300, 15)):
        for number in range(first, first + 50):
            after = (10 if number - first < quick else 600) * MINUTE
            tell(number, ago=ago, who=f"v{number}", team=team, first_response_at=NOON - ago * DAY + after)
    complain(1, ago=3, team=team)
    catch_up()
    told = by_name(book(desk, "/admin/dashboard/?format=xlsx")["Focus"])
    assert told["First response in time"]["Value"] == pytest.approx(41 / 51)
    assert told["First response in time"]["Change"] == pytest.approx(41 / 51 - 15 / 50)
    assert told["First response in time"]["Proven change"] == "up"
    assert told["Solved, nine in ten within"]["Unit"] == "seconds" and told["Solved, nine in ten within"]["n"] == 51
    assert told["Complaints per 1000 contacts"]["Value"] == pytest.approx(1000 / 51)
