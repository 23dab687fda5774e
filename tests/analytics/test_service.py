"""How customers are served: the counts behind it, the levels that hold, and what a manager sees."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics import rollups
from analytics.levels import Levels
from analytics.models import ServiceLevel
from analytics.periods import Period
from analytics.reports import Filters
from analytics.service import Service, service
from analytics.unanswered import unanswered
from ground.access import EVERYTHING
from ground.models import Calendar, Organisation, Team, User
from surveys import interactions
from surveys.models import Interaction, Survey
from tests.analytics.rows import answer
from tests.analytics.test_dashboard import seen
from tests.factories import make_invitation

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
LEVELS = "/admin/analytics/servicelevel/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def tell(number: int, *, after: float | None = None, ago: dt.timedelta | None = None, **fields: Any) -> Interaction:
    """A contact that was responded to so many minutes after it began."""
    began = NOON - (ago or dt.timedelta(hours=2))
    responded = began + dt.timedelta(minutes=after) if after is not None else None
    team = fields.pop("team", None)
    report = interactions.Report(
        source="crm", external_id=f"T-{number}", updated_at=fields.pop("updated_at", NOON),
        customer={"external_id": fields.pop("who", "c1")}, team={"code": team.code} if team else None,
        fields={"channel": "email", "created_at": began, "first_response_at": responded} | fields,
    )  # fmt: skip
    return interactions.take(report).interaction


def found(*, until: dt.date = dt.date(2026, 11, 18), **chosen: Any) -> Service:
    while rollups.roll_up():
        pass
    assert not rollups.verify().differences
    days = Period(dt.date(2026, 11, 1), until)
    filters = Filters(scope=EVERYTHING, period=days, before=days.previous(), **chosen)
    return service(filters, unanswered(filters, as_of=NOON), as_of=NOON)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL chooses by what it knows of the rows")
def test_who_waits_is_found_among_those_who_wait() -> None:
    """Not among all who are not done: a hundred times as many."""
    days = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 18))
    filters = Filters(scope=EVERYTHING, period=days, before=days.previous())
    with CaptureQueriesContext(connection) as asked:
        unanswered(filters, as_of=NOON)
    statement = next(one["sql"] for one in asked if 'FROM "surveys_interaction"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}", None)
        plan = " ".join(line[3] for line in cursor.fetchall())
    assert "INDEX surveys_interaction_waiting" in plan and "surveys_interaction_open" not in plan


def level(minutes: int, **fields: Any) -> ServiceLevel:
    return ServiceLevel.objects.create(**({"minutes": minutes, "since": dt.date(2026, 1, 1)} | fields))


def test_responses_by_channel_with_those_who_wait_in_the_share_once_they_are_late() -> None:
    level(30)
    for number in range(60):
        tell(number, after=10)
    for number in range(60, 80):
        tell(number, after=60)
    for number in range(80, 85):  # two hours ago, no word since
        tell(number)
    tell(90, ago=dt.timedelta(minutes=5))
    tell(91, channel="chat", after=1)
    told = found()
    email, chat = told.channels
    assert (told.contacts, email.contacts, chat.contacts) == (87, 86, 1)
    # With the whole beside it, the share by e-mail would tell that of the one chat.
    assert email.within is not None and (email.within.state, email.within.n) == ("hidden", 85)
    assert (email.waiting, email.response.n) == (1, 80)
    assert email.response.half.value == pytest.approx(600, rel=0.011)
    assert email.response.nine.value == pytest.approx(3600, rel=0.011)
    assert (chat.response.half.value, chat.response.nine.value) == (None, None)
    assert told.total is not None and told.total.within is not None
    assert (told.total.within.num, told.total.within.den) == (61, 86)


def test_working_time_is_told_once_and_kept(team: Team) -> None:
    calendar = Calendar.objects.create(name="days", timezone="Europe/Moscow", holidays="")
    Team.objects.update(calendar=calendar)
    row = tell(1, team=team, ago=dt.timedelta(hours=20), after=19 * 60)  # Tuesday 16:00 to Wednesday 11:00
    assert row.response_working_seconds == 4 * 3600
    Calendar.objects.update(week={})
    again = tell(1, team=team, ago=dt.timedelta(hours=20), after=19 * 60, updated_at=NOON + dt.timedelta(hours=1),
                 resolved_at=NOON, is_resolved=True)  # fmt: skip
    assert again.pk == row.pk and again.calendar == calendar


def test_date_of_another_century_costs_no_more_than_five_years() -> None:
    row = tell(1, ago=dt.timedelta(days=366 * 120), after=60 * 24 * 366 * 119)
    assert 0 < row.response_working_seconds < 2**31


def test_only_those_who_came_to_us_are_contacts() -> None:
    tell(1, after=1)
    tell(2, after=1, direction="outbound")
    Interaction.objects.filter(external_id="T-1").update(source="link:7")
    assert found().contacts == 0


def test_narrowest_level_that_was_in_force_holds() -> None:
    wide, narrow = level(60), level(10, channel="email")
    urgent, complaint = level(5, channel="email", priority="high"), level(3, is_for_complaints=True)
    later = level(20, channel="email", since=dt.date(2026, 11, 19))
    levels = Levels(Organisation.current().timezone)
    assert levels.of(tell(1)) == narrow
    assert levels.of(tell(2, priority="high")) == urgent
    assert levels.of(tell(3, channel="chat")) == wide
    assert levels.of(tell(4, priority="high", is_complaint=True)) == complaint
    assert levels.of(tell(5, ago=dt.timedelta(days=-1))) == later
    assert levels.of(tell(6, ago=dt.timedelta(days=400))) is None


def test_solved_share_leaves_out_contacts_too_young_to_tell() -> None:
    for number in range(10):
        tell(number, after=1, ago=dt.timedelta(days=9), is_resolved=number < 6, closed_at=NOON - dt.timedelta(days=8))
    tell(99, after=1, is_resolved=True, closed_at=NOON)
    solved = found().solved
    assert (solved.num, solved.den) == (6, 10)


def test_call_is_responded_to_when_it_is_picked_up() -> None:
    for number in range(5):
        tell(
            number,
            channel="phone",
            enqueued_at=NOON - dt.timedelta(hours=2),
            answered_at=NOON - dt.timedelta(minutes=115),
        )
    told = found()
    assert told.wait.half.value == pytest.approx(300, rel=0.011)
    assert told.channels[0].response.half.value == pytest.approx(300, rel=0.011)


def test_score_by_how_soon_the_first_response_came(
    login: Callable[[User], Client], administrator: User, survey: Survey
) -> None:
    for number in range(60):
        quick = number < 40
        contact = tell(number, after=2 if quick else 90)
        at = NOON - dt.timedelta(minutes=5)
        answer(survey, 5 if quick or number < 50 else 1, at=at, channel="email",
               invitation=make_invitation(survey, interaction=contact, answered_at=at))  # fmt: skip
    answer(survey, 1, at=NOON)  # of nobody knows which contact
    found()
    User.objects.update(language="en")
    page = seen(login(administrator))
    assert "up to 5 minutes 100% (91–100), n=40" in page and "1 to 4 hours 50% (30–70), n=20" in page
    tell(0, after=20, updated_at=NOON + dt.timedelta(hours=1))  # told better later
    found()
    assert "up to 5 minutes 100% (91–100), n=39" in seen(login(administrator))


def test_manager_reads_the_block_and_a_new_level_counts_the_past_anew(
    login: Callable[[User], Client], administrator: User
) -> None:
    User.objects.update(language="en")
    for number in range(40):
        tell(number, after=10 if number < 30 else 90, channel="chat")
    found()
    client = login(administrator)
    page = seen(client)
    assert (
        "Chat 40 10 min (10 min – 10 min), n=40 1 h 30 min (1 h 30 min – 1 h 30 min)" in page
        and "No service level is set" in page
    )
    assert "whoever still waits, or ended without a response, counts as waiting at least so long" in page
    posted = {"minutes": "30", "is_working_time": "on", "since": "2026-01-01", "channel": "chat", "priority": ""}
    assert client.post(f"{LEVELS}add/", posted).status_code == 302
    found()
    assert "75% (60–86), n=40" in seen(client)
    assert client.post(f"{LEVELS}add/", posted | {"minutes": "0", "since": "2026-02-01"}).status_code == 200
    assert (
        "There is a level for these contacts from this day already."
        in client.post(f"{LEVELS}add/", posted).content.decode()
    )
    assert ServiceLevel.objects.count() == 1
    User.objects.update(language="ru")
    assert "Обслуживание" in seen(client) and "в нормативе" in seen(client).lower()


def test_rows_behind_the_numbers_are_those_counted(login: Callable[[User], Client], administrator: User) -> None:
    tell(1, after=1)
    tell(2, after=1, channel="chat")
    tell(3, after=1, ago=dt.timedelta(days=200))
    found()
    client = login(administrator)
    (address,) = [
        part for part in client.get("/admin/dashboard/").content.decode().split('"') if "channel__exact=chat" in part
    ][:1]
    rows = client.get(address.replace("&amp;", "&")).content.decode()
    assert "T-2" in rows and "T-1" not in rows and "T-3" not in rows


def test_an_hour_a_wait_and_what_was_reopened_lead_to_their_rows(
    login: Callable[[User], Client], administrator: User, survey: Survey
) -> None:
    User.objects.update(timezone="Europe/Moscow")
    tell(1, after=1)
    tell(2, after=1, ago=dt.timedelta(hours=1), reopened_at=NOON)
    for number in range(10, 22):
        contact = tell(number, after=1 if number < 16 else 30, ago=dt.timedelta(days=2))
        answered = make_invitation(survey, interaction=contact)
        answer(survey, 5, at=NOON - dt.timedelta(days=1), invitation=answered)
    found()
    client = login(administrator)
    html = client.get("/admin/dashboard/").content.decode().replace("&amp;", "&")
    links = re.findall(r'href="(/admin/[^"]*)"', html)

    def behind(part: str) -> str:
        return client.get(next(link for link in links if part in link)).content.decode()

    hour = behind("created_at__iso_week_day=3&created_at__hour=10")
    assert "T-1" in hour and "T-2<" not in hour and "T-10" not in hour
    reopened = behind("reopened_at__isnull=False")
    assert "T-2" in reopened and "T-1<" not in reopened
    for waited in ("waited=-300", "waited=300-3600"):
        assert re.search(r'role="status"><b>6', behind(waited)), waited


def test_hours_in_which_nobody_works_are_hatched_and_in_no_mean(
    login: Callable[[User], Client], administrator: User, team: Team, other_team: Team
) -> None:
    User.objects.update(language="en", timezone="Europe/Moscow")
    office = Calendar.objects.create(name="office", is_default=True, timezone="Europe/Moscow", holidays="")
    late = Calendar.objects.create(
        name="late", timezone="Asia/Yekaterinburg", holidays="", week={"2": [["20:00", "22:30"]]}
    )
    Team.objects.filter(pk=other_team.pk).update(calendar=late)
    for number in range(30):  # before noon in Moscow
        tell(number, after=1, ago=dt.timedelta(minutes=30, hours=number if number < 3 else 0), team=team)
    tell(90, after=1, ago=dt.timedelta(hours=10), team=team)  # at two in the night
    told = found()
    assert told.hours[2, 11].rate == pytest.approx(28 / 3)
    assert found(until=dt.date(2026, 12, 31)).hours == told.hours  # days that have not come yet have no hours
    assert (told.hours[2, 2].contacts, told.hours[2, 2].rate) == (1, None)
    worked = {slot for slot, cell in told.hours.items() if cell.rate is not None}
    assert worked == {(day, hour) for day in range(5) for hour in range(9, 18)} | {(2, 18), (2, 19), (2, 20)}
    assert told.peak is not None and told.peak.slot == (2, 11)
    mean = sum(cell.rate or 0 for cell in told.hours.values()) / len(worked)
    assert told.peak.ratio == pytest.approx(28 / 3 / mean)
    assert {slot for slot, cell in found(team=other_team.pk).hours.items() if cell.rate is not None} == {
        (2, 18), (2, 19), (2, 20),
    }  # fmt: skip
    Calendar.objects.filter(pk=office.pk).update(week={str(day): [["00:00", "24:00"]] for day in range(7)})
    assert all(cell.rate is not None for cell in found().hours.values())
    Calendar.objects.filter(pk=office.pk).update(week={"2": [["09:00", "18:00"]]})
    client = login(administrator)
    for address in ("/admin/dashboard/", "/admin/load/"):
        page = client.get(address).content.decode()
        assert re.search(r'class="h0 off" title="Wed 2–3 h: 1, outside working hours"', page), address
        assert re.search(r'class="h6 pk" title="Wed 11–12 h: 28, 7(\.0)? an hour \(4\.\d–10\.\d\)"', page), address
