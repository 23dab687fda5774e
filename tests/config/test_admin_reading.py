"""The reading lists: what a row shows, what the address filters, and what it costs."""

import datetime as dt
import gc
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse
from django.utils import translation

from feedback import classify
from feedback.choices import language_name
from feedback.models import Comment, CommentTopic, Label, Response
from feedback.understanding import lexicon
from feedback.understanding.language import SCRIPTS
from ground.models import Team, User
from surveys.models import Agent, Survey
from tests.config.reading import label, make_comment, make_response, make_topic

pytestmark = pytest.mark.django_db
LIST = "admin:feedback_comment_changelist"
NOON = dt.datetime(2026, 5, 12, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def listed(desk: Client, name: str = LIST, **params: Any) -> set[int]:
    """The primary keys that a list shows."""
    response = desk.get(reverse(name), params)
    assert response.status_code == 200
    return {row.pk for _day, rows in response.context["days"] for row in rows}


def test_a_row_says_score_with_scale_class_topic_and_who(
    desk: Client, survey: Survey, team: Team, agent: Agent
) -> None:
    answer = make_response(survey, score=2, text="Звонок сорвался.", team=team, agent=agent, channel="phone")
    label(answer.comment, topic=make_topic())
    page = desk.get(reverse(LIST)).content.decode()
    for words in ("<b>2</b>", "of 5", "Звонок сорвался.", "negative", "Delays", "Д. Климов", "Первая линия", "phone"):
        assert words in page


def test_evidence_is_marked_and_customer_text_never_becomes_markup(desk: Client) -> None:
    text = "<img src=x onerror=alert(1)> ужас"
    label(make_comment(text=text), spans=[[29, 33, "tone-"], [0, 4, "topic:speed"]])
    page = desk.get(reverse(LIST)).content.decode()
    assert '<mark class="neg">ужас</mark>' in page
    assert '<mark class="tpc">&lt;img</mark> src=x' in page
    assert "<img src=x" not in page


def test_a_topic_that_is_not_sure_is_hollow_with_a_question_mark(desk: Client) -> None:
    label(make_comment(), topic=make_topic(), confidence=0.6)
    page = desk.get(reverse(LIST)).content.decode()
    assert '<span class="chip tpc hollow">Delays ?</span>' in page


@pytest.mark.parametrize(
    ("asks", "sure", "in_list", "on_page"),
    [
        (True, 0.59, 'con hollow">constructive ?', 'con hollow">yes ?'),
        (True, 0.6, 'con">constructive', 'con">yes'),
        (False, 0.59, 'neg">negative', 'tpc hollow">no ?'),
        (False, 0.0, 'neg">negative', 'tpc hollow">not sure'),
    ],
)
def test_a_request_in_doubt_is_hollow_with_a_question_mark(
    desk: Client, asks: bool, sure: float, in_list: str, on_page: str
) -> None:
    comment = label(make_comment())
    Comment.objects.filter(pk=comment.pk).update(constructive=asks, constructive_confidence=sure)
    for words, address in (
        (in_list, reverse(LIST)),
        (on_page, reverse("admin:feedback_comment_change", args=[comment.pk])),
    ):
        page = re.sub(r"<svg.*?</svg>", "", desk.get(address).content.decode())
        assert f'<span class="chip {words}</span>' in page


@pytest.mark.parametrize(
    ("reader", "said", "name"),
    [("en", "not sure, language: Ukrainian", "Ukrainian"), ("ru", "не уверены, язык: Украинский", "Украинский")],
)
def test_a_language_that_is_not_read_is_named(
    login: Callable[..., Client], administrator: User, reader: str, said: str, name: str
) -> None:
    comment = make_comment(text="Обслуговування погане, чекав дві години")
    classify.classify([comment.pk])
    User.objects.filter(pk=administrator.pk).update(language=reader)
    desk = login(administrator)
    assert said in desk.get(reverse(LIST)).content.decode()
    page = desk.get(reverse("admin:feedback_comment_change", args=[comment.pk]))
    assert said in page.content.decode()
    assert name in [one.value for one in page.context["statements"]]


@pytest.mark.parametrize("reader", ["en", "ru"])
def test_each_language_that_can_be_told_has_a_name(reader: str) -> None:
    known = lexicon.table("languages")
    codes = {*known["words"], *known["letters"], *known["cyrillic"], *(code for code, _letters in SCRIPTS), "und"}
    with translation.override(reader):
        names = {str(language_name(code)) for code in codes}
    assert len(names) == len(codes) and not names & codes


def test_contacts_are_not_in_the_list(desk: Client, survey: Survey, customer: Any) -> None:
    make_response(survey, text="Спасибо", customer=customer)
    page = desk.get(reverse(LIST)).content.decode()
    assert "Ольга Т." in page
    assert "olga@example.org" not in page


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"class": "negative"}, "answer"),
        ({"class": "positive"}, "review"),
        ({"tone": "positive"}, "review"),
        ({"topic": "delays"}, "answer"),
        ({"source": "review"}, "review"),
        ({"channel": "phone"}, "answer"),
        ({"score": "2"}, "answer"),
        ({"score": "1-3"}, "answer"),
        ({"evidence": "confirmed"}, "answer"),
        ({"from": "2026-05-13"}, "review"),
        ({"to": "2026-05-12"}, "answer"),
    ],
)
def test_each_parameter_filters(desk: Client, survey: Survey, team: Team, params: dict[str, str], found: str) -> None:
    answer = make_response(survey, score=2, text="Плохо", team=team, channel="phone", at=NOON).comment
    review = make_comment(text="Хорошо", stars=2, said_at=NOON + dt.timedelta(days=1))
    label(answer, topic=make_topic())
    label(review, tone="positive")
    assert listed(desk, **params) == {{"answer": answer, "review": review}[found].pk}


