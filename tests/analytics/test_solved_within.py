"""The share solved in the time that a service level gives: counts, what is open yet, pages, files, rows and the API."""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups
from analytics.levels import Levels
from analytics.models import AgentContactDay, ContactDay, ContactSliceDay, ServiceLevel
from analytics.periods import Period
from analytics.reports import Filters
from analytics.serving.parts import WALL
from analytics.serving.report import Times, times
from analytics.unanswered import began_in
from analytics.unsolved import promised, unsolved
from ground.access import EVERYTHING
from ground.calendars import Calendars
from ground.models import Calendar, Organisation, Team, User
from ground.working_time import working_seconds
from surveys.models import Agent, Interaction, Segment
from tests.analytics.test_export import book, lines
from tests.analytics.test_rows_behind import behind
from tests.analytics.test_service import LEVELS, NOON, found, level, noon, tell  # noqa: F401
from tests.factories import make_customer

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
DAYS = Period(dt.date(2026, 11, 1), dt.date(2026, 11, 18))
pytestmark = pytest.mark.django_db


def solved(number: int, *, after: float, ago: dt.timedelta = 5 * DAY, **fields: Any) -> Interaction:
    """A contact that was solved so many hours after it began."""
    at = NOON - ago + after * HOUR
    return tell(number, after=1, ago=ago, resolved_at=at, is_resolved=True, closed_at=at, **fields)


def by_mail(team: Team | None = None) -> None:
    """Twenty that are judged by a day: ten in time; two that still have time, one who gave up, and five chats."""
    where = {"team": team}
    for number in range(10):
        solved(number, after=24 if number == 0 else 10, **where)
    for number in range(10, 14):
        solved(number, after=24.001 if number == 10 else 30, **where)
    for number in range(14, 17):
        tell(number, after=1, ago=5 * DAY, **where)
    for number in (17, 18):
        tell(number, after=1, ago=2 * HOUR, closed_at=NOON - HOUR, is_resolved=False, **where)
    solved(19, after=2, reopened_at=NOON - 4 * DAY, **where)
    tell(20, after=1, ago=24 * HOUR, **where)
    tell(21, ago=HOUR, **where)
    tell(22, ago=5 * DAY, is_abandoned=True, closed_at=NOON - 5 * DAY, **where)
    for number in range(23, 28):
        solved(number, after=1, channel="chat", **where)


def report(**chosen: Any) -> Times:
    return times(Filters(scope=EVERYTHING, period=DAYS, before=DAYS.previous(), **chosen), clock=WALL, as_of=NOON)


def test_what_is_open_is_missed_once_its_time_has_passed_and_in_no_share_before() -> None:
    level(30, channel="email", solved_hours=24, is_working_time=False)
    by_mail()
    told = found()
    assert told.in_time is not None and (told.in_time.num, told.in_time.den, told.due) == (10, 20, 2)
    assert told.solved.n == 0  # none of them is seven days old
    page = report()
    mail, chat = page.channels
    assert page.total.in_time == told.in_time and (mail.part.key, mail.due, chat.due) == ("email", 2, 0)
    assert mail.in_time is not None and (mail.in_time.num, mail.in_time.den) == (10, 20)
    assert chat.in_time is not None and chat.in_time.n == 0
    facts = Counter(dict(ContactDay.objects.filter(fact__startswith="solved_").values_list("fact", "count")))
    assert facts["solved_met"] == 10 and set(facts) == {"solved_met", "solved_late"}


def test_without_a_promise_nothing_is_counted_or_shown(
    login: Callable[[User], Client], administrator: User, api: APIClient
) -> None:
    User.objects.update(language="en")
    level(30, channel="email", is_working_time=False)
    by_mail()
    told = found()
    assert told.in_time is None and told.due == 0 and report().total.in_time is None
    assert not ContactDay.objects.filter(fact__startswith="solved_").exists()
    assert api.get("/api/v1/metrics/solved_within_target/").json()["values"] == []
    client = login(administrator)
    for address in ("/admin/dashboard/", "/admin/service/"):
        html = client.get(address).content.decode()
        assert "Solved within 7 days" in html and "Solved within the service level" not in html
        assert "Solved in time<" not in html
    assert all("Solved within the service level" not in row for row in lines(client, "/admin/service/?format=csv"))


