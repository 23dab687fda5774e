"""The page of load: what comes in, what to expect, and the people it takes; and scores by how customers were served."""

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db.models import QuerySet
from django.test import Client
from rest_framework.test import APIClient

from analytics import rollups, served_counts, stored
from analytics.models import ContactDay, ContactHour, DurationDay, ServedDay
from analytics.models.counted import Counted
from analytics.periods import Period
from analytics.quantiles import bucket
from analytics.reports import Filters
from analytics.serving.by_service import scores_by_service
from analytics.serving.fast_and_good import by_part
from analytics.serving.load import load
from analytics.serving.staff import Plan, staff
from analytics.staffing import mail_agents, staffing
from analytics.volume import forecast
from feedback.filters import responses_found
from feedback.models import Response
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys import interactions
from surveys.models import Interaction, Survey
from surveys.questions import SCALES
from tests.analytics.rows import answer
from tests.analytics.test_dashboard import CHANGING
from tests.analytics.test_service import level, tell
from tests.factories import make_invitation

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)  # a Wednesday, noon in Moscow
TODAY, DAY = NOON.date(), dt.timedelta(days=1)
FILTERS = Filters(scope=EVERYTHING, period=Period(TODAY - 27 * DAY, TODAY))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def keep(table: type[Counted], day: dt.date, counts: dict[tuple[Any, ...], int]) -> None:
    """Counts as the roll-up leaves them, beside those that are there."""
    key = rollups.TABLES["interaction"][table]
    known = Counter({tuple(values): n for (cut, *values), n in stored.read(table, day, key).items() if not cut})
    stored.write(table, day, key, known + Counter(counts))


def came(days: int, *, per_day: Callable[[int], int], team: Team | None = None, channel: str = "phone") -> None:
    """So many contacts on each of the days before this one, all between ten and eleven."""
    place = (team.pk if team else None, channel)
    for ago in range(1, days + 1):
        day, count = TODAY - ago * DAY, per_day(ago)
        keep(ContactDay, day, {(*place, "contacts"): count})
        keep(ContactHour, day, {(*place, 10): count})


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\xa0", " ").split())


def test_forecast_is_that_of_the_days_before_this_one() -> None:
    came(100, per_day=lambda ago: 20 + ago % 7)
    keep(ContactDay, TODAY, {(None, "phone", "contacts"): 500})
    found = load(FILTERS, as_of=NOON)
    history = [20 + ago % 7 for ago in range(84, 0, -1)]
    assert [expected for _day, expected in found.ahead] == forecast(history, horizon=14)
    assert (found.ahead[0][0], found.behind[-1]) == (TODAY, (TODAY - DAY, 21))


def test_too_few_days_are_said_and_not_guessed() -> None:
    came(83, per_day=lambda ago: 20)
    found = load(FILTERS, as_of=NOON)
    assert (found.ahead, found.known) == ((), 83)


def test_days_without_a_contact_are_days() -> None:
    came(100, per_day=lambda ago: 20)
    ContactDay.cuts.filter(day__gte=TODAY - 60 * DAY, day__lt=TODAY - 30 * DAY).delete()
    assert load(FILTERS, as_of=NOON).known == 84


def test_hours_of_the_week_need_as_many_as_erlang_says() -> None:
    came(60, per_day=lambda ago: 30)
    keep(DurationDay, TODAY - DAY, {(None, "phone", "handle", bucket(300)): 9})
    found = staff(FILTERS, Plan(minutes={}), as_of=NOON)
    (hour,) = {(hour.rate, hour.agents, hour.scheduled) for hour in found.live["phone"]}
    seconds = found.handling["phone"].seconds
    assert seconds == pytest.approx(300, rel=0.01)
    need = staffing(arrivals=30 / 3600, handle_time=seconds or 0, target=20)
    assert (found.weeks, *hour) == (8, 30, need.agents, need.scheduled)
    more = staff(FILTERS, Plan(minutes={"phone": 10}, upper=True), as_of=NOON).live["phone"][0]
    assert more.agents > need.agents and more.lo < 30 < more.hi


