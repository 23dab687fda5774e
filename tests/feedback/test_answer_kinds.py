"""Every kind of question on the answer page: taken, dropped where it does not apply, asked for where required."""

import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from feedback import contents, intake
from feedback.models import Answer, Comment, Response, Revision
from ground.models import Organisation
from surveys import links, public_links
from surveys.models import Invitation, Link, Question, SurveyVersion
from tests import factories
from tests.feedback import kinds
from tests.feedback.answering import Fields, answer, send

pytestmark = pytest.mark.django_db

ALL = {
    "score": "2", "a-aspects-speed": "1", "a-aspects-solved": "3", "a-way": "chat", "a-solved": "0", "a-effort": "7",
    "a-again": "0", "comment": "Слова", "t-why": "Ещё слова", "contact": "on",
}  # fmt: skip
STORED = {
    "aspects": {"speed": 1, "solved": 3}, "way": {"chat": 1}, "solved": {"": 0}, "effort": {"": 7}, "again": {"": 0},
}  # fmt: skip


def make(*asked: dict[str, Any], texts: dict[str, Any] | None = None, **fields: Any) -> Invitation:
    return factories.make_invitation(kinds.make_survey(*asked, texts=texts, **fields), language="en")


def stored(response: Response) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in Answer.objects.filter(response=response).select_related("question").order_by("pk"):
        found.setdefault(row.question.code, {})[row.item] = row.value
    return found


@pytest.fixture
def invitation(organisation: Organisation) -> Invitation:
    return make(*kinds.EVERYTHING)


def test_every_kind_is_stored_and_said_back(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 2, **ALL)
    response = Response.objects.get()
    assert thanks.status_code == 200 and (response.score, response.scale) == (2, "csat_5")
    assert stored(response) == {"score": {"": 2}} | STORED
    assert {row.question.code: row.text for row in Comment.objects.select_related("question")} == {
        "comment": "Слова", "why": "Ещё слова",
    }  # fmt: skip
    revision = Revision.objects.get()
    assert (revision.answers, revision.text, revision.texts) == (STORED, "Слова", {"why": "Ещё слова"})
    text = thanks.content.decode()
    for said in ("Speed 1 of 5 · Solving the problem 3 of 5", "By chat", "<dd>No</dd>", "7 of 7, strongly agree",
                 "Слова", "Ещё слова", "asked to be contacted"):  # fmt: skip
        assert said in text, said
    assert Comment.objects.filter(is_counted=True, score=2, wants_contact=True).count() == 2


@pytest.mark.parametrize(
    ("kind", "chosen", "stands"),
    [
        (kinds.SINGLE, "", {"mail": 1}),
        (kinds.SINGLE, "chat", {"chat": 1}),
        (kinds.always(kinds.MULTIPLE), "quick", {"quick": 1, "clear": 1}),
    ],
)
def test_own_words_choose_what_they_stand_beside_and_are_a_comment(
    client: Client, organisation: Organisation, kind: dict[str, Any], chosen: str, stands: dict[str, int]
) -> None:
    code = kind["code"]
    asked = make(kinds.SCORE, kinds.with_own_words(kind))
    thanks = answer(client, asked, 4, **{f"a-{code}": chosen, f"t-{code}": "Голубиной почтой"})
    assert stored(Response.objects.get()) == {"score": {"": 4}, code: stands}
    comment = Comment.objects.get()
    assert (comment.text, comment.question.code) == ("Голубиной почтой", code)
    page = send(client, asked, thanks, **{f"t-{code}": "Телеграфом"})
    assert Comment.objects.get().text == "Телеграфом" and '<blockquote dir="auto">Телеграфом' in page.content.decode()


def test_own_words_are_taken_only_where_there_is_a_box(client: Client, organisation: Organisation) -> None:
    answer(client, make(kinds.SCORE, kinds.SINGLE), 4, **{"t-way": "Телеграфом"})
    assert not Comment.objects.exists()