def test_team_and_survey_filter_by_primary_key(desk: Client, survey: Survey, team: Team) -> None:
    answer = make_response(survey, text="Плохо", team=team).comment
    make_comment()
    assert listed(desk, team=team.pk) == listed(desk, survey=survey.pk) == {answer.pk}


def test_days_are_cut_at_midnight_of_the_reporting_zone(desk: Client) -> None:
    """The organisation is in Moscow: 21:30 UTC is the next day there."""
    late = make_comment(said_at=dt.datetime(2026, 5, 12, 21, 30, tzinfo=dt.UTC))
    assert listed(desk, to="2026-05-12") == set()
    assert listed(desk, **{"from": "2026-05-13", "to": "2026-05-13"}) == {late.pk}


@pytest.mark.parametrize(
    "params",
    [{"from": "2026-99-99"}, {"to": "0001-01-01"}, {"to": "9999-12-31"}, {"team": "x"}, {"score": "1-2-3"},
     {"before": "9" * 30}, {"after": "-1"}, {"class": "'"}],
)  # fmt: skip
def test_values_that_nobody_could_have_chosen_change_nothing(desk: Client, params: dict[str, str]) -> None:
    comment = make_comment()
    assert listed(desk, **params) == {comment.pk}


def test_the_scale_of_an_indicator_opens_exactly_its_rows(desk: Client, survey: Survey, nps_survey: Survey) -> None:
    counted = make_response(survey, score=4)
    make_response(survey, score=None)
    make_response(survey, score=1, evidence="held")
    make_response(nps_survey, score=9)
    name = "admin:feedback_response_changelist"
    assert listed(desk, name, scale="csat_5", evidence="counted") == {counted.pk}


