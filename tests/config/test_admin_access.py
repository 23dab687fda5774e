"""Who sees which pages and rows: by role and team, never by permission rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from ground.models import Membership, Team, User
from surveys.models import Agent, Interaction, Invitation, Survey
from tests import factories

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]

READ = ["feedback_comment", "feedback_response", "surveys_interaction", "surveys_decision", "surveys_invitation",
        "surveys_customer", "surveys_agent", "surveys_link", "ground_team"]  # fmt: skip
WHOLE = ["surveys_gateway", "surveys_survey", "surveys_sendingrule", "surveys_suppression", "feedback_topic"]
SETTINGS = ["ground_user", "ground_organisation", "ground_apikey", "ground_auditentry"]


@pytest.fixture
def whole_manager(organisation: Any) -> User:
    user = User.objects.create_user("whole@example.org", "correct horse battery")
    Membership.objects.create(user=user, team=None, role="manager")
    return user


def status(client: Client, page: str) -> int:
    return client.get(reverse(f"admin:{page}_changelist")).status_code


@pytest.mark.parametrize("page", READ)
def test_everybody_with_a_role_reads(login: Login, viewer: User, page: str) -> None:
    assert status(login(viewer), page) == 200


@pytest.mark.parametrize("page", [*WHOLE, *SETTINGS])
def test_a_teams_manager_does_not_reach_what_belongs_to_all(login: Login, manager: User, page: str) -> None:
    assert status(login(manager), page) == 403


@pytest.mark.parametrize("page", WHOLE)
def test_surveys_and_rules_are_for_managers_of_the_whole(login: Login, whole_manager: User, page: str) -> None:
    assert status(login(whole_manager), page) == 200


@pytest.mark.parametrize("page", SETTINGS)
def test_settings_are_for_administrators(login: Login, whole_manager: User, administrator: User, page: str) -> None:
    assert status(login(whole_manager), page) == 403
    assert status(login(administrator), page) in (200, 302)


@pytest.mark.parametrize("page", [*READ, *WHOLE, *SETTINGS, "surveys_message"])
def test_somebody_without_a_role_sees_nothing(login: Login, organisation: Any, page: str) -> None:
    nobody = User.objects.create_user("nobody@example.org", "correct horse battery")
    assert status(login(nobody), page) == 302  # to the log-in page


def test_a_role_that_was_taken_away_is_gone_at_once(login: Login, viewer: User) -> None:
    client = login(viewer)
    assert status(client, "feedback_comment") == 200
    viewer.memberships.all().delete()
    assert status(client, "feedback_comment") == 302


def test_every_page_goes_by_roles() -> None:
    """A model registered without the scope would ask Django's permission rows, which nobody fills."""
    from ground.admin import ScopedAdmin

    assert [model for model, page in admin.site._registry.items() if not isinstance(page, ScopedAdmin)] == []


@pytest.fixture
def foreign(other_team: Team, survey: Survey) -> dict[str, Any]:
    """One row of each kind that belongs to the other team."""
    agent = Agent.objects.create(external_id="foreign", name="Чужая", team=other_team)
    invitation = factories.make_invitation(survey, team=other_team, agent=agent, channel="phone")
    interaction = invitation.interaction
    decision = interaction.decisions.create(closing=1, outcome="send")
    return {
        "surveys_agent": agent, "surveys_interaction": interaction, "surveys_invitation": invitation,
        "surveys_decision": decision, "surveys_customer": invitation.customer, "ground_team": other_team,
    }  # fmt: skip


@pytest.mark.parametrize(
    "page",
    ["surveys_agent", "surveys_interaction", "surveys_invitation", "surveys_decision", "surveys_customer",
     "ground_team"],
)  # fmt: skip
def test_another_teams_rows_are_neither_listed_nor_opened(
    login: Login, manager: User, foreign: dict[str, Any], page: str
) -> None:
    client, row = login(manager), foreign[page]
    assert row not in client.get(reverse(f"admin:{page}_changelist")).context["cl"].queryset
    opened = client.get(reverse(f"admin:{page}_change", args=[row.pk]))
    assert opened.status_code == 302
    assert opened["Location"] == reverse("admin:index")


@pytest.mark.parametrize("key", ["abc", "%00", "0", "_5F", "99999999999999999999"])
def test_a_mangled_key_opens_no_version(login: Login, administrator: User, key: str) -> None:
    page = f"/admin/surveys/surveyversion/{key}/change/"
    assert login(administrator).get(page).status_code == 302


def test_filters_and_choices_name_no_other_team(
    login: Login, manager: User, foreign: dict[str, Any], agent: Agent
) -> None:
    client = login(manager)
    for address in (
        reverse("admin:surveys_invitation_changelist"), reverse("admin:feedback_comment_changelist"),
        reverse("admin:surveys_agent_change", args=[agent.pk]), reverse("admin:surveys_agent_add"),
    ):  # fmt: skip
        assert "Возвраты" not in client.get(address).content.decode()


def test_a_manager_cannot_put_an_agent_into_another_team(
    login: Login, manager: User, agent: Agent, team: Team, other_team: Team
) -> None:
    client, address = login(manager), reverse("admin:surveys_agent_change", args=[agent.pk])
    for stolen in (other_team.pk, ""):
        client.post(address, {"name": "X", "external_id": "a1", "team": stolen, "is_active": "on"})
    agent.refresh_from_db()
    assert agent.team == team


def test_a_customers_page_shows_only_contacts_with_ones_own_teams(
    login: Login, manager: User, team: Team, other_team: Team, customer: Any
) -> None:
    for own in (team, other_team):
        factories.make_interaction(customer=customer, team=own, reason=f"reason of {own.code}")
    page = login(manager).get(reverse("admin:surveys_customer_change", args=[customer.pk])).content.decode()
    assert "reason of first-line" in page
    assert "reason of returns" not in page


def test_viewers_change_nothing(login: Login, viewer: User, agent: Agent, make_invitation: Any, team: Team) -> None:
    client = login(viewer)
    client.post(reverse("admin:surveys_agent_change", args=[agent.pk]), {"name": "X", "external_id": "x"})
    invitation = make_invitation(team=team)
    client.post(reverse("admin:surveys_invitation_change", args=[invitation.pk]), {"state": "cancelled"})
    client.post(reverse("admin:surveys_interaction_delete", args=[invitation.interaction_id]), {"post": "yes"})
    agent.refresh_from_db()
    assert agent.name == "Д. Климов"
    assert Invitation.objects.get(pk=invitation.pk).state == "sent"
    assert Interaction.objects.filter(pk=invitation.interaction_id).exists()


def sidebar(client: Client) -> set[str]:
    groups = client.get(reverse("admin:feedback_comment_changelist")).context["sidebar_navigation"]
    return {str(link["link"]) for group in groups for link in group["items"]}


def test_the_sidebar_offers_what_opens(
    login: Login, viewer: User, manager: User, whole_manager: User, administrator: User
) -> None:
    for user in (viewer, manager, whole_manager, administrator):
        client = login(user)
        for link in sidebar(client):
            assert client.get(link).status_code in (200, 302), (user, link)
    assert reverse("desk:quarantine") in sidebar(client)
    assert reverse("desk:quarantine") not in sidebar(login(manager))