def test_the_page_after_it_carries_all_of_it_and_edits_all_of_it(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 2, **ALL)
    carried = Fields(thanks).values
    assert {name: carried[name] for name in ALL} == ALL
    changes = {"a-way": "mail", "a-solved": "1", "t-why": "", "a-aspects-speed": "5", "comment": "Иначе"}
    edited = send(client, invitation, thanks, later=60, **changes)
    assert "By mail" in edited.content.decode()
    response = Response.objects.get()
    expected = STORED | {"way": {"mail": 1}, "solved": {"": 1}, "aspects": {"speed": 5, "solved": 3}}
    assert stored(response) == {"score": {"": 2}} | expected
    assert Comment.objects.get().text == "Иначе"
    first, second = Revision.objects.order_by("number")
    assert (first.answers, second.answers, second.texts) == (STORED, expected, {})


def test_what_does_not_apply_is_dropped_and_what_hangs_on_it_as_well(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 5, **(ALL | {"score": "5", "a-liked": ["quick", "clear"]}))
    expected = {code: values for code, values in STORED.items() if code != "aspects"} | {
        "liked": {"quick": 1, "clear": 1}
    }
    assert stored(Response.objects.get()) == {"score": {"": 5}} | expected
    assert Comment.objects.count() == 2  # a text that somebody typed is kept whatever it hangs on


def test_a_changed_score_takes_the_answers_of_its_band_with_it(client: Client, invitation: Invitation) -> None:
    thanks = answer(client, invitation, 2, **ALL)
    send(client, invitation, thanks, later=60, score="5")
    assert "aspects" not in stored(Response.objects.get())


def test_chains_of_conditions_fall_together() -> None:
    hanging = kinds.SINGLE | {"options": kinds.SINGLE["options"] | {"when": {"question": "solved", "in": ["0"]}}}
    last = kinds.CES | {"options": {"when": {"question": "way", "in": ["chat"]}}}
    first = kinds.YES_NO | {"options": {"when": {"question": "score", "in": ["low"]}}}
    version = SurveyVersion()
    version.asked = [  # type: ignore[misc]
        Question(**{name: value for name, value in one.items() if name not in ("ru", "en")})
        for one in (kinds.SCORE, first, hanging, last)
    ]
    for number, question in enumerate(version.asked):
        question.pk = number + 1
    answers = {"solved": {"": 0}, "way": {"chat": 1}, "effort": {"": 3}}
    assert [one.code for one in version.asked_after(1, answers)] == ["score", "solved", "way", "effort"]
    assert [one.code for one in version.asked_after(5, answers)] == ["score"]
    assert [one.code for one in version.asked_after(1, answers | {"way": {"mail": 1}})] == ["score", "solved", "way"]


