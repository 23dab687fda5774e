"""The page of answers to check: who sees and decides what, and how few queries it takes."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from feedback.models import Response, Touch
from ground.models import Membership, Team, User
from surveys import public_links
from surveys.models import Link, Survey
from tests.config.reading import make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]


@pytest.fixture
def held(survey: Survey, team: Team) -> Response:
    response = make_response(
        survey, team=team, text="Ужасно, звоните +7 999 000-11-22", evidence="held", held_for="sweep", score=2
    )
    for number, score in enumerate([1, 2, 3, None]):
        Touch.objects.create(
            invitation=response.invitation, score=score, is_trap=score is None, seconds_since_handover=9.0 + number
        )
    return response


def page(client: Client, query: str = "") -> str:
    return client.get(reverse("admin:feedback_response_review") + query).content.decode()


@pytest.fixture
def english(manager: User) -> User:
    manager.language = "en"
    manager.save()
    return manager


def test_it_says_why_and_what_was_opened(login: Login, english: User, held: Response) -> None:
    shown = page(login(english))
    assert "Several scores were opened at once" in shown and "Ужасно" in shown
    assert '<span class="pii">phone hidden</span>' in shown and "000-11-22" not in shown
    assert "9 s after the mail: 1, 2, 3 and the hidden link, by one program" in shown


@pytest.mark.parametrize(("act", "evidence", "review"), [("release", "confirmed", "released"),
                                                       ("reject", "held", "rejected")])  # fmt: skip
def test_a_button_decides_and_undo_takes_it_back(
    login: Login, manager: User, held: Response, act: str, evidence: str, review: str
) -> None:
    client, address = login(manager), reverse("admin:feedback_response_review")
    shown = client.post(address, {act: str(held.pk)}, follow=True).content.decode()
    held.refresh_from_db()
    assert (held.evidence, held.review) == (evidence, review)
    undo = re.search(r'name="back" value="([\d,]+)"', shown)
    assert undo and str(held.pk) in page(client, "?state=decided")
    client.post(address, {"back": undo[1]})
    held.refresh_from_db()
    assert held.review == ""


def test_ticked_answers_are_decided_together(login: Login, manager: User, survey: Survey, team: Team) -> None:
    rows = [make_response(survey, team=team, evidence="held", held_for="young") for _row in range(3)]
    client, address = login(manager), reverse("admin:feedback_response_review")
    client.post(address, {"reject": "chosen", "row": [row.pk for row in rows[:2]]})
    assert Response.objects.filter(review="rejected").count() == 2
    client.post(address, {"reject": "chosen"})
    assert Response.objects.filter(review="rejected").count() == 2


def test_filters_narrow(login: Login, manager: User, held: Response, survey: Survey, team: Team) -> None:
    make_response(survey, team=team, text="Быстрый", evidence="held", held_for="young")
    client = login(manager)
    assert "Быстрый" in page(client) and "Быстрый" not in page(client, "?reason=sweep")
    assert "Быстрый" in page(client, "?reason=nonsense")
    assert 'name="link"' not in page(client)
    link = Link.objects.create(label="Касса 4", survey=survey, team=team, public_key=public_links.new_key())
    make_response(survey, team=team, text="С кассы", evidence="held", held_for="velocity", link=link)
    assert "Касса 4" in page(client) and "С кассы" in page(client)
    of_link = page(client, f"?link={link.pk}&survey={survey.pk}")
    assert "С кассы" in of_link and "Быстрый" not in of_link
    assert "Касса 4" not in page(client, "?state=decided")


def test_a_viewer_looks_only_and_an_agent_not_at_all(login: Login, viewer: User, team: Team, held: Response) -> None:
    client, address = login(viewer), reverse("admin:feedback_response_review")
    shown = page(client)
    assert "Ужасно" in shown and 'name="release"' not in shown
    assert client.post(address, {"release": str(held.pk)}).status_code == 403
    agent = User.objects.create_user("agent@example.org", "correct horse battery")
    Membership.objects.create(user=agent, team=team, role="agent")
    assert login(agent).get(address).status_code == 403


def test_another_teams_answer_is_not_there(login: Login, outsider: User, held: Response) -> None:
    client, address = login(outsider), reverse("admin:feedback_response_review")
    assert "Ужасно" not in page(client)
    client.post(address, {"release": str(held.pk)})
    held.refresh_from_db()
    assert held.review == ""


def test_judging_again_is_a_job(login: Login, manager: User, held: Response) -> None:
    shown = login(manager).post(reverse("admin:feedback_response_review_again"), follow=True)
    assert shown.status_code == 200 and 'class="job' in shown.content.decode()


def test_flagged_domains_are_told_to_whoever_sees_everything(
    login: Login, administrator: User, manager: User, survey: Survey
) -> None:
    for number in range(3):
        invitation = make_response(survey, evidence="unverified", held_for="domain").invitation
        invitation.messages.create(address=f"c{number}@scanned.example")
        Touch.objects.create(invitation=invitation, score=4, seconds_since_handover=20.0)
    assert "scanned.example" in page(login(administrator))
    assert "scanned.example" not in page(login(manager))


def test_the_number_of_queries_does_not_grow(login: Login, manager: User, survey: Survey, team: Team) -> None:
    client, counts = login(manager), []
    for _round in range(2):
        for _row in range(5):
            row = make_response(survey, team=team, text="Слово", evidence="held", held_for="sweep")
            Touch.objects.create(invitation=row.invitation, score=1)
        page(client)
        with CaptureQueriesContext(connection) as counted:
            page(client)
        counts.append(len(counted))
    assert counts[0] == counts[1]
