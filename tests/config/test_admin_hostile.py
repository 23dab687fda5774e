"""What customers and CRMs write never becomes markup on the desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import Team, User
from surveys.models import Agent, Customer, Message, Survey
from tests.config.reading import label, make_response, make_topic

pytestmark = pytest.mark.django_db
PAYLOAD = "<img src=x onerror=alert(1)>\"'</script>{{7*7}}"


@pytest.fixture
def hostile(survey: Survey, organisation: Any) -> dict[str, Any]:
    """Rows whose every free text is a payload."""
    team = Team.objects.create(code="x", name=PAYLOAD)
    agent = Agent.objects.create(external_id=PAYLOAD, name=PAYLOAD, team=team)
    customer = Customer.objects.create(external_id=PAYLOAD, name=PAYLOAD, attributes={PAYLOAD: PAYLOAD})
    topic = make_topic()
    topic.names = {"en": PAYLOAD, "ru": PAYLOAD}
    topic.save()
    answer = make_response(survey, text=PAYLOAD, team=team, agent=agent, channel="phone", customer=customer)
    label(answer.comment, topic=topic, spans=[[0, 9, "tone-"], [4, 30, "constructive"]])
    interaction = answer.invitation.interaction
    interaction.reason, interaction.tags, interaction.attributes = PAYLOAD, [PAYLOAD], {PAYLOAD: PAYLOAD}
    interaction.save()
    message = Message.objects.create(invitation=answer.invitation, address="a@example.org", error=PAYLOAD)
    return {
        "feedback_comment": answer.comment, "feedback_response": answer, "surveys_customer": customer,
        "surveys_agent": agent, "surveys_interaction": interaction, "surveys_invitation": answer.invitation,
        "surveys_message": message, "ground_team": team, "feedback_topic": topic,
    }  # fmt: skip


def test_payloads_stay_text_on_every_list_and_page(
    login: Callable[[User], Client], administrator: User, hostile: dict[str, Any]
) -> None:
    desk = login(administrator)
    for name, row in hostile.items():
        for address in (
            reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[row.pk]),
            reverse(f"admin:{name}_history", args=[row.pk]),
        ):  # fmt: skip
            page = desk.get(address, follow=True).content.decode()
            assert "<img src=x" not in page, address


def test_the_admin_allows_no_foreign_or_inline_script(login: Callable[[User], Client], administrator: User) -> None:
    policy = login(administrator).get(reverse("admin:feedback_comment_changelist"))["Content-Security-Policy"]
    [scripts] = [part for part in policy.split(";") if part.strip().startswith("script-src")]
    assert "'unsafe-inline'" not in scripts
    assert "http" not in scripts
