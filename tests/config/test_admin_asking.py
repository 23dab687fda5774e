"""Surveys, rules, topics and suppressions as the desk edits them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import Topic
from ground.models import ApiKey, Team, User
from surveys import drafts, interactions
from surveys.models import Customer, SendingRule, Suppression, Survey, SurveyVersion
from tests.config.forms_of_pages import as_typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


def as_posted(response: Any) -> dict[str, Any]:
    """What a browser would send back from a form page without touching it."""
    data: dict[str, Any] = {}
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form, *(form for formset in formsets for form in formset.forms)]
    for form in [*forms, *(formset.management_form for formset in formsets)]:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = "on" if value is True else value
    return data


def test_a_new_survey_begins_with_wording_that_goes_out(desk: Client, organisation: Any) -> None:
    reply = desk.post(reverse("admin:surveys_survey_add"), {"name": "Звонки", "code": "calls", "start": "nps"})
    survey = Survey.objects.get(code="calls")
    assert survey.name == "Звонки"
    assert survey.published.score_question().kind == "nps"
    page = desk.get(reply["Location"]).content.decode()
    assert "Nobody gets this survey yet" in page
    rule = f"{reverse('admin:surveys_sendingrule_add')}?survey={survey.pk}"
    assert rule in page and desk.get(rule).context["adminform"].form["survey"].value() == str(survey.pk)
    SendingRule.objects.create(name="Calls", survey=survey)
    assert "Nobody gets this survey yet" not in desk.get(reply["Location"]).content.decode()


def test_a_survey_is_asked_at_intervals_unless_a_rule_asks_it_already(desk: Client, survey: Survey) -> None:
    change = reverse("admin:surveys_survey_change", args=[survey.pk])
    typed = as_posted(desk.get(change)) | {"kind": "relational", "ignores_other_kind": "on"}
    assert desk.post(change, typed).status_code == 302
    survey.refresh_from_db()
    assert (survey.kind, survey.ignores_other_kind) == ("relational", True)
    SendingRule.objects.create(name="Rule", survey=survey)
    refused = desk.post(change, as_posted(desk.get(change)) | {"kind": "transactional"})
    assert "kind" in refused.context["adminform"].form.errors


def test_a_new_version_takes_over_the_texts_and_is_published(desk: Client, survey: Survey) -> None:
    begun = desk.post(reverse("admin:surveys_survey_draft", args=[survey.pk]))
    draft = survey.versions.get(number=2)
    change = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    assert begun.url == change and draft.published_at is None
    desk.post(change, as_typed(desk.get(change), subject_ru="Как прошло?", **{"questions-1-wording_en": "And why?"}))
    draft.refresh_from_db()
    assert draft.texts["ru"]["subject"] == "Как прошло?"
    assert draft.texts["en"] == survey.published.texts["en"]
    assert survey.published.comment_question().texts["en"] == "Why this score?"
    desk.post(change, as_typed(desk.get(change), surveys_surveyversion_publish="1"))
    assert survey.published.pk == draft.pk
    assert survey.published.comment_question().texts["en"] == "And why?"


def test_saving_a_draft_untouched_changes_no_question(desk: Client, survey: Survey) -> None:
    draft = drafts.begin(survey)
    before = list(draft.questions.values("position", "code", "kind", "texts", "options", "is_required"))
    change = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    assert desk.post(change, as_typed(desk.get(change))).status_code == 302
    assert list(draft.questions.values("position", "code", "kind", "texts", "options", "is_required")) == before


def test_what_is_missing_is_said_and_not_published(desk: Client, survey: Survey) -> None:
    draft = SurveyVersion.objects.create(survey=survey, texts={"ru": {"subject": "Тема"}})
    change = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    data = as_posted(desk.get(change)) | {"surveys_surveyversion_publish": "1"}
    page = desk.post(change, data, follow=True).content.decode()
    assert "The survey asks for no score." in page
    assert survey.published.number == 1


def test_a_published_version_cannot_be_changed(desk: Client, survey: Survey) -> None:
    version = survey.published
    change = reverse("admin:surveys_surveyversion_change", args=[version.pk])
    assert desk.post(change, {"survey": survey.pk, "subject_ru": "Другое"}).status_code == 403
    assert (
        desk.post(reverse("admin:surveys_surveyversion_delete", args=[version.pk]), {"post": "yes"}).status_code == 403
    )
    version.refresh_from_db()
    assert version.texts["ru"]["subject"] != "Другое"


def test_languages_that_the_desk_does_not_edit_are_kept(desk: Client, survey: Survey) -> None:
    texts = survey.published.texts | {"kk": {"subject": "Тақырып", "intro": "Сәлем", "thanks": "Рақмет"}}
    draft = SurveyVersion.objects.create(survey=survey, texts=texts)
    change = reverse("admin:surveys_surveyversion_change", args=[draft.pk])
    desk.post(change, as_posted(desk.get(change)) | {"subject_en": "New"})
    draft.refresh_from_db()
    assert draft.texts["kk"]["subject"] == "Тақырып"
    assert draft.texts["en"]["subject"] == "New"


def test_a_topics_cues_are_lines(desk: Client, organisation: Any) -> None:
    data = {"name_ru": "Скорость", "name_en": "Speed", "code": "delays", "position": 1, "is_active": "on",
            "cues_ru": " ждать \n\nочередь\nждать", "cues_en": ""}  # fmt: skip
    desk.post(reverse("admin:feedback_topic_add"), data)
    topic = Topic.objects.get(code="delays")
    assert (topic.names, topic.cues) == ({"ru": "Скорость", "en": "Speed"}, {"ru": ["ждать", "очередь"]})


def test_a_suppression_by_hand_is_folded_and_can_be_taken_back(desk: Client, organisation: Any) -> None:
    desk.post(reverse("admin:surveys_suppression_add"), {"address": " Olga@Example.ORG ", "survey": ""})
    entry = Suppression.objects.get()
    assert (entry.address, entry.reason) == ("olga@example.org", "manual")
    again = desk.post(reverse("admin:surveys_suppression_add"), {"address": "OLGA@example.org", "survey": ""})
    assert again.status_code == 200
    desk.post(reverse("admin:surveys_suppression_delete", args=[entry.pk]), {"post": "yes"})
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("typed", ["example.org", "olga@example", "Ольга"])
def test_what_is_no_address_is_not_put_on_the_list(desk: Client, organisation: Any, typed: str) -> None:
    page = desk.post(reverse("admin:surveys_suppression_add"), {"address": typed, "survey": ""})
    assert "neither an e-mail address nor a telephone number" in page.content.decode()
    assert not Suppression.objects.exists()


def test_the_customers_own_opt_out_is_not_taken_back_here(desk: Client, organisation: Any) -> None:
    entry = Suppression.objects.create(address="a@example.org", reason="unsubscribed")
    deleted = desk.post(reverse("admin:surveys_suppression_delete", args=[entry.pk]), {"post": "yes"})
    assert deleted.status_code == 403
    assert Suppression.objects.exists()


def test_an_address_typed_by_hand_is_found_by_what_programs_tell(desk: Client, customer: Customer) -> None:
    address = reverse("admin:surveys_customer_change", args=[customer.pk])
    desk.post(reverse("admin:surveys_customer_contact", args=[customer.pk]))
    data = as_posted(desk.get(address)) | {"email": "Olga.T@Example.ORG"}
    assert desk.post(address, data).status_code == 302
    assert interactions.known_customer(email="olga.t@example.org") == customer


@pytest.mark.parametrize(("known", "posted", "kept"), [("ru", "en", "en"), ("xx-1", "xx-1", "xx-1"), ("ru", "", "")])
def test_a_customers_language_is_chosen_and_an_unknown_code_is_kept(
    desk: Client, team: Team, known: str, posted: str, kept: str
) -> None:
    customer = Customer.objects.create(external_id="c", language=known)
    address = reverse("admin:surveys_customer_change", args=[customer.pk])
    page = desk.get(address)
    assert page.context["adminform"].form["language"].value() == known
    assert desk.post(address, as_posted(page) | {"language": posted}).status_code == 302
    customer.refresh_from_db()
    assert customer.language == kept
    assert desk.post(address, as_posted(page) | {"language": "zz"}).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        "surveys_interaction",
        "surveys_invitation",
        "surveys_agent",
        "surveys_customer",
        "surveys_decision",
        "surveys_message",
        "surveys_sendingrule",
        "surveys_suppression",
        "surveys_survey",
        "ground_team",
        "ground_user",
        "ground_apikey",
    ],
)
def test_the_number_of_queries_of_a_list_does_not_grow(
    desk: Client, survey: Survey, team: Team, page: str, django_assert_max_num_queries: Any
) -> None:
    from surveys.models import Agent
    from tests import factories

    def fill(count: int) -> None:
        for number in range(count):
            agent = Agent.objects.create(external_id=f"{count}-{number}", team=team)
            invitation = factories.make_invitation(survey, team=team, agent=agent, channel="phone")
            invitation.interaction.decisions.create(closing=1, outcome="send")
            invitation.messages.create(address="o@example.org")
            SendingRule.objects.create(name="Rule", survey=survey)
            Suppression.objects.create(address=f"{count}-{number}@example.org", survey=survey, reason="manual")
            Survey.objects.create(code=f"{count}-{number}", name="Survey")
            person = User.objects.create_user(f"{count}-{number}@example.org")
            person.memberships.create(team=factories.make_team(f"{count}-{number}"), role="viewer")
            ApiKey.objects.create_key(name="key", team=team)

    address = reverse(f"admin:{page}_changelist")
    fill(10)
    with django_assert_max_num_queries(30) as few:
        desk.get(address)
    fill(50)
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(address)
