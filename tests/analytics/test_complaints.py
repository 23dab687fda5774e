"""Complaints: how many, how fast they are met, whether they come again, and those that somebody has to act on."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics.complaining import unsolved
from analytics.complaining.met import within_slots
from analytics.complaining.report import Complaints, complaints, rates_by
from analytics.models import ServiceLevel
from analytics.periods import Period
from analytics.reports import Filters
from ground.access import EVERYTHING, scope_of
from ground.models import Calendar, Organisation, Team, User
from tests.analytics.test_returns import DAY, NOON, TODAY, catch_up, tell

HOUR = dt.timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def complain(number: int, *, ago: float, after: float | None = 1, **fields: Any) -> None:
    """A complaint that was responded to after so many hours; None: nobody has."""
    began = NOON - ago * DAY
    responded = None if after is None else began + after * HOUR
    tell(number, ago=ago, is_complaint=True, first_response_at=responded, **fields)


def found(user: User | None = None, days: int = 28) -> Complaints:
    catch_up()
    period = Period(TODAY - (days - 1) * DAY, TODAY)
    scope = scope_of(user) if user else EVERYTHING
    return complaints(Filters(scope=scope, period=period, before=period.previous()), as_of=NOON)


def contacts(count: int, *, first: int, ago: float, **fields: Any) -> None:
    for number in range(first, first + count):
        tell(number, ago=ago, who=f"v{number}", **fields)


def test_rate_per_thousand_with_the_exact_test_against_the_days_before() -> None:
    contacts(88, first=1, ago=3)
    contacts(99, first=200, ago=40)
    for number in range(12):
        complain(400 + number, ago=4, who=f"w{number}")
    complain(500, ago=41, who="w")
    told = found()
    assert (told.complaints, told.contacts, told.rate.value) == (12, 100, 120.0)
    assert told.rate.lo is not None and told.rate.hi is not None and told.rate.lo < 120 < told.rate.hi
    assert told.ratio is not None and told.ratio.ratio == 12.0 and told.ratio.p < 0.01
    assert told.rate.flag == "up" and told.weeks[-2].n == 100


def test_reaction_counts_those_who_wait_and_is_late_once_the_level_is_over() -> None:
    ServiceLevel.objects.create(minutes=120, is_working_time=False, is_for_complaints=True, since=dt.date(2026, 1, 1))
    for number in range(6):
        complain(number, ago=5, who=f"w{number}")
    complain(10, ago=5, after=30, who="late")
    complain(11, ago=2, after=None, took=None, who="overdue", is_resolved=None)
    complain(12, ago=0.01, after=None, took=None, who="young", is_resolved=None)
    complain(13, ago=9, after=1, took=None, who="slow", is_resolved=None)
    told = found()
    assert told.within is not None and (told.within.num, told.within.den) == (7, 9)
    assert (told.response.n, told.response.open) == (8, 2)
    assert (told.solving.n, told.solving.open) == (7, 3)
    names = [str(one.contact.customer.external_id) for one in told.unsolved]
    assert names == ["overdue", "young", "slow"]
    assert [one.is_overdue for one in told.unsolved] == [True, False, False]


def test_more_than_are_looked_at_are_counted_and_the_page_says_so(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        complain(number, ago=number + 1, after=None, took=None, who=f"w{number}", is_resolved=None)
    assert (found().open, found().is_cut) == (4, False)
    User.objects.update(language="en")
    client.force_login(administrator)
    assert "More are open than are looked at" not in client.get("/admin/complaints/").content.decode()
    monkeypatch.setattr(unsolved, "MOST", 3)
    told = found()
    assert (told.open, len(told.unsolved), told.is_cut) == (4, 3, True)
    page = client.get("/admin/complaints/").content.decode()
    assert re.search(r">4</a>\s+open", page) and "tell of the oldest 3." in page
    assert "Open complaints, the oldest 3 of 4" in client.get("/admin/complaints/?format=csv").content.decode()


def test_a_deadline_goes_by_the_hours_of_when_the_complaint_came(team: Team) -> None:
    ServiceLevel.objects.create(minutes=120, since=dt.date(2026, 1, 1))
    for number in range(5):
        complain(number, ago=2, who=f"w{number}", team=team)
    complain(9, ago=1, after=None, took=None, who="waits", is_resolved=None, team=team)
    saturdays = Calendar.objects.create(name="Saturdays", week={"5": [["10:00", "12:00"]]})
    Team.objects.filter(pk=team.pk).update(calendar=saturdays)
    told = found()
    (one,) = told.unsolved
    assert one.deadline == NOON - DAY + 2 * HOUR and one.is_overdue
    assert told.within is not None and (told.within.num, told.within.den) == (5, 6)


def test_one_that_was_closed_without_a_word_and_opened_again_is_late_once(team: Team) -> None:
    ServiceLevel.objects.create(minutes=120, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(5):
        complain(number, ago=5, who=f"w{number}", team=team)
    complain(9, ago=5, after=None, took=1, who="again", is_resolved=None, reopened_at=NOON - 3 * DAY, team=team)
    told = found()
    (one,) = told.unsolved
    assert one.is_overdue and not one.is_late and not one.waits
    assert told.within is not None and (told.within.num, told.within.den) == (5, 6)
    assert (told.response.n, told.response.open) == (5, 1)
    period = Period(TODAY - 27 * DAY, TODAY)
    points = within_slots(Filters(scope=EVERYTHING, period=period), "month", as_of=NOON)
    assert [(point.metric.num, point.metric.den) for point in points if point.metric.den] == [(5, 6)]


def test_another_complaint_within_thirty_days_whatever_it_is_about() -> None:
    complain(1, ago=50, who="a", reason="delivery")
    complain(2, ago=25, who="a", reason="refund")
    complain(3, ago=50, who="b")
    tell(4, ago=45, who="b")  # came again, but not to complain
    for number in range(10, 14):
        complain(number, ago=50, who=f"w{number}")
    again = found(days=90).again
    assert (again.num, again.den) == (1, 6)


def test_page_shows_the_open_ones_with_their_owner_and_deadline(
    client: Client, administrator: User, team: Team
) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    assert "No contact in this period" in client.get("/admin/complaints/").content.decode()
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2026, 1, 1))
    contacts(40, first=100, ago=2, team=team)
    complain(1, ago=1, after=None, took=None, who="late", is_resolved=None, team=team)
    complain(2, ago=0.01, after=None, took=None, who="young", is_resolved=None)
    complain(3, ago=3)
    catch_up()
    reply = client.get("/admin/complaints/")
    text = " ".join(re.sub(r"<[^>]*>", " ", reply.content.decode()).replace("\xa0", " ").split())
    assert "T-1 late, delivery, e-mail no response yet 24 h nobody Первая линия overdue by 23 h" in text
    assert "T-2 young, delivery, e-mail no response yet 14 min nobody 18 Nov 2026, 12:45" in text
    assert "2 open, 1 overdue" in text and "By team" in text
    for href, n in ((reply.context["href"], 3), (reply.context["open_href"], 2)):
        assert client.get(href).context["cl"].result_count == n
    assert client.get("/admin/complaints/?from=x").status_code == 400


def test_a_team_sees_its_own(client: Client, viewer: User, team: Team, other_team: Team) -> None:
    contacts(10, first=100, ago=2, team=team)
    complain(1, ago=2, who="ours", team=team, took=None, is_resolved=None)
    catch_up()
    client.force_login(viewer)
    before = client.get("/admin/complaints/").content
    complain(2, ago=2, who="ours", team=other_team, took=None, is_resolved=None)
    contacts(10, first=200, ago=2, team=other_team)
    told = found(viewer)
    assert (told.complaints, told.contacts, len(told.unsolved), told.lines["team"]) == (1, 11, 1, ())

    def still(page: bytes) -> str:
        return re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken": )"[^"]*"', "", page.decode())

    assert still(client.get("/admin/complaints/").content) == still(before)
    assert [row.metric.num for row in rates_by(Filters(scope=EVERYTHING, period=Period(TODAY - 9 * DAY, TODAY)), "team",
                                               as_of=NOON)] == [1, 1]  # fmt: skip


def test_each_team_and_channel_tells_how_complaints_are_met_there(
    client: Client, administrator: User, team: Team, other_team: Team
) -> None:
    User.objects.update(language="en")
    ServiceLevel.objects.create(minutes=120, is_working_time=False, since=dt.date(2026, 1, 1))
    for number in range(20):
        own, after = (team, 1) if number < 12 else (other_team, 5)
        complain(number, ago=40 if number % 2 else 5, who=f"w{number % 6}", after=after, team=own)
    complain(30, ago=3, after=None, took=None, who="x", is_resolved=None, team=team, channel="chat")
    catch_up()
    client.force_login(administrator)
    page = client.get("/admin/complaints/?period=90").content.decode()
    section = page[page.index('id="met"') : page.index("Where complaints come from")].replace("&amp;", "&")
    rows = {re.sub("<[^>]*>", "", row[0]): row[1] for row in re.findall(
        r'<th role="rowheader" scope="row">(.*?)</th>(.*?)</tr>', section, re.DOTALL
    )}  # fmt: skip
    assert {team.name, other_team.name, "Chat", "E-mail"} == rows.keys()
    own, other = (re.sub("<[^>]*>|\xa0", " ", rows[each.name]) for each in (team, other_team))
    # Of nobody's replies in the team's chats anything is told: whether the one that waits got one is not known.
    assert "100%" in own and "n=12" in own and " 0%" in other and "n=8" in other
    links = re.findall(r'href="(/admin/surveys/interaction/[^"]*)">(?:n=)?(\d+)<', section)
    assert len(links) >= 6
    for address, n in links:
        assert client.get(address).context["cl"].result_count == int(n), address
    file = client.get("/admin/complaints/?period=90&format=csv").content.decode()
    assert "Met: By team" in file and "Met: By channel" in file
    assert 'id="met"' not in client.get(f"/admin/complaints/?period=90&team={team.pk}&channel=email").content.decode()


def test_page_asks_for_the_same_number_of_statements_however_much_there_is(
    client: Client, administrator: User, team: Team, django_assert_max_num_queries: Any
) -> None:
    client.force_login(administrator)
    complain(1, ago=2, team=team)
    catch_up()
    with django_assert_max_num_queries(33) as told:
        client.get("/admin/complaints/")
    for number in range(2, 40):
        complain(number, ago=number, who=f"w{number}", took=None, is_resolved=None, reason=f"r{number}")
    catch_up()
    with django_assert_max_num_queries(len(told)):
        client.get("/admin/complaints/")


def test_programs_read_the_rate_as_a_series(api: APIClient, team: Team) -> None:
    contacts(40, first=100, ago=2, team=team)
    for number in range(4):
        complain(number, ago=2, team=team, who=f"w{number}")
    catch_up()
    asked = {"start": TODAY - 13 * DAY, "end": TODAY}
    values = api.get("/api/v1/metrics/complaint_rate/", asked | {"by": "week"}).json()["values"]
    assert [value["n"] for value in values] == [0, 0, 44]
    assert values[-1]["value"] == pytest.approx(1000 * 4 / 44) and values[-1]["lo"] < 91 < values[-1]["hi"]
    by_team = api.get("/api/v1/metrics/complaint_rate/", asked | {"by": "team,week"}).json()["values"]
    assert {(value["key"], value["n"]) for value in by_team if value["n"]} == {(team.code, 44)}
