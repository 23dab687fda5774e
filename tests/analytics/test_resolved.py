"""Whether it was resolved, asked by a further question that says so: beside first-contact resolution and in the API."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from rest_framework.test import APIClient

from analytics import resolved, rollups
from analytics.periods import Period
from analytics.reports import Filters
from feedback import filters as lists
from feedback import intake
from feedback.intake import Given
from feedback.models import Response
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys.models import Question, Survey
from surveys.starters import SOLVED, start_survey
from tests.analytics.rows import invite
from tests.analytics.test_metrics_api import read

NOON = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PERIOD = Period(NOON.date() - 27 * DAY, NOON.date())
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object, organisation: Organisation) -> None:
    time_machine.move_to(NOON, tick=False)


def also_ask(survey: Survey, code: str, **options: Any) -> None:
    Question.objects.create(
        version=survey.published, position=20, code=code, kind="yes_no", texts={"en": code}, options=options
    )


def told(survey: Survey, score: int, *, team: Team, answers: dict[str, int] | None = None, **given: Any) -> None:
    said = {code: {"": value} for code, value in (answers or {}).items()}
    intake.record(invite(Survey.objects.get(pk=survey.pk), team=team), Given(score=score, answers=said, **given))


@pytest.fixture
def answered(survey: Survey, team: Team, other_team: Team) -> Survey:
    """CSAT with a further question that says what it asks and one that does not; and a survey with nothing else."""
    also_ask(survey, "solved", asks="resolved")
    also_ask(survey, "again")
    simple = start_survey(SOLVED, code="solved", name="Solved")
    for number in range(40):
        told(survey, 5, team=team, answers={"solved": int(number < 30), "again": 0})
    told(survey, 5, team=team)
    told(survey, 5, team=team, answers={"solved": 1}, evidence=Response.Evidence.HELD, held_for="decoy")
    for number in range(20):
        told(simple, int(number < 5), team=other_team)
    while rollups.has_work():
        rollups.roll_up()
    return survey


def share_of(**chosen: Any) -> tuple[Any, Any]:
    metric = resolved.said(Filters(**{"scope": EVERYTHING, "period": PERIOD} | chosen), as_of=NOON).metric
    return metric.num, metric.den


def test_scores_and_further_answers_are_one_number_told_to_own_teams(
    answered: Survey, team: Team, manager: User, other_team: Team
) -> None:
    assert share_of() == (35, 60)
    assert share_of(scope=scope_of(manager)) == (30, 40) == share_of(survey=answered.pk) == share_of(team=team.pk)
    assert share_of(evidence="presumed") == (None, None)
    before = Period(PERIOD.start - 90 * DAY, PERIOD.start - DAY)
    assert share_of(period=before) == (None, None)


def test_the_question_that_says_so_outweighs_a_score_of_yes_or_no(team: Team) -> None:
    simple = start_survey(SOLVED, code="solved", name="Would you come again?")
    also_ask(simple, "really", asks="resolved")
    for number in range(10):
        told(simple, 1, team=team, answers={"really": int(number < 6)})
    while rollups.has_work():
        rollups.roll_up()
    assert share_of() == (6, 10)


def test_pages_tell_it_and_lead_to_its_answers(
    answered: Survey, login: Callable[..., Client], administrator: User, manager: User
) -> None:
    for person, n in ((administrator, 60), (manager, 40)):
        client = login(person)
        page = client.get("/admin/returns/?period=28")
        assert page.context["found"].asked.n == n
        behind = QueryDict(page.context["asked_href"].split("?")[1]).dict()
        assert lists.responses_found(behind, scope=scope_of(person)).count() == n
        assert client.get("/admin/service/?period=28").context["said"].n == n


def test_programs_read_it_whole_by_team_and_by_week(
    answered: Survey, api: APIClient, team_api: APIClient, team: Team, other_team: Team
) -> None:
    (whole,) = read(api, "resolved_by_customer")
    assert (whole["num"], whole["den"]) == (35, 60)
    teams = {row["key"]: row["num"] for row in read(api, "resolved_by_customer", by="team")}
    assert teams == {team.code: 30, other_team.code: 5}
    assert [row["n"] for row in read(team_api, "resolved_by_customer", by="week") if row["n"]] == [40]
    told = read(api, "resolved_by_customer", by="question", survey=answered.code)
    assert {row["key"]: row["num"] for row in told} == {"solved": 30, "again": 0}