@pytest.mark.parametrize(
    ("question", "score", "scale"),
    [
        (kinds.scored("csat", "stars"), 4, "csat_5"), (kinds.scored("csat", "smileys"), 1, "csat_5"),
        (kinds.scored("csat", "three"), 3, "csat_3"), (kinds.scored("csat", "thumbs"), 0, "thumbs"),
        (kinds.scored("yes_no"), 1, "yes_no"), (kinds.scored("ces"), 7, "ces_7"), (kinds.scored("nps"), 0, "nps"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_score_may_be_of_any_scale(
    client: Client, organisation: Organisation, question: dict[str, Any], score: int, scale: str
) -> None:
    invitation = make(question, kinds.COMMENT)
    page = client.get(links.answer_path(invitation, score))
    assert Fields(page).values["score"] == str(score)
    answer(client, invitation, score)
    response = Response.objects.get()
    assert (response.score, response.scale) == (score, scale)
    assert "score" not in Fields(client.get(links.answer_path(make(question, code="x"), 11))).values


@pytest.mark.parametrize(
    "wrong",
    [{"a-way": "fax"}, {"a-again": "11"}, {"a-aspects-speed": "9"}, {"a-solved": "٣"}, {"a-effort": "7" * 4000}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_no_question_offers_is_refused_and_nothing_typed_is_lost(
    client: Client, invitation: Invitation, wrong: dict[str, str]
) -> None:
    page = answer(client, invitation, 2, **(ALL | wrong))
    values = Fields(page).values
    assert page.status_code == 400 and not Response.objects.exists()
    assert {name: values[name] for name in ALL if name not in wrong} == {
        name: value for name, value in ALL.items() if name not in wrong
    }
    assert page.content.decode().count("autofocus") == 1


def test_too_many_choices_stay_ticked_beside_the_complaint(client: Client, invitation: Invitation) -> None:
    ticked = ["quick", "kind", "clear"]
    page = answer(client, invitation, 5, **{"a-liked": ticked})
    assert page.status_code == 400 and Fields(page).values["a-liked"] == ticked
    assert 'href="#a-liked"' in page.content.decode() and 'id="a-liked" autofocus' in page.content.decode()


def test_too_long_a_further_text_is_refused_and_kept(client: Client, invitation: Invitation) -> None:
    page = answer(client, invitation, 2, **(ALL | {"t-why": "ж" * 5001}))
    assert page.status_code == 400 and Fields(page).values["t-why"] == "ж" * 5001
    assert not Response.objects.exists()


# --- required ----------------------------------------------------------------------------------------------------


def test_a_required_question_is_asked_once_more_and_the_rest_is_kept(
    client: Client, organisation: Organisation
) -> None:
    invitation = make(kinds.SCORE, kinds.required(kinds.GRID), kinds.required(kinds.YES_NO), kinds.COMMENT)
    page = answer(client, invitation, 2, comment="Важное", **{"a-aspects-speed": "1"})
    text, response = page.content.decode(), Response.objects.get()
    assert page.status_code == 400 and response.evidence == "confirmed"
    assert stored(response) == {"score": {"": 2}, "aspects": {"speed": 1}} and response.comment.text == "Важное"
    assert "What you entered is kept" in text and text.count("autofocus") == 1
    for field in ("a-aspects", "a-solved"):
        assert f'href="#{field}"' in text and f'aria-describedby="wrong-{field}"' in text
    given = {"a-solved": "1", "a-aspects-manners": "2", "a-aspects-solved": "2"}
    done = send(client, invitation, page, later=60, **given)
    assert done.status_code == 200 and "Your answer is recorded" in done.content.decode()
    response = Response.objects.get()
    expected = {"solved": {"": 1}, "aspects": {"speed": 1, "manners": 2, "solved": 2}}
    assert contents.of(response, response.version).answers == expected
    assert response.comment.text == "Важное" and Revision.objects.count() == 2


def test_a_required_question_that_does_not_apply_is_not_missed(client: Client, organisation: Organisation) -> None:
    invitation = make(kinds.SCORE, kinds.required(kinds.GRID), kinds.COMMENT)
    assert answer(client, invitation, 5).status_code == 200


def test_a_required_score_and_text_are_missed_and_what_came_is_kept(client: Client, organisation: Organisation) -> None:
    invitation = make(kinds.required(kinds.SCORE), kinds.required(kinds.COMMENT))
    page = answer(client, invitation, None, comment="Без оценки")
    assert page.status_code == 400 and Response.objects.get().comment.text == "Без оценки"
    page = send(client, invitation, page, later=60, score="4", comment="")
    assert page.status_code == 400 and 'href="#comment"' in page.content.decode()
    assert send(client, invitation, page, later=90, comment="Вот").status_code == 200
    assert (Response.objects.get().score, Comment.objects.get().text) == (4, "Вот")


def test_nothing_at_all_stores_nothing_where_something_is_required(client: Client, organisation: Organisation) -> None:
    invitation = make(kinds.required(kinds.SCORE), kinds.COMMENT)
    assert answer(client, invitation, None).status_code == 400 and not Response.objects.exists()


def test_the_script_that_sends_the_score_alone_misses_nothing(client: Client, organisation: Organisation) -> None:
    invitation = make(kinds.SCORE, kinds.required(kinds.YES_NO), kinds.COMMENT)
    assert answer(client, invitation, 2, only="score").status_code == 204
    assert stored(Response.objects.get()) == {"score": {"": 2}}


# --- whose answers -----------------------------------------------------------------------------------------------


def test_a_stranger_adds_to_an_answer_but_reads_and_removes_nothing(client: Client, invitation: Invitation) -> None:
    answer(client, invitation, 2, **ALL)
    page = client.get(links.answer_path(invitation, 2))
    assert not {"a-way", "a-solved"} & set(Fields(page).values)
    thanks = answer(Client(), invitation, 2, **{"a-way": "mail"})
    assert "Ещё слова" not in thanks.content.decode() and "strongly agree" not in thanks.content.decode()
    assert stored(Response.objects.get()) == {"score": {"": 2}} | STORED | {"way": {"mail": 1}}
    assert Comment.objects.count() == 2


def test_the_tick_is_a_question_that_a_survey_has_or_not(client: Client, organisation: Organisation) -> None:
    with_it, without = make(kinds.SCORE, kinds.CONTACT), make(kinds.SCORE, code="without")
    hidden = make(kinds.SCORE, kinds.CONTACT, code="nameless", is_anonymous=True)
    for invitation, is_offered in ((with_it, True), (without, False), (hidden, False)):
        page = client.get(links.answer_path(invitation, 4))
        assert ('name="contact"' in page.content.decode()) is is_offered
    answer(client, without, 4, contact="on")
    assert Response.objects.get().wants_contact is False


# --- thanks ------------------------------------------------------------------------------------------------------

THANKS = {
    "thanks_high": "Glad!", "thanks_high_link": "https://reviews.example.com/us?a=1",
    "thanks_high_label": "Write a review",
    "thanks_low_link": "https://evil.example.com/", "thanks_low": "Sorry.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("score", "words", "link"), [(5, "Glad!", True), (3, "Thank you!", False), (1, "Sorry.", False)]
)
def test_thanks_and_their_link_follow_the_band_of_the_score(
    client: Client, organisation: Organisation, score: int, words: str, link: bool
) -> None:
    invitation = make(kinds.SCORE, kinds.COMMENT, texts=THANKS, link_sites="reviews.example.com")
    text = answer(client, invitation, score).content.decode()
    assert words in text and "evil.example.com" not in text
    anchor = 'href="https://reviews.example.com/us?a=1" rel="noopener noreferrer">Write a review</a>'
    assert (anchor in text) is link


def test_a_site_taken_off_the_list_is_led_to_no_more(client: Client, organisation: Organisation) -> None:
    invitation = make(kinds.SCORE, texts=THANKS)
    assert "reviews.example.com" not in answer(client, invitation, 5).content.decode()


# --- the page itself ---------------------------------------------------------------------------------------------


def test_a_page_of_ten_questions_is_light_and_strict(organisation: Organisation) -> None:
    invitation = make(*kinds.EVERYTHING)
    page = Client(headers={"accept-encoding": "gzip"}).get(links.answer_path(invitation, 2))
    assert page.headers["Content-Encoding"] == "gzip" and len(page.content) < 14 * 1024
    text = Client().get(links.answer_path(invitation, 2)).content.decode()
    assert not re.search(r"""(src|href)=["'](?!data:|/u/|/m/|\?)""", text)
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and text.count("<style>") == 2
    assert policy.split("style-src")[1].split(";")[0].count("sha256-") == 2


def test_a_plain_page_does_not_carry_the_rules_of_the_others(client: Client, organisation: Organisation) -> None:
    plain, rich = make(kinds.SCORE, kinds.COMMENT), make(kinds.SCORE, kinds.YES_NO, code="rich")
    pages = [client.get(links.answer_path(one, 4)).content.decode().count("<style>") for one in (plain, rich)]
    assert pages == [1, 2]


def test_what_was_picked_and_replaced_is_said_in_words_where_numbers_say_nothing(
    client: Client, organisation: Organisation
) -> None:
    invitation = make(kinds.scored("yes_no"), kinds.COMMENT)
    assert "You picked No in the e-mail" in client.get(links.answer_path(invitation, 0)).content.decode()
    answer(client, invitation, 0)
    asked = answer(Client(), invitation, 1, hours=1).content.decode()
    assert "Replace No with Yes?" in asked and "Replace with Yes" in asked


def test_codes_that_could_break_out_of_the_style_are_left_out_of_it(client: Client, organisation: Organisation) -> None:
    evil = kinds.MULTIPLE | {"options": kinds.MULTIPLE["options"] | {"choices": ["x</style><script>"]}}
    hanging = kinds.SINGLE | {
        "options": kinds.SINGLE["options"] | {"when": {"question": "liked", "in": ["x</style><script>"]}}
    }
    text = client.get(links.answer_path(make(kinds.SCORE, evil, hanging), 5)).content.decode()
    assert "</style><script>" not in text and text.count("</style>") == 2


def test_other_language_keeps_every_answer(client: Client, invitation: Invitation) -> None:
    page = client.get(links.answer_path(invitation, 2))
    switched = client.post(f"{links.answer_path(invitation)}?lang=ru", Fields(page).values | ALL | {"lang": "ru"})
    values = Fields(switched).values
    assert switched.status_code == 200 and {name: values[name] for name in ALL} == ALL
    assert "Решить вопрос было легко" in switched.content.decode() and not Response.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_everything_is_kept_in_the_page_when_the_database_is_away(
    client: Client, invitation: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get(links.answer_path(invitation, 2))

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("surveys.links.find", away)
        posted = send(client, invitation, page, **ALL)
    values = Fields(posted).values
    assert posted.status_code == 503 and {name: values[name] for name in ALL} == ALL
    assert send(client, invitation, posted).status_code == 200
    assert stored(Response.objects.get()) == {"score": {"": 2}} | STORED


def test_a_presumed_answer_then_a_posted_one_keep_their_parts_apart(invitation: Invitation) -> None:
    intake.record(invitation, intake.Given(score=2, evidence=Response.Evidence.PRESUMED))
    given = intake.Given(score=4, answers={"way": {"chat": 1}}, texts={"why": " да "}, proofs=("k",))
    assert intake.record(invitation, given).outcome == "changed"
    assert stored(Response.objects.get()) == {"score": {"": 4}, "way": {"chat": 1}}
    assert Comment.objects.get().text == "да" and json.dumps(Revision.objects.last().answers)


def test_through_a_code_at_a_desk_what_is_open_is_added_to_the_same_answer(
    client: Client, organisation: Organisation
) -> None:
    survey = kinds.make_survey(kinds.SCORE, kinds.required(kinds.YES_NO), kinds.COMMENT)
    address = public_links.path(Link.objects.create(survey=survey, label="Desk", public_key=public_links.new_key()))
    page = client.get(address)
    for later, changes in ((5, {"score": "3"}), (60, {"a-solved": "1", "comment": "Да"})):
        with time_machine.travel(timezone.now() + dt.timedelta(seconds=later), tick=False):
            page = client.post(address, Fields(page).values | changes)
    response = Response.objects.get()
    assert page.status_code == 200 and stored(response) == {"score": {"": 3}, "solved": {"": 1}}
    assert response.comment is not None and response.comment.text == "Да"


def test_more_fields_than_a_page_has_are_refused(client: Client, invitation: Invitation) -> None:
    path = links.answer_path(invitation)
    assert client.post(path, {f"a-{number}": "1" for number in range(201)}).status_code == 413
    assert not Response.objects.exists()