def test_written_contacts_go_by_hours_of_work_and_chats_by_how_many_at_once() -> None:
    came(14, per_day=lambda ago: 60, channel="email")
    came(14, per_day=lambda ago: 60, channel="chat")
    found = staff(FILTERS, Plan(minutes={"email": 20, "chat": 10}), as_of=NOON)
    assert found.weeks == 2 and {(day.contacts, day.work) for day in found.written} == {(60, 20)}
    assert found.written[0].agents == mail_agents(workload_hours=20, shift_hours=8)
    alone = staff(FILTERS, Plan(minutes={"chat": 10}, chats=1), as_of=NOON).live["chat"][0]
    assert found.live["chat"][0].agents == -(-alone.agents // 2)
    assert staff(FILTERS, Plan(minutes={}), as_of=NOON).written == ()  # nobody knows how long one takes


def test_pages_say_what_they_know_and_take_what_is_typed(login: Callable, administrator: User) -> None:
    User.objects.update(language="en")
    client = login(administrator)
    assert "No contacts yet" in text(client, "/admin/load/")
    assert "No answer tells of service yet" in text(client, "/admin/service/scores/")
    came(30, per_day=lambda ago: 40)
    page = text(client, "/admin/load/?minutes_phone=5&target=30&occupancy=5")
    assert "A forecast takes 84 days of contacts; there are 30 so far." in page
    assert "Busy at most, percent: Ensure this value is greater than or equal to 10." in page
    assert "It takes a whole week of contacts" not in page and "people on the roster" in page
    came(100, per_day=lambda ago: 40, channel="chat")
    assert "Show as a table" in text(client, "/admin/load/")
    file = client.get("/admin/load/?minutes_phone=5&format=csv").content.decode()
    assert "On the roster" in file and "When customers contact us" in file


def served(survey: Survey, number: int, score: int, *, after: float, team: Team | None = None, **fields: Any) -> None:
    contact = tell(number, after=after, ago=dt.timedelta(days=1), team=team, **fields)
    at = NOON - dt.timedelta(minutes=5)
    invitation = make_invitation(survey, interaction=contact, answered_at=at)
    answer(survey, score, at=at, channel="email", team=team, invitation=invitation)


def catch_up() -> None:
    while rollups.roll_up():
        pass
    assert not rollups.verify().differences


def test_scores_by_every_aspect_of_service(login: Callable, administrator: User, survey: Survey) -> None:
    level(30, is_working_time=False)
    for number in range(80):
        quick = number < 40
        served(survey, number, 5 if quick or number < 60 else 1, after=2 if quick else 90, replies=1 if quick else 4,
               reason="delivery" if number % 2 else "payment", resolved_at=NOON)  # fmt: skip
    catch_up()
    found = scores_by_service(FILTERS, "csat_5", as_of=NOON)
    told = {
        aspect: [(step.key, step.metric.num, step.metric.n) for step in steps]
        for aspect, steps in found.aspects.items()
    }
    assert told["response"] == [("m5", 40, 40), ("h4", 20, 40)]
    assert told["replies"] == [("1", 40, 40), ("5", 20, 40)]
    assert told["reason"] == [("delivery", 30, 40), ("payment", 30, 40)]
    assert "resolution" not in told  # all alike say no more than the total
    assert (found.both.metric.num, found.both.n, found.both.cells.good_only) == (40, 80, 20)
    (cost, _replies) = found.costs
    assert (cost.aspect, cost.quick, cost.slow, cost.change.diff) == ("response", "m5", "h4", -0.5)
    User.objects.update(language="en")
    client = login(administrator)
    page = text(client, "/admin/service/scores/")
    file = client.get("/admin/service/scores/?format=csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file, newline="")))
    (waited,) = [row for row in rows if row[:2] == ["By first response", "up to 5 minutes"]]
    assert waited[3] == "1 to 4 hours" and [float(waited[at]) for at in (2, 4, 5)] == [1, 0.5, -0.5]
    cells = {row[0]: float(row[2]) for row in rows if row and row[0].endswith("satisfied")}
    assert cells == {
        "in time, satisfied": 0.5, "late, satisfied": 20, "in time, not satisfied": 0, "late, not satisfied": 20,
    }  # fmt: skip
    assert "CSAT: up to 5 minutes 100%, 1 to 4 hours 50%: −50.0 pp" in page and "in time, satisfied 40 50%" in page


def test_scores_of_who_came_back_and_of_who_did_not(
    survey: Survey, team: Team, other_team: Team, manager: User, login: Callable, administrator: User, api: APIClient
) -> None:
    def told(number: int, *, ago: int, place: Team, reason: str, at: dt.datetime = NOON) -> Interaction:
        days = {"created_at": NOON - ago * DAY, "closed_at": NOON - ago * DAY}
        return interactions.take(interactions.Report(
            source="crm", external_id=str(number), updated_at=at, customer={"external_id": f"k{number % 100}"},
            team={"code": place.code}, fields={"channel": "email", "reason": reason} | days,
        )).interaction  # fmt: skip

    def came_back(number: int, *, ago: int, place: Team, score: int, reason: str = "delivery") -> None:
        contact = told(number, ago=ago, place=place, reason=reason)
        invitation = make_invitation(survey, interaction=contact, answered_at=NOON, answer_state="confirmed")
        answer(survey, score, at=NOON, invitation=invitation, team=place)

    for number in range(30):
        came_back(number, ago=12, place=team, score=5)
        came_back(100 + number, ago=9, place=team if number < 10 else other_team, score=1)
        came_back(200 + number, ago=6, place=team, score=5, reason="payment")
    catch_up()
    assert rollups.verify().differences == ()
    found = scores_by_service(FILTERS, "csat_5", as_of=NOON)
    steps = {step.key: (step.metric.num, step.metric.n) for step in found.aspects["repeat"]}
    assert steps == {"first": (60, 60), "again": (0, 30)}
    assert [(cost.quick, cost.slow, cost.change.diff) for cost in found.costs if cost.aspect == "repeat"] == [
        ("first", "again", -1.0)
    ]
    # To the manager of one team only returns to that team are returns: nothing is told of the others' contacts.
    mine = Filters(scope=scope_of(manager), period=FILTERS.period)
    steps = {step.key: step.metric.n for step in scores_by_service(mine, "csat_5", as_of=NOON).aspects["repeat"]}
    assert steps == {"first": 60, "again": 10}
    User.objects.update(language="en")
    assert "CSAT: first contact about it 100%, came back within 7 days 0%" in text(
        login(administrator), "/admin/service/scores/"
    )
    rows = api.get("/api/v1/metrics/csat/", {"by": "repeat"}, headers={"Accept-Language": "en"}).json()["values"]
    assert [(row["key"], row["name"], row["n"]) for row in rows] == [
        ("first", "first contact about it", 60), ("again", "came back within 7 days", 30),
    ]  # fmt: skip
    # The contact before turns out to have been about something else: its neighbour's answer is counted anew.
    told(0, ago=12, place=team, reason="other", at=NOON + DAY)
    catch_up()
    assert rollups.verify().differences == ()
    steps = {step.key: step.metric.n for step in scores_by_service(FILTERS, "csat_5", as_of=NOON).aspects["repeat"]}
    assert steps == {"first": 61, "again": 29}


@pytest.mark.parametrize("who", ["administrator", "viewer"])
def test_every_score_opens_the_answers_that_it_is_of(
    login: Callable, request: pytest.FixtureRequest, survey: Survey, team: Team, other_team: Team, who: str
) -> None:
    level(30, is_working_time=False)
    level(45, channel="chat")
    for number in range(90):
        began, waited = NOON - DAY, dt.timedelta(seconds=(10, 20, 50)[number % 3])
        served(
            survey, number, 1 + number % 5, after=(2, 20, 40, 90, 400)[number % 5 - number % 2],
            team=team if number % 3 else other_team, replies=number % 8, reason=("delivery", "payment")[number % 2],
            channel="chat" if number % 4 else "email", enqueued_at=began - waited,
            answered_at=began + dt.timedelta(minutes=number % 4) if number % 5 else None, who=f"k{number % 50}",
            resolved_at=began + dt.timedelta(hours=number % 30), is_resolved=number % 7 != 1 or None,
        )  # fmt: skip
    catch_up()
    person = request.getfixturevalue(who)
    client, scope = login(person), scope_of(person)
    told = client.get("/admin/service/scores/?period=90").context

    def rows(address: str) -> int:
        return responses_found(dict(parse_qsl(urlsplit(address).query)), scope=scope).count()

    found = {(block.title, row["name"]): row for block in told["tables"] for row in block.rows}
    shown = {at: row for at, row in found.items() if row["metric"].state != "hidden"}
    assert len({title for title, _name in shown}) == 6
    assert {at: rows(row["href"]) for at, row in shown.items()} == {at: row["metric"].n for at, row in shown.items()}
    both, behind = told["both"], told["behind"]
    assert (rows(behind["every"]), rows(behind["both"])) == (both.n, both.metric.num) and both.metric.num
    for cell in ("good_only", "fast_only", "neither"):
        assert rows(behind[cell]) == getattr(both.cells, cell) > 0, cell
    listed = client.get(behind["both"])
    assert listed.status_code == 200 and f"<b>{both.metric.num}" in listed.content.decode()
    # What other teams' contacts tell is no filter for whoever sees one team.
    every = responses_found({}, scope=scope).count()
    assert (responses_found({"served": "repeat:again"}, scope=scope).count() == every) == (who == "viewer")
    assert responses_found({"served": "queue:never"}, scope=scope).count() == every


def test_what_is_told_later_of_a_contact_moves_its_answer(survey: Survey) -> None:
    level(30, is_working_time=False)
    served(survey, 1, 5, after=2, replies=1)
    catch_up()
    tell(1, ago=dt.timedelta(days=1), replies=9, reason="payment", updated_at=NOON + DAY)
    catch_up()
    steps = dict(served_counts.histograms(ServedDay.objects.all()).keys())
    assert (steps["replies"], steps["reason"], steps["within"]) == ("more", "payment", "met")
    level(1, is_working_time=False, channel="email")
    rollups.mark_contacts(dt.date(2026, 1, 1))
    catch_up()
    assert ("within", "late") in served_counts.histograms(ServedDay.objects.all())


def test_an_answer_that_comes_between_two_statements_is_counted_next(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL shows each statement of a transaction what others have committed before it."""
    level(30, is_working_time=False)
    served(survey, 1, 5, after=2)
    statement = served_counts._again_of

    def meanwhile(contacts: QuerySet[Any]) -> dict[int, dict[str, str]]:
        found = statement(contacts)
        if not Response.objects.filter(score=1).exists():
            served(survey, 2, 1, after=90)
        return found

    with monkeypatch.context() as between:
        between.setattr(served_counts, "_again_of", meanwhile)
        while rollups.roll_up():
            pass
    told = served_counts.histograms(ServedDay.objects.all())
    assert told["within", "met"] == {5: 1} and told["within", "late"] == {1: 1}


def test_rows_of_other_teams_change_no_byte(
    login: Callable, manager: User, survey: Survey, team: Team, other_team: Team
) -> None:
    level(30, is_working_time=False)
    for number in range(8):
        served(survey, number, 5, after=number * 10, team=team)
    came(90, per_day=lambda ago: 5, team=team, channel="chat")
    rollups.roll_up()
    client = login(manager)
    pages = ("/admin/load/?minutes_chat=5&minutes_phone=5", "/admin/service/scores/")
    before = [CHANGING.sub(b"", client.get(page).content) for page in pages]
    for number in range(20, 30):
        served(survey, number, 1, after=600, team=other_team)
    came(120, per_day=lambda ago: 50, team=other_team)
    rollups.roll_up()
    assert [CHANGING.sub(b"", client.get(page).content) for page in pages] == before
    mine = Filters(scope=scope_of(manager), period=FILTERS.period)
    assert [one.metric.n for one in by_part(mine, "csat_5", "", as_of=NOON)] == [8]


@pytest.mark.parametrize("page", ["/admin/load/", "/admin/service/scores/"])
def test_query_count_does_not_grow(
    login: Callable, administrator: User, survey: Survey, team: Team, other_team: Team, page: str,
    django_assert_max_num_queries: Callable,
) -> None:  # fmt: skip
    level(30)
    for number in range(24):
        served(survey, number, 1 + number % 5, after=number, team=(team, other_team)[number % 2], reason=f"r{number}")
    for channel in ("phone", "chat", "email", "web", "messenger"):
        came(30, per_day=lambda ago: ago, channel=channel)
    rollups.roll_up()
    client = login(administrator)
    with django_assert_max_num_queries(17):
        assert client.get(page + "?minutes_phone=4&minutes_email=5").status_code == 200


def test_no_score_is_taken_for_another_step() -> None:
    assert all(0 <= score < served_counts.SCORES for scale in SCALES.values() for score in scale.values)
