"""No English is left on the desk's Russian pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback import topics
from feedback.models import Topic
from ground.models import ApiKey, Membership, Organisation, Team, User
from surveys.models import Agent, Decision, Message, SendingRule, Suppression, Survey, SurveyVersion
from tests.config.reading import label, make_comment, make_response
from tests.config.visible_text import english

pytestmark = pytest.mark.django_db

NAMES = {"Otklik", "CSAT", "NPS", "CES", "API", "CRM", "ID", "URL", "JSON", "HTML", "SMTP", "UTF", "CSV", "XLSX",
         "Excel", "Esc", "QR", "QR-", "SMS", "SPF", "DKIM", "DMARC", "IMAP", "PNG", "SVG", "JPEG", "GIF",
         "WebP", "CUSUM", "HC"}  # fmt: skip
DATA = {"ru", "en", "RU", "EN", "English", "crm", "first-line", "support", "loyalty", "score", "comment", "site",
        "rules", "email", "c-olga", "n_eff", "percentile", "clock", "topic_impact", "deviations",
        "verdict", "flag", "start", *(row["code"] for row in topics.default_rows())}  # fmt: skip


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User, team: Team) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="ru", name="Мария Орлова")
    return login(administrator)


@pytest.fixture
def filled(survey: Survey, nps_survey: Survey, team: Team, agent: Agent, customer: Any) -> dict[str, Any]:
    """One row of everything, in Russian, by the name of its page."""
    Survey.objects.update(name="Поддержка")
    topic = Topic.objects.create(code="000", names={"ru": "Скорость"}, cues={"ru": ["ждать"]})
    answer = make_response(
        survey, score=2, text="Долго ждал", team=team, agent=agent, channel="phone", customer=customer
    )
    label(answer.comment, spans=[[0, 5, "tone-"]], topic=topic)
    invitation = answer.invitation
    make_comment(team=team, quarantined_at=timezone.now(), error="the worker died three times on this row")
    rule = SendingRule.objects.create(
        name="Звонки",
        survey=survey,
        conditions=[
            {"field": "channel", "op": "in", "value": ["phone"]},
            {"field": "reason", "op": "equals", "value": "доставка"},
        ],
    )
    person = User.objects.create_user("viewer@example.org", name="Игорь")
    Membership.objects.create(user=person, team=None, role="viewer")
    key, _secret = ApiKey.objects.create_key(name="Касса")
    key.prefix = "00000000"
    key.save()
    return {
        "feedback_comment": answer.comment, "feedback_response": answer, "surveys_survey": survey,
        "surveys_surveyversion": SurveyVersion.objects.create(survey=survey, texts={"ru": {"subject": "Тема"}}),
        "surveys_sendingrule": rule, "surveys_interaction": invitation.interaction,
        "surveys_decision": Decision.objects.create(
            interaction=invitation.interaction, closing=1, outcome="send", rule=rule,
            trace=[{"check": name, "passed": True} for name in ("suppressed", "eligible", "gap", "rule")],
        ),
        "surveys_invitation": invitation,
        "surveys_message": Message.objects.create(
            invitation=invitation, address="o@example.org", state="uncertain", error="the worker died while sending"
        ),
        "surveys_suppression": Suppression.objects.create(address="a@example.org", reason="manual"),
        "surveys_customer": customer, "surveys_agent": agent, "ground_team": team, "ground_user": person,
        "ground_organisation": Organisation.objects.get(), "ground_apikey": key,
        "feedback_topic": topic,
    }  # fmt: skip


def left_over(client: Client, address: str) -> list[str]:
    response = client.get(address, follow=True, headers={"accept-language": "ru"})
    assert response.status_code == 200, address
    return english(response.content.decode(), allowed=NAMES | DATA)


PAGES = ["feedback_comment", "feedback_response", "surveys_survey", "surveys_surveyversion", "surveys_sendingrule",
         "surveys_interaction", "surveys_decision", "surveys_invitation", "surveys_message", "surveys_suppression",
         "surveys_customer", "surveys_agent", "ground_team", "ground_user", "ground_organisation", "ground_apikey",
         "feedback_topic"]  # fmt: skip
ADDED = ["surveys_survey", "surveys_sendingrule", "surveys_suppression", "surveys_agent",
         "ground_team", "ground_user", "ground_apikey", "feedback_topic"]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_lists_empty_and_filled_and_each_row_are_russian(
    request: pytest.FixtureRequest, desk: Client, page: str
) -> None:
    addresses = [reverse(f"admin:{page}_changelist")]
    assert left_over(desk, addresses[0]) == []
    filled = request.getfixturevalue("filled")
    addresses += [reverse(f"admin:{page}_{view}", args=[filled[page].pk]) for view in ("change", "history")]
    assert [left_over(desk, address) for address in addresses] == [[], [], []]


@pytest.mark.parametrize("page", ADDED)
def test_forms_and_their_errors_are_russian(desk: Client, filled: dict[str, Any], page: str) -> None:
    address = reverse(f"admin:{page}_add")
    assert left_over(desk, address) == []
    data = {"questions-TOTAL_FORMS": 0, "questions-INITIAL_FORMS": 0, "memberships-TOTAL_FORMS": 0,
            "memberships-INITIAL_FORMS": 0}  # fmt: skip
    refused = desk.post(address, data)
    assert refused.status_code == 200
    assert english(refused.content.decode(), allowed=NAMES | DATA) == []


@pytest.mark.parametrize("name", ["desk:quarantine", "admin:password_change", "desk:home", "analytics:metrics"])
def test_the_other_pages_are_russian(desk: Client, filled: dict[str, Any], name: str) -> None:
    assert left_over(desk, reverse(name)) == []


@pytest.mark.parametrize("page", ["surveys_sendingrule", "surveys_suppression"])
def test_deleting_is_russian(desk: Client, filled: dict[str, Any], page: str) -> None:
    assert left_over(desk, reverse(f"admin:{page}_delete", args=[filled[page].pk])) == []


def test_the_log_in_page_is_russian(client: Client, organisation: Any) -> None:
    page = client.get(reverse("admin:login"), headers={"accept-language": "ru"})
    refused = client.post(
        reverse("admin:login"), {"username": "a@example.org", "password": "x"}, headers={"accept-language": "ru"}
    )
    for response in (page, refused):
        assert english(response.content.decode(), allowed=NAMES | DATA) == []


def test_the_walk_sees_english_when_there_is_some() -> None:
    page = '<p>Да <b title="Close">нет</b><span class="material-symbols-outlined">close</span></p><p>Show all</p>'
    assert english(page, allowed=NAMES) == ["Close", "Show all"]