def test_the_promise_is_that_of_the_level_which_held_as_it_began() -> None:
    level(30, solved_hours=24, is_working_time=False)
    level(30, channel="chat", is_working_time=False)  # narrower, and promises nothing
    level(30, is_for_complaints=True, solved_hours=1, is_working_time=False)
    level(30, solved_hours=48, is_working_time=False, since=NOON.date() - 3 * DAY)
    for number in range(5):
        solved(number, after=30)
        solved(100 + number, after=30, ago=2 * DAY)
        solved(200 + number, after=30, ago=2 * DAY, channel="chat")
        solved(300 + number, after=2, ago=2 * DAY, is_complaint=True)
    told = found()
    assert told.in_time is not None and (told.in_time.num, told.in_time.den) == (5, 15)


def test_working_time_of_what_is_open_is_that_of_its_calendar(team: Team, other_team: Team) -> None:
    office = Calendar.objects.create(name="office", is_default=True, timezone="Europe/Moscow", holidays="")
    week = {str(day): [["08:30", "12:00"], ["13:00", "24:00"]] for day in (1, 2, 5)}
    odd = Calendar.objects.create(name="odd", timezone="Asia/Yekaterinburg", holidays="", week=week)
    never = Calendar.objects.create(name="never", timezone="Europe/Moscow", holidays="", week={})
    Team.objects.filter(pk=other_team.pk).update(calendar=odd)
    level(30, solved_hours=9)
    dice = random.Random(18)
    for number in range(120):
        ago = dice.choice(
            [23 * HOUR, 24 * HOUR, 25 * HOUR, dice.uniform(0, 12) * DAY]
        )  # the second is exactly nine hours
        row = tell(number, after=1, ago=ago, team=dice.choice([team, other_team, None]))
        if number % 10 == 0:
            Interaction.objects.filter(pk=row.pk).update(calendar=never if number % 20 else None)
    found()
    filters = Filters(scope=EVERYTHING, period=DAYS)
    counted = Counter({True: 0, False: 0})
    for (_day, _team, _channel, is_late), n in unsolved(filters, DAYS, as_of=NOON).items():
        counted[is_late] += n
    calendars = Calendars()
    exact = Counter(
        working_seconds(calendars.hours_of(row.calendar_id), row.created_at, NOON) > 9 * 3600
        for row in Interaction.objects.all()
    )
    assert counted == exact and exact[True] > 20 and exact[False] > 20
    assert office.pk in calendars.every_key() and None in calendars.every_key()


def test_a_promise_that_is_made_or_changed_later_counts_the_days_since_anew(
    login: Callable[[User], Client], administrator: User
) -> None:
    User.objects.update(language="en")
    for number in range(40):
        solved(number, after=10 if number < 30 else 60, ago=6 * DAY)
    solved(99, after=10, ago=9 * DAY)
    found()
    client = login(administrator)
    posted = {"minutes": "30", "since": "2026-11-10", "channel": "email", "priority": "", "solved_hours": "24"}
    assert client.post(f"{LEVELS}add/", posted).status_code == 302
    told = found()
    assert told.in_time is not None and (told.in_time.num, told.in_time.den) == (30, 40)
    row = ServiceLevel.objects.get()
    assert "24 h by the clock on the wall" in client.get(LEVELS).content.decode().replace("\xa0", " ")
    assert client.post(f"{LEVELS}{row.pk}/change/", posted | {"solved_hours": "72"}).status_code == 302
    told = found()
    assert told.in_time is not None and told.in_time.num == 40
    assert client.post(f"{LEVELS}{row.pk}/change/", posted | {"since": "2026-11-01"}).status_code == 302
    told = found()
    assert told.in_time is not None and (told.in_time.num, told.in_time.den) == (31, 41)
    for wrong in ("0", "9000", "x"):
        assert client.post(f"{LEVELS}{row.pk}/change/", posted | {"solved_hours": wrong}).status_code == 200
    assert client.post(f"{LEVELS}{row.pk}/change/", posted | {"solved_hours": ""}).status_code == 302
    assert found().in_time is None and not ContactDay.objects.filter(fact__startswith="solved_").exists()


