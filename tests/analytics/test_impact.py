"""What topics cost: from counts of answers by score and by all they write about, and what the page makes of them."""

import datetime as dt
import random
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from analytics import rollups
from analytics.drivers import drivers
from analytics.impact import Impact, impact
from analytics.models import ScoredTopicsDay
from analytics.periods import Period
from analytics.reports import Filters
from feedback.filters import responses_found
from feedback.models import Response, Topic
from ground.access import EVERYTHING, scope_of
from ground.models import Change, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer, say

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def wait() -> Topic:
    return Topic.objects.create(code="t-wait", names={"en": "Waiting", "ru": "Ожидание"})


@pytest.fixture
def courtesy() -> Topic:
    return Topic.objects.create(code="t-courtesy", names={"en": "Courtesy", "ru": "Вежливость"})


def said(survey: Survey, score: int | None, *topics: Topic, **fields) -> Response:
    """A scored answer with a comment about these topics."""
    response = answer(survey, score, at=NOON - dt.timedelta(days=1), **fields)
    say(
        "positive" if (score or 0) > 3 else "negative", at=response.answered_at, topics=topics, survey=survey,
        response=response, team=response.team, channel=response.channel,
    )  # fmt: skip
    return response


def found(user: User, scale: str = "csat_5") -> Impact:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()
    period = Period(NOON.date() - dt.timedelta(days=27), NOON.date())
    return impact(Filters(scope=scope_of(user), period=period), scale)


def many(survey: Survey, wait: Topic, courtesy: Topic, **fields) -> list[tuple[list[int], int]]:
    """Two hundred answers of people who hate to wait and hardly mind the rest."""
    draw, rows = random.Random(3), []
    for _ in range(200):
        flags = [int(draw.random() < 0.4), int(draw.random() < 0.3)]
        good = draw.random() < 0.9 - 0.6 * flags[0] + 0.03 * flags[1]
        said(
            survey,
            5 if good else 1,
            *[topic for topic, on in zip((wait, courtesy), flags, strict=True) if on],
            **fields,
        )
        rows.append((flags, 100 if good else 0))
    return rows


def test_points_are_those_of_the_answers_themselves(
    survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    rows = many(survey, wait, courtesy)
    whole = drivers([flags for flags, _y in rows], [y for _flags, y in rows])
    assert whole is not None
    result = found(administrator)
    first, second = result.effects
    assert (first.topic, first.verdict, first.is_rough) == (wait.pk, "fix_first", False)
    assert second.topic == courtesy.pk and second.verdict in ("watch", "strength")
    for effect, driver in zip((first, second), whole.topics, strict=True):
        assert effect.points == pytest.approx(driver.points)
        assert (effect.lo, effect.hi) == (pytest.approx(driver.lo), pytest.approx(driver.hi))
    assert result.score.n == 200 and result.score.value == pytest.approx(whole.total / 100)


def test_texts_to_several_questions_of_one_answer_are_one(
    survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    response = said(survey, 1, wait)
    question = survey.published.further[0] if survey.published.further else None
    say("negative", at=response.answered_at, topics=(courtesy,), survey=survey, response=response, question=question)
    said(survey, 5)
    found(administrator)
    told = {(row.topics, row.score): row.count for row in ScoredTopicsDay.objects.all()}
    assert told == {(f"{wait.pk},{courtesy.pk}", 1): 1, ("", 5): 1}


def test_few_answers_are_called_rough_and_few_mentions_say_nothing(
    survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    for score in [1] * 8 + [5] * 4:
        said(survey, score, wait)
    for _ in range(20):
        said(survey, 5)
    said(survey, 1, courtesy)
    rough, few = found(administrator).effects
    if rough.topic != wait.pk:
        rough, few = few, rough
    assert rough.is_rough and rough.lo is None
    assert rough.points == pytest.approx(100 * 24 / 33 - 100 * 20 / 21)
    assert (few.points, few.verdict) == (None, "few_data")


def test_topics_that_always_come_together_are_one(
    survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    for score in [1] * 30 + [5] * 10:
        said(survey, score, wait, courtesy)
    for _ in range(60):
        said(survey, 5)
    first, second = found(administrator).effects
    assert first.points == second.points and first.with_topics == (second.topic,)


def test_a_topic_that_is_the_sum_of_its_own_hides_no_other(
    survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    group = Topic.objects.create(code="t-group", names={"en": "Service"})
    Topic.objects.filter(pk__in=[wait.pk, courtesy.pk]).update(parent=group)
    draw = random.Random(5)
    rows = []
    for number in range(240):
        child = (wait, courtesy, None)[number % 3]
        good = draw.random() < (0.3 if child == wait else 0.9)
        said(survey, 5 if good else 1, *([child, group] if child else []))
        rows.append(([float(child == wait), float(child == courtesy)], 100.0 * good))
    whole = drivers([flags for flags, _y in rows], [y for _flags, y in rows])
    assert whole is not None
    effects = {effect.topic: effect for effect in found(administrator).effects}
    for topic, driver in zip((wait, courtesy), whole.topics, strict=True):
        assert effects[topic.pk].points == pytest.approx(driver.points)
        assert effects[topic.pk].lo == pytest.approx(driver.lo)
    assert effects[wait.pk].verdict == "fix_first" and effects[group.pk].mentions == 160
    assert effects[group.pk].points and effects[group.pk].verdict != "few_data"


def test_what_does_not_count_is_in_nothing(survey: Survey, wait: Topic, administrator: User) -> None:
    held = said(survey, 1, wait, evidence="held")
    said(survey, None, wait)
    assert found(administrator).effects == ()
    Response.objects.filter(pk=held.pk).update(evidence="confirmed")
    Change.mark("comment", held.answered_at)
    Change.mark("response", held.answered_at)
    assert found(administrator).effects[0].mentions == 1


def test_other_teams_change_nothing(
    survey: Survey, wait: Topic, courtesy: Topic, team: Team, other_team: Team, manager: User
) -> None:
    many(survey, wait, courtesy, team=team)
    mine = found(manager)
    for _ in range(30):
        said(survey, 5, wait, team=other_team)
    assert found(manager) == mine


def responses_behind(address: str) -> int:
    params = dict(parse_qsl(urlsplit(address).query))
    assert params["about"].startswith("t-")
    return responses_found(params, scope=EVERYTHING).count()


def test_page_says_what_to_fix_first(
    client: Client, survey: Survey, wait: Topic, courtesy: Topic, administrator: User
) -> None:
    User.objects.update(language="en")
    many(survey, wait, courtesy)
    found(administrator)
    client.force_login(administrator)
    reply = client.get("/admin/fix-first/")
    assert [responses_behind(row.score_href) for row in reply.context["rows"]] == [
        row.n for row in reply.context["rows"]
    ]
    page = reply.content.decode()
    words = page.split("<tbody")[1].split("</tbody>")[0]
    assert words.index("Waiting") < words.index("Courtesy") and "fix first" in words
    assert "From 200 answers with a score and a comment" in page and 'class="bub g-neg"' in page
    assert 'href="/admin/fix-first/' in client.get("/admin/dashboard/").content.decode()
    assert client.get("/admin/fix-first/?scale=nps").status_code == 200
    assert (
        "No topic can be weighed yet" in client.get("/admin/fix-first/?from=2020-01-01&to=2020-01-28").content.decode()
    )
    assert client.get("/admin/fix-first/?from=x").status_code == 400
