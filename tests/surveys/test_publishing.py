"""A wording with anything missing or broken does not go out, and every fault names its language and its place."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ground.models import User
from surveys import letters, publishing, starters
from surveys.models import Question, Survey, SurveyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(survey: Survey) -> SurveyVersion:
    """A copy of the published version, not published."""
    last = survey.published
    version = SurveyVersion.objects.create(survey=survey, texts=last.texts)
    for question in last.questions.all():
        question.pk, question.version = None, version
        question.save()
    return version


def found(version: SurveyVersion) -> set[tuple[str, str]]:
    version.__dict__.pop("asked", None)
    return {(fault.language, fault.field) for fault in publishing.faults(version)}


def test_a_whole_draft_has_no_fault_and_is_published(draft: SurveyVersion) -> None:
    assert found(draft) == set()
    publishing.publish(draft)
    assert SurveyVersion.objects.get(pk=draft.pk).published_at and draft.survey.published == draft


@pytest.mark.parametrize("part", ["subject", "intro", "reason", "thanks"])
def test_a_missing_text_is_named(draft: SurveyVersion, part: str) -> None:
    draft.texts["en"][part] = " "
    assert found(draft) == {("en", f"{part}_en")}
    with pytest.raises(ValidationError) as refused:
        publishing.publish(draft)
    assert refused.value.messages[0].startswith("en: ")
    assert not draft.published_at


@pytest.mark.parametrize(
    ("field", "value", "parts"),
    [("first_reminder_days", 3, {"reminder1_subject", "reminder1_intro"}),
     ("second_reminder_days", 3, {"reminder2_subject", "reminder2_intro"}),
     ("sends_thanks", True, {"thanks_subject", "thanks_intro"})],
)  # fmt: skip
def test_mails_that_the_survey_sends_need_their_texts(draft, field: str, value, parts: set[str]) -> None:
    for part in parts:
        del draft.texts["ru"][part]
    assert found(draft) == set()
    setattr(draft.survey, field, value)
    assert found(draft) == {("ru", f"{part}_ru") for part in parts}


@pytest.mark.parametrize(
    "text",
    [
        "Hello {name}",
        "{{ customer.name }}",
        "{% if x %}",
        "Hi %(name)s",
        "${name}",
        "[[name]]",
        "<%= name %>",
        "a }} b",
    ],
)
def test_a_placeholder_would_be_read_as_it_stands(draft: SurveyVersion, text: str) -> None:
    draft.texts["ru"]["intro"] = text
    draft.questions.filter(kind="csat").update(texts={"ru": text, "en": "How?"})
    assert found(draft) == {("ru", "intro_ru"), ("ru", "questions-0-wording_ru")}


@pytest.mark.parametrize("text", ["50 % off", "1 { 2", "a > b < c", "100%", "[1]", "$5", "{}"])
def test_ordinary_signs_are_no_placeholders(draft: SurveyVersion, text: str) -> None:
    draft.texts["ru"]["intro"] = text
    assert found(draft) == set()


def test_an_endless_subject(draft: SurveyVersion) -> None:
    draft.texts["ru"]["subject"] = "ы" * 151
    assert found(draft) == {("ru", "subject_ru")}


def test_questions_and_steps_need_words_in_each_language(draft: SurveyVersion) -> None:
    question = draft.questions.get(kind="csat")
    question.texts.pop("en")
    question.options["labels"]["ru"].pop("3")
    question.save()
    assert found(draft) == {("en", "questions-0-wording_en"), ("ru", "questions-0-steps")}


def ask(draft: SurveyVersion, kind: str, **options: object) -> Question:
    texts = {"ru": "Что?", "en": "What?"}
    return Question.objects.create(version=draft, position=9, code=kind, kind=kind, texts=texts, options=options)


@pytest.mark.parametrize(
    ("kind", "options", "field"),
    [
        ("single", {"choices": ["a"], "names": {"ru": {"a": "А"}, "en": {"a": "A"}}}, ("", "questions-3-items")),
        ("multiple", {"choices": ["a", "b"], "names": {"ru": {"a": "А", "b": "Б"}, "en": {"a": "A"}}},
         ("en", "questions-3-items")),
        ("grid", {}, ("", "questions-3-items")),
        ("text", {"when": {"question": "later", "in": ["low"]}}, ("", "questions-3-when")),
        ("text", {"when": {"question": "text", "in": ["1"]}}, ("", "questions-3-when")),
        ("text", {"when": {"question": "score", "in": []}}, ("", "questions-3-when")),
        ("text", {"when": {"question": "score", "in": ["5"]}}, ("", "questions-3-when")),
    ],
)  # fmt: skip
def test_what_a_question_of_each_kind_may_lack(draft: SurveyVersion, kind: str, options: dict, field) -> None:
    question = ask(draft, kind, **options)
    assert found(draft) == {field}
    with pytest.raises(ValidationError):
        publishing.publish(draft)
    question.delete()
    assert found(draft) == set()


def test_a_yes_or_no_needs_its_words(draft: SurveyVersion) -> None:
    ask(draft, "yes_no", labels={"ru": {"0": "Нет", "1": "Да"}})
    assert found(draft) == {("en", "questions-3-steps")}


@pytest.mark.parametrize(
    ("link", "label", "faults"),
    [
        ("https://reviews.example.org/us", "Write a review", set()),
        ("https://other.example.org/", "Write a review", {("en", "thanks_high_link_en")}),
        ("http://reviews.example.org/", "Write a review", {("en", "thanks_high_link_en")}),
        ("https://reviews.example.org/", "", {("en", "thanks_high_label_en")}),
        ("", "Write a review", {("en", "thanks_high_label_en")}),
    ],
)
def test_the_thanks_lead_where_the_survey_allows(draft: SurveyVersion, link: str, label: str, faults) -> None:
    draft.survey.link_sites = "help.example.org\nreviews.example.org"
    draft.texts["en"] |= {"thanks_high_link": link, "thanks_high_label": label}
    assert found(draft) == faults


@pytest.mark.parametrize("code", starters.STARTERS)
def test_every_ready_survey_can_go_out(organisation, code: str) -> None:
    survey = starters.start_survey(starters.STARTERS[code], code=code, name=code)
    version = survey.published
    assert version is not None and publishing.faults(version) == []
    assert [question.code for question in version.asked] == ["score", "comment", "contact"]
    assert all(version.texts[language]["thanks_low"] for language in ("ru", "en"))


def test_no_score_and_no_language(draft: SurveyVersion) -> None:
    Question.objects.filter(version=draft, kind="csat").delete()
    draft.texts = {}
    assert [fault.field for fault in publishing.faults(draft)] == ["", ""]


def test_a_mail_that_cannot_be_written(draft: SurveyVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters.mjml, "render", lambda *_: 1 / 0)
    assert {fault.language for fault in publishing.faults(draft)} == {"ru", "en"}
    assert "ZeroDivisionError" in publishing.told(publishing.faults(draft)[0])


def test_the_page_says_where_and_links_to_the_field(
    draft: SurveyVersion, administrator: User, login: Callable[..., Client]
) -> None:
    User.objects.update(language="en")
    desk = login(administrator)
    draft.texts["en"].pop("intro")
    draft.save()
    page = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    html = desk.get(page).content.decode()
    assert 'href="#id_intro_en"' in html and 'id="id_intro_en"' in html and "The text is missing." in html
    draft.questions.filter(kind="csat").delete()
    assert "The survey asks for no score." in desk.get(page).content.decode()
    assert (
        "Before it can be published"
        not in desk.get(
            reverse("admin:surveys_surveyversion_change", args=[draft.survey.published.pk])
        ).content.decode()
    )


def test_publishing_from_the_page_is_refused_back_to_the_page(
    draft: SurveyVersion, administrator: User, login: Callable[..., Client]
) -> None:
    User.objects.update(language="en")
    desk = login(administrator)
    page = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    fields = desk.get(page).context["adminform"].form.initial
    form = {name: value for name, value in fields.items() if isinstance(value, str)}
    form |= {"subject_en": "x", "intro_en": "", "questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0"}
    response = desk.post(page, form | {"surveys_surveyversion_publish": "1"}, follow=True)
    assert response.redirect_chain[-1][0] == page
    html = response.content.decode()
    assert "Saved, but not published" in html and 'href="#id_intro_en"' in html
    assert not SurveyVersion.objects.get(pk=draft.pk).published_at
    response = desk.post(page, form | {"intro_en": "Hello", "surveys_surveyversion_publish": "1"}, follow=True)
    assert SurveyVersion.objects.get(pk=draft.pk).published_at
