"""Whether it was resolved, asked by a further question that says so: beside first-contact resolution and in the API."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from rest_framework.test import APIClient

from analytics import reports, rollups
from analytics.periods import Period
from analytics.reports import Filters
from feedback import filters as lists
from feedback import intake
from feedback.intake import Given
from feedback.models import Comment, Response, Topic
from ground.access import EVERYTHING, scope_of
from ground.models import Organisation, Team, User
from surveys.models import Agent, Question, Segment, Survey
from surveys.starters import SOLVED, start_survey
from tests.analytics.rows import invite
from tests.analytics.test_metrics_api import read
from tests.factories import make_customer, make_interaction

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


def told(
    survey: Survey, score: int, *, team: Team, answers: dict[str, int] | None = None,
    about: dict[str, Any] | None = None, **given: Any,
) -> None:  # fmt: skip
    said = {code: {"": value} for code, value in (answers or {}).items()}
    invitation = invite(Survey.objects.get(pk=survey.pk), team=team, **(about or {}))
    intake.record(invitation, Given(score=score, answers=said, **given))


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
    filters = Filters(**{"scope": EVERYTHING, "period": PERIOD} | chosen)
    metric = reports.card(filters, reports.RESOLVED, as_of=NOON).metric
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


@pytest.fixture
def narrowed(survey: Survey, team: Team, agent: Agent) -> Survey:
    """Contacts about two reasons, of two tariffs and languages; whoever comments does so about the delivery."""
    also_ask(survey, "solved", asks="resolved")
    Segment.objects.create(attribute="tariff", name="Tariff")
    topic = Topic.objects.create(code="t-delivery", names={"en": "Delivery"})
    for number in range(40):
        customer = make_customer(attributes={"tariff": "gold" if number < 10 else "basic"})
        reason = "delivery" if number < 30 else "price"
        about = {
            "interaction": make_interaction(team=team, customer=customer, reason=reason),
            "customer": customer,
            "language": "en" if number < 12 else "ru",
            "agent": agent if number < 8 else None,
        }
        text = "Where is the delivery?" if number < 6 else None
        told(survey, 5, team=team, about=about, answers={"solved": number % 2}, text=text)
    for comment in Comment.objects.all():
        comment.topics.create(topic=topic, confidence=1)
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()
    return survey


SLICES = {"segment:tariff=gold": (5, 10), "language:en": (6, 12), "topic:t-delivery": (3, 6), "agent": (4, 8)}


@pytest.mark.parametrize("only", SLICES)
def test_a_slice_has_its_own_share_that_leads_to_its_rows(
    narrowed: Survey, api: APIClient, login: Callable[..., Client], administrator: User, agent: Agent, only: str
) -> None:
    num, den = SLICES[only]
    only = f"agent:{agent.pk}" if only == "agent" else only
    kind, _colon, value = only.partition(":")
    asked = {kind: agent.external_id if kind == "agent" else value}
    (whole,) = read(api, "resolved_by_customer", **asked)
    assert (whole["num"], whole["den"]) == (num, den)
    assert sum(row["n"] for row in read(api, "resolved_by_customer", by="week", **asked)) == den
    client = login(administrator)
    page = client.get(f"/admin/dashboard/?period=28&only={only}")
    (card,) = [one for one in page.context["cards"] if one.card.scale == reports.RESOLVED]
    assert card.card.metric.n == den
    for href, n in ((card.href, den), (card.parts[0]["href"], num)):
        listed = client.get(href).content.decode()
        assert re.search(r'role="status"><b>(\d+)', listed)[1] == str(n)  # type: ignore[index]


def test_by_how_the_contact_was_served(
    narrowed: Survey, api: APIClient, login: Callable[..., Client], administrator: User
) -> None:
    told = {row["key"]: (row["num"], row["den"]) for row in read(api, "resolved_by_customer", by="reason")}
    assert told == {"delivery": (15, 30), "price": (5, 10)}
    page = login(administrator).get("/admin/service/scores/?period=28&scale=resolved")
    reasons = next(block for block in page.context["tables"] if len(block.rows) == 2)
    assert {row["name"]: row["metric"].n for row in reasons.rows} == {"delivery": 30, "price": 10}


def test_a_score_of_yes_or_no_that_is_all_that_asks_has_one_card(team: Team) -> None:
    simple = start_survey(SOLVED, code="solved", name="Solved")
    for number in range(6):
        told(simple, int(number < 3), team=team)
    while rollups.has_work():
        rollups.roll_up()
    cards = reports.cards(Filters(scope=EVERYTHING, period=PERIOD), as_of=NOON)
    assert [(card.scale, card.metric.n) for card in cards] == [("yes_no", 6)]
