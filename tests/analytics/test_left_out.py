"""What was taken out of the scores by hand: said on the dashboard, with links to exactly those rows."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from analytics import rollups
from feedback import exclusions
from feedback.models import Response
from ground.models import Change, Team, User
from surveys.models import Survey
from tests.config.reading import make_comment, make_response

pytestmark = pytest.mark.django_db
URL = "/admin/dashboard/"


@pytest.fixture
def desk(login: Callable[..., Client], manager: User) -> Client:
    User.objects.update(language="en")
    return login(manager)


def excluded(survey: Survey, by: User, **fields: object) -> Response:
    answer = make_response(survey, **fields)
    exclusions.exclude(answer, reason="test", by=by)
    return answer


def line(page: str) -> str:
    found = re.search(r"<p[^>]*>(Taken out of the scores.*?)</p>", page)
    return strip_tags(found[1]) if found else ""


def rows(client: Client, page: str, words: str) -> int:
    link = re.search(rf'href="([^"]+)">{words}<', page)
    assert link, words
    days = client.get(link[1].replace("&amp;", "&")).context["days"]
    return sum(len(list(rows)) for _day, rows in days)


def test_the_dashboard_says_how_many_and_leads_to_them(
    desk: Client, survey: Survey, team: Team, other_team: Team, manager: User
) -> None:
    make_response(survey, score=5, team=team)
    excluded(survey, manager, score=1, text="Проверка", team=team)
    excluded(survey, manager, score=1, team=team)
    review = make_comment(team=team)
    exclusions.exclude(review, reason="spam", by=manager)
    excluded(survey, manager, score=1, text="Чужое", team=other_team)
    excluded(survey, manager, score=1, team=team, at=timezone.now() - dt.timedelta(days=60))
    back = excluded(survey, manager, score=1, team=team)
    exclusions.include(back, by=manager)
    page = desk.get(URL).content.decode()
    assert line(page) == "Taken out of the scores by hand in this period: 2 answers, 2 comments."
    assert rows(desk, page, "2 answers") == rows(desk, page, "2 comments") == 2
    narrowed = desk.get(URL, {"source": "review"}).content.decode()
    assert line(narrowed) == "Taken out of the scores by hand in this period: 2 answers, 1 comment."
    assert rows(desk, narrowed, "1 comment") == 1


def test_nothing_is_said_of_nothing(desk: Client, survey: Survey, team: Team) -> None:
    make_response(survey, score=5, team=team)
    assert line(desk.get(URL).content.decode()) == ""


@pytest.mark.parametrize("evidence", ["counted", "confirmed"])
def test_the_rows_behind_a_score_leave_the_excluded_out(
    desk: Client, survey: Survey, team: Team, manager: User, evidence: str
) -> None:
    counted = [make_response(survey, score=5, team=team) for _number in range(6)]
    excluded(survey, manager, score=1, team=team)
    Change.mark("response", timezone.now())
    rollups.roll_up()
    page = desk.get(URL)
    card = page.context["cards"][0]
    assert card.card.metric.n == 6
    address = card.href if evidence == "counted" else card.confirmed_href
    found = {row.pk for _day, rows in desk.get(address).context["days"] for row in rows}
    assert found == {answer.pk for answer in counted}