def test_pages_files_and_their_rows_tell_it(login: Callable[[User], Client], administrator: User, team: Team) -> None:
    User.objects.update(language="en")
    level(30, channel="email", solved_hours=24, is_working_time=False)
    by_mail(team)
    for number in range(100, 104):  # else five chats would be too few beside the whole
        solved(number, after=30 if number == 103 else 1, team=team)
    found()
    client = login(administrator)
    asked = f"?from={DAYS.start}&to={DAYS.end}"

    def read(address: str) -> tuple[str, str]:
        html = client.get(address + asked).content.decode().replace("&amp;", "&").replace("\xa0", " ")
        return html, " ".join(re.sub(r"<[^>]*>", " ", html).split())

    for address in ("/admin/dashboard/", "/admin/service/"):
        html, text = read(address)
        assert "54% (35–72), n=24" in text.replace(" )", ")").replace("( ", "("), address
        assert "2 open, still in time" in text and "Solved within the service level" in text
        for name, count in (("solved_within", 13), ("solved_judged", 24), ("due", 2)):
            href = next(link for link in re.findall(r'href="([^"]*)"', html) if link.endswith(f"counted={name}"))
            assert client.get(href).context["cl"].result_count == count, (address, name)
            late = href.replace(f"counted={name}", "counted=solved_late")
            assert client.get(late).context["cl"].result_count == 11
    assert "Solved in time" in read("/admin/dashboard/")[1] and "#solving" in read("/admin/dashboard/")[0]
    sheets = book(client, f"/admin/dashboard/{asked}&format=xlsx")
    assert ["Solved within the service level", "share, 0 to 1", 13 / 24] in [row[:3] for row in sheets["Service"]]
    assert ["Solved in time", "share, 0 to 1", 13 / 24] in [row[:3] for row in sheets["Focus"]]
    head, *rows = book(client, f"/admin/service/{asked}&format=xlsx")["Solving by channel"]
    place = head.index("Solved within the service level")
    assert rows[0][place] == 13 / 24 and head[-1] == "Open, still in time" and rows[0][-1] == 2
    assert "#solved_within_target" in read("/admin/service/")[0]


def test_programs_read_it_whole_by_channel_by_team_and_week(
    api: APIClient, team_api: APIClient, team: Team, other_team: Team
) -> None:
    level(30, channel="email", solved_hours=24, is_working_time=False)
    by_mail(team)
    solved(500, after=1, team=other_team)
    for number in range(600, 606):
        solved(number, after=1, ago=2 * DAY, team=team)
    found()

    def read(client: APIClient, **more: str) -> list[dict[str, Any]]:
        asked = {"start": str(DAYS.start), "end": str(DAYS.end)} | more
        reply = client.get("/api/v1/metrics/solved_within_target/", asked)
        assert reply.status_code == 200, reply.json()
        return reply.json()["values"]

    (whole,), (own,) = read(api), read(team_api)
    assert (whole["num"], whole["den"]) == (17, 27) and (own["num"], own["den"]) == (16, 26)
    assert {row["key"]: row["n"] for row in read(team_api, by="channel")} == {"email": 26, "chat": 0}
    assert [(row["key"], row["num"]) for row in read(team_api, by="team")] == [(team.code, 16)]
    weeks = {row["start"]: row for row in read(team_api, by="week")}
    last, before = weeks["2026-11-16"], weeks["2026-11-09"]
    # On Wednesday two ended unsolved and two have time; the rest began on Monday and the Friday before.
    assert (before["num"], before["den"], before["preliminary"]) == (10, 18, False)
    assert (last["num"], last["den"], last["preliminary"], last["partial"]) == (6, 8, True, True)
    days = {row["start"]: row for row in read(team_api, by="channel,day") if row["key"] == "email"}
    assert sum(row["n"] for row in days.values()) == 26
    # Of Tuesday one still has time, of Monday none.
    assert days["2026-11-17"]["preliminary"] and not days["2026-11-16"]["preliminary"]


def test_the_open_ones_are_found_along_their_index() -> None:
    level(30, solved_hours=24, is_working_time=False)
    zone = Organisation.current().timezone
    assert Levels(zone).promise_solving
    rows = began_in(Filters(scope=EVERYTHING, period=DAYS), [DAYS]).filter(Interaction.open(), promised(Levels(zone)))
    if connection.vendor == "sqlite":
        assert "surveys_interaction_open" in rows.order_by().explain()


def test_a_day_is_recounted_as_it_was_counted() -> None:
    """Whatever becomes of a contact, its day says what a recount says."""
    level(30, solved_hours=24, is_working_time=False)
    for number in range(8):
        tell(number, after=1, ago=5 * DAY)
    assert found().in_time.den == 8  # type: ignore[union-attr]
    later = {"updated_at": NOON + HOUR}
    solved(0, after=2, **later)
    solved(1, after=50, **later)
    tell(2, ago=5 * DAY, closed_at=NOON, is_resolved=False, **later)
    Interaction.objects.filter(external_id="T-3").delete()
    rollups.mark_contacts(DAYS.start)
    told = found()
    assert told.in_time is not None and (told.in_time.num, told.in_time.den) == (1, 7)


