"""A survey is built from cards: every kind, in any language, in an order of one's own; also without script."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import Response
from ground.models import User
from surveys import codes, drafts, publishing
from surveys.models import Invitation, Question, Survey, SurveyVersion
from tests.config.forms_of_pages import as_typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


@pytest.fixture
def draft(survey: Survey) -> SurveyVersion:
    return drafts.begin(survey)


def page_of(draft: SurveyVersion) -> str:
    return reverse("admin:surveys_surveyversion_change", args=[draft.pk])


def card(place: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        f"questions-{place}-{name}": value for name, value in ({"kind": kind, "position": place + 1} | fields).items()
    }


def save(desk: Client, draft: SurveyVersion, *cards: dict[str, Any], **typed: Any) -> Any:
    """Press a button of the page with these cards added and these fields typed."""
    page = page_of(draft)
    data = as_typed(desk.get(page), **typed)
    data["questions-TOTAL_FORMS"] = [str(int(data["questions-TOTAL_FORMS"][0]) + len(cards))]
    for one in cards:
        data |= one
    return desk.post(page, data)


def question(draft: SurveyVersion, kind: str) -> Question:
    return draft.questions.get(kind=kind)


def test_each_kind_keeps_what_it_needs_and_nothing_else(desk: Client, draft: SurveyVersion) -> None:
    names = {"items-code": ["", ""], "items-ru": ["Скорость", "Вежливость"], "items-en": ["Speed", "Manners"]}
    assert save(
        desk, draft,
        card(3, "single", wording_ru="Что помогло?", wording_en="What helped?", own_words="on", **names),
        card(4, "multiple", wording_ru="Что ещё?", wording_en="What else?", most="1", **names),
        card(5, "grid", wording_ru="Оцените", wording_en="Rate", row_look="three", **names),
        card(6, "yes_no", wording_ru="Решено?", wording_en="Solved?",
             **{"steps-code": ["0", "1"], "steps-ru": ["Нет", "Да"], "steps-en": ["No", "Yes"]}),
    ).status_code == 302  # fmt: skip
    shared = {
        "ru": {"skorost": "Скорость", "vezhlivost": "Вежливость"},
        "en": {"skorost": "Speed", "vezhlivost": "Manners"},
    }
    listed = ["skorost", "vezhlivost"]
    assert question(draft, "single").options == {"choices": listed, "names": shared, "own_words": True}
    assert question(draft, "multiple").options == {"choices": listed, "names": shared, "most": 1}
    assert question(draft, "grid").options == {"aspects": listed, "names": shared, "look": "three"}
    assert question(draft, "yes_no").options == {
        "labels": {"ru": {"0": "Нет", "1": "Да"}, "en": {"0": "No", "1": "Yes"}}
    }
    assert [one.code for one in draft.questions.all()] == [
        "score", "comment", "contact", "chto-pomoglo", "chto-esche", "otsenite", "resheno",
    ]  # fmt: skip
    assert publishing.faults(SurveyVersion.objects.get(pk=draft.pk)) == []


def test_one_yes_or_no_is_said_to_ask_whether_it_was_resolved(desk: Client, draft: SurveyVersion) -> None:
    words = {"steps-code": ["0", "1"], "steps-ru": ["Нет", "Да"], "steps-en": ["No", "Yes"]}
    save(
        desk, draft,
        card(3, "yes_no", wording_ru="Решено?", wording_en="Solved?", asks_if_resolved="on", **words),
        card(4, "single", wording_ru="Что помогло?", wording_en="What helped?", asks_if_resolved="on"),
    )  # fmt: skip
    assert question(draft, "yes_no").options["asks"] == "resolved"
    assert "asks" not in question(draft, "single").options  # no matter of its kind
    draft = SurveyVersion.objects.get(pk=draft.pk)
    assert draft.resolved_question() == question(draft, "yes_no")
    page = desk.get(page_of(draft)).content.decode()
    assert page.count('asks_if_resolved" id="id_questions-3-asks_if_resolved" checked') == 1
    save(desk, draft, card(5, "yes_no", wording_ru="Правда?", wording_en="Really?", asks_if_resolved="on", **words))
    told = " ".join(str(fault) for fault in publishing.faults(SurveyVersion.objects.get(pk=draft.pk)))
    assert "Another question asks already whether it was resolved." in told


def test_another_look_has_other_steps(desk: Client, draft: SurveyVersion) -> None:
    save(desk, draft, **{"questions-0-look": "thumbs"})
    score = question(draft, "csat")
    assert score.options["look"] == "thumbs" and score.scale.name == "thumbs"
    assert set(score.options["labels"]["ru"]) <= {"0", "1"}
    assert "Steps without a name: 0." in desk.get(page_of(draft)).content.decode()


def test_the_places_say_the_order(desk: Client, draft: SurveyVersion) -> None:
    save(desk, draft, **{"questions-0-position": "9", "questions-2-position": "1"})
    assert list(draft.questions.values_list("position", "code")) == [(1, "contact"), (2, "comment"), (3, "score")]


def test_a_question_hangs_on_a_card_that_has_no_code_yet_and_on_a_choice_by_its_name(
    desk: Client, draft: SurveyVersion
) -> None:
    chosen = {"items-code": ["", ""], "items-ru": ["Да", "Нет"], "items-en": ["Yes", "No"]}
    save(
        desk,
        draft,
        card(3, "single", wording_ru="Были раньше?", wording_en="Before?", **chosen),
        card(4, "text", wording_ru="Когда?", wording_en="When?", when_question="#3", when_in=["Да"]),
        **{"questions-1-when_question": "score", "questions-1-when_in": ["low", "mid"]},
    )
    found = {one.code: one.options.get("when") for one in draft.questions.all()}
    assert found["comment"] == {"question": "score", "in": ["low", "mid"]}
    assert found["kogda"] == {"question": "byli-ranshe", "in": ["da"]}
    assert publishing.faults(SurveyVersion.objects.get(pk=draft.pk)) == []


def test_a_condition_on_yes_or_no_says_so(desk: Client, draft: SurveyVersion) -> None:
    save(
        desk, draft,
        card(3, "yes_no", wording_ru="Решено?", wording_en="Solved?"),
        card(4, "text", wording_ru="Чего не было?", wording_en="What was missing?", when_question="#3", when_in=["0"]),
    )  # fmt: skip
    assert 'value="0" checked> No</label>' in desk.get(page_of(draft)).content.decode()


def test_a_code_that_two_have_is_refused(desk: Client, draft: SurveyVersion) -> None:
    refused = save(desk, draft, **{"questions-1-code": "score"})
    assert refused.status_code == 200 and "Another question has this code." in refused.content.decode()


def test_a_question_is_added_and_removed_without_script(desk: Client, draft: SurveyVersion) -> None:
    added = save(desk, draft, _add_question="text")
    data = as_typed(desk.get(added.url), **{"questions-3-wording_ru": "Ещё?", "questions-0-DELETE": "on"})
    assert data["questions-3-kind"] == ["text"]
    assert desk.post(page_of(draft), data).status_code == 302
    assert list(draft.questions.values_list("position", "code")) == [(1, "comment"), (2, "contact"), (3, "esche")]


def test_a_language_comes_is_shown_beside_another_and_goes(desk: Client, draft: SurveyVersion) -> None:
    added = save(desk, draft, _add_language="1", new_language="kk")
    page = desk.get(added.url)
    html = page.content.decode()
    assert 'name="subject_ru"' in html and 'name="subject_kk"' in html and 'name="subject_en"' not in html
    assert [tab["lacks"] > 0 for tab in page.context["tabs"]] == [False, False, True]
    data = as_typed(page, subject_kk="Қалай?", _show="ru en", **{"questions-0-wording_kk": "Бағаңыз?"})
    assert "base=ru&compare=en" in desk.post(page_of(draft), data).url
    draft.refresh_from_db()
    assert draft.texts["kk"] == {"subject": "Қалай?"} and draft.texts["en"]["subject"]
    assert question(draft, "csat").texts["kk"] == "Бағаңыз?"
    save(desk, draft, _remove_language="kk")
    draft.refresh_from_db()
    assert set(draft.texts) == {"ru", "en"}


def test_a_language_that_is_not_shown_keeps_all_its_words(desk: Client, draft: SurveyVersion) -> None:
    score = question(draft, "csat")
    score.texts["kk"], score.options["labels"]["kk"] = "Бағаңыз?", {"1": "Нашар", "5": "Жақсы"}
    score.save()
    draft.texts["kk"] = {"subject": "Тақырып"}
    draft.save()
    save(desk, draft, **{"questions-0-wording_ru": "Иначе?"})
    score.refresh_from_db()
    draft.refresh_from_db()
    assert (score.texts["ru"], score.texts["kk"]) == ("Иначе?", "Бағаңыз?")
    assert score.options["labels"]["kk"] == {"1": "Нашар", "5": "Жақсы"}
    assert draft.texts["kk"] == {"subject": "Тақырып"}


def test_the_number_of_queries_does_not_grow_with_the_questions(
    desk: Client, draft: SurveyVersion, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40) as few:
        desk.get(page_of(draft))
    for number in range(10):
        Question.objects.create(version=draft, position=9 + number, code=f"q{number}", kind="text", texts={"ru": "?"})
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(page_of(draft))


def test_the_page_beside_the_form_shows_what_is_typed_and_stores_nothing(desk: Client, draft: SurveyVersion) -> None:
    beside = reverse("admin:feedback_response_draft", args=[draft.pk])
    data = as_typed(desk.get(page_of(draft)), **{"questions-0-wording_ru": "Ну как?", "questions-2-DELETE": "on"})
    html = desk.post(f"{beside}?language=ru&night=1", data).content.decode()
    assert "Ну как?" in html and "Свяжитесь" not in html
    assert "color-scheme:dark" in html and "color-scheme:light dark" not in html
    assert question(draft, "csat").texts["ru"] != "Ну как?"
    assert "How did we handle" in desk.get(f"{beside}?language=en").content.decode()
    assert not Invitation.objects.exists() and not Response.objects.exists()


def test_a_half_typed_form_is_shown_as_far_as_it_goes(desk: Client, draft: SurveyVersion) -> None:
    beside = reverse("admin:feedback_response_draft", args=[draft.pk])
    for data in ({}, {"questions-TOTAL_FORMS": "x"}, {"questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0"}):
        assert desk.post(beside, data).status_code == 200


def test_the_draft_is_no_business_of_others(login: Callable[..., Client], manager: User, draft: SurveyVersion) -> None:
    beside = reverse("admin:feedback_response_draft", args=[draft.pk])
    assert login(manager).get(beside).status_code == 404


def test_a_survey_is_copied_with_all_its_texts_as_a_draft(desk: Client, survey: Survey) -> None:
    survey.quota, survey.link_sites = 5, "reviews.example.org"
    survey.save()
    desk.post(reverse("admin:surveys_survey_duplicate", args=[survey.pk]))
    twin = Survey.objects.exclude(pk=survey.pk).get()
    version = twin.versions.get()
    assert (twin.name, twin.code, twin.quota, twin.link_sites) == ("CSAT, copy", "csat-copy", 5, "reviews.example.org")
    assert version.published_at is None and version.number == 1
    assert version.texts == survey.published.texts
    assert version.questions.count() == survey.published.questions.count() == 3


def test_a_survey_is_archived_and_taken_out_again(desk: Client, survey: Survey, rule: Any) -> None:
    page = desk.get(reverse("admin:surveys_survey_change", args=[survey.pk])).content.decode()
    assert "These rules use it and would ask nobody: Support." in " ".join(page.split())
    archive = reverse("admin:surveys_survey_archive", args=[survey.pk])
    assert desk.get(archive).status_code == 405
    desk.post(archive)
    assert Survey.objects.get().is_archived
    desk.post(archive)
    assert not Survey.objects.get().is_archived


def test_the_sites_of_a_survey_are_hosts(desk: Client, survey: Survey) -> None:
    page = reverse("admin:surveys_survey_change", args=[survey.pk])
    desk.post(page, as_typed(desk.get(page), link_sites="https://Reviews.example.org/us\n\nhelp.example.org "))
    survey.refresh_from_db()
    assert survey.link_sites == "reviews.example.org\nhelp.example.org"
    refused = desk.post(page, as_typed(desk.get(page), link_sites="a site"))
    assert "“a site” is no name of a site." in refused.content.decode()


def test_there_is_one_draft_at_a_time(desk: Client, survey: Survey) -> None:
    for _press in range(2):
        desk.post(reverse("admin:surveys_survey_draft", args=[survey.pk]))
    assert survey.versions.count() == 2


@pytest.mark.parametrize(
    ("text", "taken", "code"),
    [("Как прошло?", (), "kak-proshlo"), ("Speed & Care", (), "speed-care"), ("ما رأيك؟", (), "text"),
     ("Да", ("da", "da-2"), "da-3"), ("щ" * 40, (), "sch" * 10 + "sc")],
)  # fmt: skip
def test_codes_are_made_of_words(text: str, taken: tuple[str, ...], code: str) -> None:
    assert codes.make(text, taken=taken, otherwise="text") == code
