"""The three sentences on top of the dashboard, and the focus set under the scores."""

import datetime as dt
import re
from collections.abc import Callable
from random import Random

import pytest
from django.test import Client

from analytics import rollups
from analytics.focus import behind
from analytics.models import ServiceLevel
from analytics.scores import share
from feedback.models import Topic
from ground.models import Change, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer, say
from tests.factories import make_interaction

URL = "/admin/dashboard/"
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, administrator: User) -> None:
    time_machine.move_to(NOON, tick=False)
    User.objects.update(language="en")


def contacts(team: Team | None, *, met: int, late: int, days_ago: int = 3, **fields: object) -> None:
    began = NOON - dt.timedelta(days=days_ago)
    for number in range(met + late):
        took = dt.timedelta(minutes=2 if number < met else 50)
        times = {"created_at": began, "first_response_at": began + took, "closed_at": began + took}
        make_interaction(team=team, **(times | fields))
    Change.mark("interaction", began)


def seen(client: Client, query: str = "") -> str:
    while rollups.has_work():
        rollups.roll_up()
    response = client.get(URL + query)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\xa0", " ").split())


@pytest.fixture
def level(organisation: object) -> ServiceLevel:
    return ServiceLevel.objects.create(minutes=10, is_working_time=False, since=dt.date(2020, 1, 1))


def test_the_team_that_is_certainly_late_is_named(
    login: Callable, administrator: User, team: Team, other_team: Team, level: ServiceLevel
) -> None:
    contacts(team, met=58, late=2)
    contacts(other_team, met=20, late=30)
    page = seen(login(administrator))
    late = "Возвраты: 40% (28–54, n=50) of first responses within the service level, all teams 71%."
    assert f"Who is late? {late}" in page
    assert "First response in time" in page and "71% (62–79), n=110" in page


def test_nobody_is_late_by_chance_alone(
    login: Callable, administrator: User, team: Team, other_team: Team, level: ServiceLevel
) -> None:
    contacts(team, met=30, late=10)
    contacts(other_team, met=27, late=13)
    assert "Nobody stands out. No team is certainly below the others: 71% of all within" in seen(login(administrator))


def test_without_a_level_nobody_can_be_late(login: Callable, administrator: User, team: Team) -> None:
    contacts(team, met=6, late=0)
    assert "Not known. No service level says how soon a response has to come." in seen(login(administrator))


def test_a_manager_hears_of_the_own_team_only(
    login: Callable, manager: User, team: Team, other_team: Team, level: ServiceLevel
) -> None:
    contacts(team, met=30, late=10)
    contacts(other_team, met=5, late=60)
    User.objects.update(language="en")
    page = seen(login(manager))
    assert "In one team: 75% of first responses" in page and "Возвраты" not in page


def test_what_costs_most_is_told_in_points_when_it_is_proven(
    login: Callable, administrator: User, survey: Survey
) -> None:
    waiting, price = (Topic.objects.create(code=code, names={"en": code}) for code in ("t-waiting", "t-price"))
    for number in range(120):
        is_waiting = number % 3 == 0
        response = answer(survey, 1 if is_waiting and number % 12 else 5, at=NOON - dt.timedelta(days=2))
        topics = (waiting,) if is_waiting else (price,) if number % 3 == 1 else ()
        say("negative" if is_waiting else "positive", at=response.answered_at, response=response, survey=survey,
            topics=topics, score=response.score, evidence=response.evidence)  # fmt: skip
    page = seen(login(administrator))
    assert "What costs most? t-waiting: −25.0 CSAT points among those who wrote" in page and "40 mentions." in page


def test_complaints_and_solving_at_once(login: Callable, administrator: User, team: Team) -> None:
    contacts(team, met=36, late=0, days_ago=12)
    contacts(team, met=4, late=0, days_ago=12, is_complaint=True)
    contacts(team, met=40, late=0, days_ago=40)
    client = login(administrator)
    seen(client)
    rate = client.get(URL).context["focus"][-1]
    assert (rate.value, rate.limits, rate.n) == ("100.0", "27.2–256.0", "40")
    assert rate.change is None or rate.change.look == "same"


def test_of_twenty_teams_alike_hardly_ever_one_is_named() -> None:
    random = Random(36)
    views = [
        {team: share(sum(random.random() < 0.8 for _ in range(200)), 200) for team in range(20)} for _ in range(100)
    ]
    assert sum(bool(behind(view)) for view in views) <= 8
    assert behind(views[0] | {20: share(120, 200)}) == {20}