def by_plan(team: Team, agent: Agent) -> None:
    """Ten golden contacts of an agent, of which one still has time and seven were in time; of eight others, four."""
    Segment.objects.create(attribute="plan", name="Plan")
    for plan in ("gold", "basic"):
        make_customer(external_id=plan, attributes={"plan": plan})
    for number in range(8):
        solved(number, after=10 if number < 7 else 30, who="gold", team=team)
    tell(8, after=1, ago=5 * DAY, who="gold", team=team)
    tell(9, after=1, ago=2 * HOUR, who="gold", team=team)
    for number in range(10, 18):
        solved(number, after=10 if number < 14 else 30, who="basic", team=team)
    Interaction.objects.update(agent=agent)
    rollups.mark_contacts(DAYS.start)
    found()


def parts(metric: Any) -> tuple[int, int]:
    return metric.num, metric.den


def test_agents_segments_and_weeks_have_it(
    login: Callable[[User], Client], administrator: User, team: Team, agent: Agent
) -> None:
    User.objects.update(language="en")
    level(30, solved_hours=24, is_working_time=False)
    by_plan(team, agent)
    client, asked = login(administrator), {"from": DAYS.start, "to": DAYS.end}
    page = client.get("/admin/service/", asked)
    lines_of = {line["name"]: line for block in page.context["segments"] for line in block["lines"]}
    for name, told in (("gold", (7, 9)), ("basic", (4, 8))):
        line = lines_of[name]
        assert parts(line["row"].in_time) == told, name
        assert (behind(client, line["solved_within_href"]), behind(client, line["solved_judged_href"])) == told, name
    weeks = {row["week"].start: row["week"] for row in page.context["solved_weeks"].weeks}
    before, last = weeks[dt.date(2026, 11, 9)], weeks[dt.date(2026, 11, 16)]
    assert (before.value, before.n, last.n) == (11 / 17, 17, 0)
    (row,) = client.get("/admin/agents/", asked).context["rows"]
    assert parts(row["work"]["found"].in_time) == (11, 17)
    numbers = [behind(client, row["behind"][name]) for name in ("solved_within", "solved_judged")]
    assert numbers == [11, 17]
    for only, told in (("segment:plan=gold", (7, 9)), (f"agent:{agent.pk}", (11, 17))):
        block = client.get("/admin/dashboard/", asked | {"only": only}).context["of_slice"]
        assert parts(block["found"].in_time) == told
        (cell,) = [cell for cell in block["cells"] if cell.key == "solved_within_target"]
        assert (behind(client, cell.href), behind(client, cell.n_href)) == told
    name = "Solved within the service level"
    for address, at_least in (("/admin/service/", 3), ("/admin/agents/", 1), (f"/admin/agents/{agent.pk}/", 1)):
        assert client.get(address, asked).content.decode().count(name) >= at_least, address
        assert name in client.get(address, asked | {"format": "csv"}).content.decode("utf-8-sig"), address


def test_programs_read_it_by_segment_and_of_one_agent(api: APIClient, team: Team, agent: Agent) -> None:
    level(30, solved_hours=24, is_working_time=False)
    by_plan(team, agent)

    def read(**more: str) -> dict[Any, tuple[int, int]]:
        reply = api.get("/api/v1/metrics/solved_within_target/", {"start": DAYS.start, "end": DAYS.end} | more)
        assert reply.status_code == 200, reply.json()
        return {row["key"]: (row["num"], row["den"]) for row in reply.json()["values"]}

    assert read(by="segment") == {"plan=gold": (7, 9), "plan=basic": (4, 8)}
    assert read(segment="plan=gold") == {None: (7, 9)} and read(agent=agent.external_id) == {None: (11, 17)}
    assert api.get("/api/v1/metrics/solved_within_target/", {"by": "segment,week"}).status_code == 400
    ServiceLevel.objects.update(solved_hours=None)
    assert read(by="segment") == read(segment="plan=gold") == read(agent=agent.external_id) == {}


def test_days_of_before_the_update_are_counted_anew(team: Team, agent: Agent) -> None:
    level(30, solved_hours=24, is_working_time=False)
    by_plan(team, agent)
    tables = (AgentContactDay, ContactSliceDay)
    for table in tables:
        assert table.cuts.filter(fact__startswith="solved_").delete()[0]
    count_anew = import_module("analytics.migrations.0030_count_solved_within").count_anew
    count_anew(apps, None)
    found()
    assert all(table.cuts.filter(fact="solved_met").exists() for table in tables)
    ServiceLevel.objects.update(solved_hours=None)
    count_anew(apps, None)
    assert not rollups.has_work()
