"""Results of a survey: each kind of question has its own summary, and versions with other words are never added up."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from analytics import rollups
from analytics.models import AnswerDay, TextDay
from analytics.periods import Period
from analytics.reports import Filters
from analytics.results.report import Result, Results, results
from analytics.results.surveys import scored
from feedback import filters as lists
from feedback import intake
from feedback.intake import Given
from feedback.models import Comment, Response
from ground.access import EVERYTHING, scope_of
from ground.models import Team, User
from surveys.models import Question, Survey, SurveyVersion
from tests.analytics.rows import answer_all, ask_further, invite

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def asking(survey: Survey) -> Survey:
    ask_further(survey)
    return Survey.objects.get(pk=survey.pk)


def told(survey: Survey, score: int | None, answers: dict[str, Any] | None = None, **fields: Any) -> None:
    given = {"score": score, "answers": answers or {}}
    given |= {
        name: fields.pop(name) for name in ("text", "texts", "evidence", "wants_contact", "language") if name in fields
    }
    intake.record(invite(survey, **fields), Given(**given))


def found(survey: Survey, *, scope: Any = EVERYTHING, **chosen: Any) -> Results:
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()
    narrowed = {name: chosen.pop(name) for name in ("version", "language") if name in chosen}
    period = Period(NOON.date() - 27 * DAY, NOON.date())
    filters = Filters(scope=scope, period=period, before=period.previous(), survey=survey.pk)
    return results(replace(filters, **chosen), as_of=NOON, **narrowed)


def of(whole: Results, code: str) -> Result:
    return next(one for one in whole.questions if one.question.code == code)


def test_each_kind_has_its_own_summary(asking: Survey) -> None:
    for number in range(40):
        told(
            asking, 5 if number < 30 else 2,
            {
                "aspects": {"speed": 2, "manners": 4},
                "again": {"yes": 1} if number % 4 else {"no": 1},
                "liked": {"price": 1, "other": 1} if number < 20 else {},
                "why": {"price": 1},
            },
            text="Спасибо" if number < 12 else "", wants_contact=number < 8,
        )  # fmt: skip
    whole = found(asking)
    score, aspects, liked = of(whole, "score"), of(whole, "aspects"), of(whole, "liked")
    assert (score.asked, score.answered, score.metric.value, score.counts) == (40, 40, 0.75, {5: 30, 2: 10})
    assert score.mean.value == 4.25 and round(score.index, 2) == 81.25
    assert (aspects.asked, aspects.answered) == (10, 10)  # after low scores alone: the others were not asked
    assert [(part.item, part.metric.value, part.index) for part in aspects.parts] == [
        ("speed", 2.0, 25.0), ("manners", 4.0, 75.0),
    ]  # fmt: skip
    assert (liked.asked, liked.answered, liked.skipped.value, liked.is_skipped_often) == (40, 20, 0.5, True)
    assert {part.item: part.metric.value for part in liked.parts} == {"price": 1.0, "speed": 0.0, "other": 1.0}
    assert (of(whole, "why").asked, of(whole, "why").answered) == (10, 10)  # asked of those who said no
    comment = next(one for one in whole.questions if one.question.kind == "text")
    assert (comment.answered, comment.texts) == (12, 12)
    contact = next(one for one in whole.questions if one.question.kind == "contact")
    assert (contact.metric.num, contact.metric.den) == (8, 40)


def test_fewer_than_five_tell_nothing_of_their_answers(asking: Survey) -> None:
    for _ in range(4):
        told(asking, 1, {"aspects": {"speed": 1}, "again": {"no": 1}})
    whole = found(asking)
    assert of(whole, "score").counts == {} and of(whole, "score").metric.value is None
    assert [part.counts for part in of(whole, "aspects").parts] == [{}, {}]
    assert all(part.metric.num is None for part in of(whole, "again").parts)


def test_presumed_answers_stand_apart_and_skip_nothing(asking: Survey) -> None:
    for _ in range(6):
        told(asking, 5, {"again": {"yes": 1}})
    for _ in range(6):
        told(asking, 1, evidence=Response.Evidence.PRESUMED)
    again, score = of(found(asking), "again"), of(found(asking), "score")
    assert (again.skipped.num, again.skipped.den) == (0, 6)
    assert (score.metric.n, score.confirmed.n, score.confirmed.value) == (12, 6, 1.0)
    assert of(found(asking, evidence=Response.Evidence.CONFIRMED), "score").metric.n == 6


def another_version(survey: Survey, **texts: str) -> SurveyVersion:
    """The next version with the same questions, some of them worded otherwise."""
    version = survey.published
    assert version is not None
    questions = list(version.questions.all())
    version.pk, version.number = None, None
    version.save()
    for question in questions:
        question.pk, question.version = None, version
        question.texts = {"en": texts[question.code]} if question.code in texts else question.texts
        question.save()
    return version


def test_versions_are_added_up_where_they_ask_the_same_and_only_there(asking: Survey) -> None:
    for _ in range(10):
        told(asking, 5, {"again": {"yes": 1}})
    another_version(asking, score="How happy are you?")
    for _ in range(6):
        told(asking, 1, {"again": {"no": 1}})
    whole = found(asking)
    assert whole.chosen.number == 2 and whole.answers == {1: 10, 2: 6}
    score, again = of(whole, "score"), of(whole, "again")
    assert (score.metric.n, score.metric.value, score.versions) == (6, 0.0, [2])
    assert [(one.version.number, one.metric.n, one.metric.value) for one in score.elsewhere] == [(1, 10, 1.0)]
    assert (again.answered, again.versions) == (16, [1, 2])
    assert of(found(asking, version=1), "score").metric.value == 1.0


def test_a_language_is_closed_while_the_others_could_be_worked_out(asking: Survey) -> None:
    for number in range(14):
        told(asking, 5 if number < 10 else 1, language="ru" if number < 11 else "en")
    assert found(asking).languages == {"ru": 11, "en": 3}
    assert found(asking, language="en").is_closed and found(asking, language="ru").is_closed
    told(asking, 5, language="en")
    told(asking, 5, language="en")
    assert of(found(asking, language="ru"), "score").metric.n == 11


def test_skips_that_differ_between_channels_are_named(asking: Survey) -> None:
    for number in range(80):
        channel = "phone" if number < 40 else "chat"
        told(asking, 5, {"again": {"yes": 1}} if channel == "phone" or number % 4 == 0 else {}, channel=channel)
    assert of(found(asking), "again").skipped_more_by == ["chat"]


def test_a_manager_counts_the_own_team_alone(asking: Survey, team: Team, other_team: Team, manager: User) -> None:
    for _ in range(6):
        told(asking, 5, text="Быстро", team=team)
        told(asking, 1, text="Долго", team=other_team)
    whole = found(asking, scope=scope_of(manager))
    assert whole.answers == {1: 6} and of(whole, "score").metric.value == 1.0
    assert sum(one.texts for one in whole.questions) == 6


def test_links_lead_to_exactly_the_rows_that_are_counted(asking: Survey) -> None:
    for number in range(12):
        told(asking, 5, {"again": {"yes": 1} if number < 7 else {"no": 1}}, text="Спасибо" if number < 5 else "")
    question = of(found(asking), "again").question
    params = {"answer": f"{question.pk}:yes:1", "evidence": "counted"}
    assert lists.responses_found(params, scope=EVERYTHING).count() == 7
    assert lists.responses_found(params | {"answer": str(question.pk)}, scope=EVERYTHING).count() == 12
    text = next(one.question for one in found(asking).questions if one.question.kind == "text")
    reader = User.objects.create_user("r@example.org", "x")
    assert lists.comments_found({"answer": str(text.pk)}, reader=reader, scope=EVERYTHING).count() == 5
    for nonsense in ("x", "1:2", "1:yes:x", "999999", f"{question.pk}:yes:999"):
        assert lists.responses_found({"answer": nonsense}, scope=EVERYTHING).count() == 12


def test_aspects_ticks_and_confirmed_answers_open_their_rows(
    client: Client, asking: Survey, administrator: User
) -> None:
    counted = next(evidence for evidence in Response.COUNTED if evidence != Response.Evidence.CONFIRMED)
    for number in range(14):
        given = {"aspects": {"speed": 1 + number % 5} | ({"manners": 4} if number % 2 else {})}
        told(asking, 1, given, wants_contact=number < 6, evidence=counted if number > 5 else "confirmed")
    rollups.roll_up()
    client.force_login(administrator)
    page = client.get(reverse("analytics:results"), {"survey": asking.pk, "period": "90"})
    cards = {card.result.question.code: card for card in page.context["cards"]}

    def rows(address: str) -> int:
        params = dict(parse_qsl(urlsplit(address).query))
        return lists.responses_found(params, scope=EVERYTHING).count()

    aspects = cards["aspects"].aspects
    assert [rows(one.href) for one in aspects] == [one.metric.n for one in aspects] == [14, 7]
    assert client.get(aspects[0].href).status_code == 200
    score = cards["score"]
    assert score.result.confirmed and rows(score.confirmed_href) == score.result.confirmed.n == 6
    (contact,) = [card for card in cards.values() if card.result.question.kind == "contact"]
    assert rows(contact.tick_href) == contact.result.metric.num == 6


def test_surveys_are_listed_with_a_score_for_each_scale(asking: Survey, nps_survey: Survey) -> None:
    answer_all(asking, [5] * 30 + [1] * 10, at=NOON - DAY)
    answer_all(nps_survey, [10] * 6, at=NOON - DAY)
    rollups.roll_up()
    period = Period(NOON.date() - 27 * DAY, NOON.date())
    rows = scored(Filters(scope=EVERYTHING, period=period), as_of=NOON)
    assert [(one.survey, one.metric.value, one.metric.n) for one in rows] == [
        (asking.pk, 0.75, 40), (nps_survey.pk, 100.0, 6),
    ]  # fmt: skip


def test_pages_hold_with_and_without_answers_in_as_many_statements(
    client: Client, asking: Survey, administrator: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(administrator)
    home = reverse("analytics:results")
    assert "CSAT" in client.get(home).content.decode()
    empty = client.get(home, {"survey": asking.pk})
    assert empty.status_code == 200
    for number in range(30):
        told(asking, 1 + number % 5, {"again": {"yes": 1}, "liked": {"price": 1}}, text="Долго" if number % 2 else "")
    Comment.objects.update(tone="negative", tone_confidence=0.9, classified_at=NOON)
    found(asking)
    client.get(home, {"survey": asking.pk})
    with django_assert_max_num_queries(18):
        page = client.get(home, {"survey": asking.pk, "version": 1}).content.decode()
    assert "Liked" in page and f"answer={of(found(asking), 'liked').question.pk}%3Aprice%3A1" in page
    assert client.get(home, {"survey": asking.pk, "version": "77", "lang": "xx"}).status_code == 200
    assert AnswerDay.objects.exists() and TextDay.objects.exists()
    table = client.get(home, {"survey": asking.pk, "format": "csv"}).content.decode()
    assert "Liked" in table and "0,2" in table
    assert client.get(home, {"format": "xlsx"}).status_code == 200


def test_page_and_file_say_how_many_answered_in_full(client: Client, survey: Survey, administrator: User) -> None:
    User.objects.update(language="en")
    client.force_login(administrator)
    choice = {"choices": ["a", "b"], "names": {"en": {"a": "A", "b": "B"}}}
    Question.objects.create(version=survey.published, code="why", kind="single", options=choice, position=9,
                            is_required=True, texts={"en": "Why?"})  # fmt: skip
    survey = Survey.objects.get(pk=survey.pk)
    for number in range(8):
        told(survey, 5, {"why": {"a": 1}} if number < 6 else {}, sent_at=NOON - DAY)
    found(survey)
    response = client.get(reverse("analytics:results"), {"survey": survey.pk})
    text = " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\xa0", " ").split())
    assert "Answered in full" in text and "75%" in text and "n=8" in text
    for name, n in (("completed_href", 6), ("started_href", 8)):
        assert client.get(response.context[name]).context["cl"].result_count == n
    rows = client.get(reverse("analytics:results"), {"survey": survey.pk, "format": "csv"}).content.decode()
    assert "Answered in full" in rows and "0.75" in rows
    steps = client.get("/admin/funnel/").context["steps"]
    assert [(step.count, step.metric.num) for step in steps if step.name == "Answered in full"] == [(6, 6)]