def test_paging_by_the_edge_row_shows_every_row_once(desk: Client) -> None:
    made = {make_comment(said_at=NOON - dt.timedelta(minutes=number // 3)).pk for number in range(120)}
    seen: list[int] = []
    address = reverse(LIST)
    while address:
        response = desk.get(address)
        seen += [row.pk for _day, rows in response.context["days"] for row in rows]
        older = response.context["older"]
        address = reverse(LIST) + older if older else ""
    assert len(seen) == 120
    assert set(seen) == made
    back = desk.get(reverse(LIST) + response.context["newer"])
    assert [row.pk for _day, rows in back.context["days"] for row in rows] == seen[50:100]


@pytest.mark.parametrize("name", [LIST, "admin:feedback_response_changelist"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    desk: Client, survey: Survey, team: Team, agent: Agent, name: str, django_assert_max_num_queries: Any
) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            answer = make_response(survey, text="Долго", team=team, agent=agent, channel="phone")
            label(answer.comment, topic=make_topic(), spans=[[0, 5, "tone-"]])
            Comment.objects.filter(pk=answer.comment.pk).update(**kinds[number % 3])

    kinds: list[dict[str, Any]] = [{}, {"constructive": True}, {"tone": "", "language": "de"}]
    fill(51)  # a list of one page is counted by what it shows
    with django_assert_max_num_queries(30) as few:
        desk.get(reverse(name))
    fill(30)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(reverse(name))


@pytest.mark.parametrize(
    ("reader", "said"), [("en", "100 comments wait for the machine"), ("ru", "100 комментариев ждут")]
)
def test_many_comments_that_wait_to_be_read_are_told(
    login: Callable[..., Client], administrator: User, manager: User, team: Team, reader: str, said: str
) -> None:
    User.objects.update(language=reader)
    Comment.objects.bulk_create(Comment(source="review", text="Ждал", team=team) for _number in range(99))
    desk = login(administrator)
    assert said not in desk.get(reverse(LIST)).content.decode()
    make_comment(team=team)
    assert said in desk.get(reverse(LIST)).content.decode()
    assert said not in login(manager).get(reverse(LIST)).content.decode()


def test_an_empty_list_says_what_to_do(desk: Client) -> None:
    assert b"No comments yet" in desk.get(reverse(LIST)).content
    make_comment()
    assert b"Nothing fits these filters" in desk.get(reverse(LIST), {"source": "complaint"}).content


def test_the_reader_cannot_page_from_a_row_of_another_team(
    login: Callable[..., Client], manager: User, team: Team, other_team: Team
) -> None:
    """The edge only positions: what is listed is still one's own."""
    own, foreign = make_comment(team=team, said_at=NOON), make_comment(team=other_team)
    assert listed(login(manager), before=str(foreign.pk)) == {own.pk}


def test_a_row_of_another_team_does_not_tell_its_moment(
    login: Callable[..., Client], manager: User, team: Team, other_team: Team
) -> None:
    own, older = make_comment(team=team, said_at=NOON), make_comment(team=other_team, said_at=NOON - dt.timedelta(1))
    assert listed(login(manager), before=str(older.pk)) == {own.pk}


def read_by_the_worker(*made: Comment) -> None:
    assert classify.classify([comment.pk for comment in made]) == len(made)


def test_a_search_finds_any_form_and_marks_the_hits_without_trusting_them(desk: Client) -> None:
    hit, other = make_comment(text="<b>Мы ждали</b> ответа"), make_comment(text="Спасибо")
    read_by_the_worker(hit, other)
    assert listed(desk, q="ждать") == {hit.pk}
    page = desk.get(reverse(LIST), {"q": "ждать <i>"}).content.decode()
    assert "Nothing found" in page
    page = desk.get(reverse(LIST), {"q": "ждать"}).content.decode()
    assert re.search(r'&lt;b&gt;Мы <mark class="[a-z ]*hit[a-z ]*">ждали</mark>', page)
    assert "<b>Мы" not in page


def test_a_hit_far_in_a_long_text_is_shown_with_the_words_around_it(desk: Client) -> None:
    read_by_the_worker(make_comment(text="Спокойный рассказ. " * 60 + "Потом мы ждали мастера."))
    [(_day, [row])] = desk.get(reverse(LIST), {"q": "ждать мастер"}).context["days"]
    assert row.text[0].text == "…"
    assert [part.text for part in row.text if "hit" in part.marks] == ["ждали", "мастера"]
    assert "".join(part.text for part in row.text).endswith("Потом мы ждали мастера.")


def test_the_search_stays_in_every_link_of_the_list_and_in_its_forms(desk: Client) -> None:
    made = [make_comment(text="Долго ждали", said_at=NOON - dt.timedelta(minutes=number)) for number in range(60)]
    read_by_the_worker(*made)
    response = desk.get(reverse(LIST), {"q": "ждать & <долго>", "source": "review"})
    older, kept = response.context["older"], urlencode({"q": "ждать & <долго>"})
    assert kept in older
    assert all(kept in view["address"] for view in response.context["views"])
    assert len(listed(desk, **dict(parse_qsl(older[1:])))) == 10
    page = response.content.decode()
    assert "<b>ждать &amp; &lt;долго&gt;</b>" in page
    assert '<input type="hidden" name="source" value="review">' in page
    assert '<input type="hidden" name="q" value="ждать &amp; &lt;долго&gt;">' in page
    pill = next(pill for pill in response.context["filters"].active() if "долго" in pill["value"])
    assert pill["drop"] == "?source=review"


@pytest.mark.parametrize("q", ['"', "*", "\x00\x01.", "слово " * 1000, "NOT OR ()", "😀"])
def test_a_search_for_nothing_says_so(desk: Client, q: str) -> None:
    read_by_the_worker(make_comment())
    response = desk.get(reverse(LIST), {"q": q})
    assert response.status_code == 200
    assert "Nothing found" in response.content.decode()


def test_the_number_of_queries_of_a_search_does_not_grow_with_its_hits(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    read_by_the_worker(*(make_comment(text="Долго ждали") for _number in range(51)))
    with django_assert_max_num_queries(30) as few:
        desk.get(reverse(LIST), {"q": "ждать"})
    read_by_the_worker(*(make_comment(text="Долго ждали") for _number in range(30)))
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(reverse(LIST), {"q": "ждать"})


def test_an_empty_search_lists_everything(desk: Client) -> None:
    comment = make_comment()
    assert listed(desk, q="  ") == {comment.pk}


def test_a_search_stays_within_the_readers_teams(
    login: Callable[..., Client], manager: User, team: Team, other_team: Team
) -> None:
    own, foreign = make_comment(text="Мы ждали", team=team), make_comment(text="Мы ждали", team=other_team)
    read_by_the_worker(own, foreign)
    assert listed(login(manager), q="ждать") == {own.pk}


@pytest.mark.parametrize("name", [LIST, "admin:feedback_response_changelist"])
def test_what_a_page_loaded_does_not_wait_for_the_collector(
    desk: Client, survey: Survey, team: Team, agent: Agent, name: str
) -> None:
    for _answer in range(3):
        answer = make_response(survey, text="Звонок сорвался.", team=team, agent=agent)
        label(answer.comment, topic=make_topic())
    cookie = desk.cookies.output(header="", attrs=[]).strip()
    # Not by the test client, whose reply points at itself and keeps what made it.
    environ = RequestFactory(headers={"cookie": cookie}).get(reverse(name)).environ
    gc.collect()
    before = loaded_rows()
    gc.disable()
    try:
        reply = ClientHandler()(environ)
        page = reply.content.decode()
        del reply
        assert page.count("<article") == 3
        assert loaded_rows() == before
    finally:
        gc.enable()


def loaded_rows() -> Counter[str]:
    kinds = (Comment, Response, Label, CommentTopic)
    # isinstance would ask lazy objects, and so wake them.
    return Counter(type(one).__name__ for one in gc.get_objects() if type(one) in kinds)
