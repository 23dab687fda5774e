"""An agent at the desk: the own work, nobody else's, and nothing that leads to a customer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feedback.models import Comment, Note
from ground.models import AuditEntry, Membership, Role, Team, User
from surveys.models import Agent, Customer, Interaction, Invitation, Survey
from tests import factories
from tests.config.reading import label, make_comment, make_response

pytestmark = pytest.mark.django_db
Login = Callable[..., Client]

LISTS = ["feedback_comment", "feedback_response", "surveys_interaction", "surveys_decision", "surveys_invitation",
         "surveys_customer", "surveys_agent"]  # fmt: skip
CLOSED = ["surveys_survey", "surveys_sendingrule", "surveys_suppression", "surveys_message", "feedback_topic",
          "ground_team", "ground_user", "ground_organisation", "ground_apikey", "ground_auditentry"]  # fmt: skip


@pytest.fixture
def person(team: Team, agent: Agent) -> User:
    """The agent's log-in."""
    user = User.objects.create_user("klimov@example.org", "correct horse battery", name="Д. Климов")
    Membership.objects.create(user=user, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=user)
    agent.refresh_from_db()
    return user


@pytest.fixture
def desk(login: Login, person: User) -> Client:
    return login(person)


def served(agent: Agent, team: Team, survey: Survey, word: str) -> Any:
    """An answered contact, every text of which holds the word."""
    customer = factories.make_customer(
        name=f"{word} customer", email=f"{word}@contact.example", phone="+7 916 555-44-33"
    )
    response = make_response(
        survey, text=f"{word} text, call +7 916 123-45-67", agent=agent, team=team, customer=customer, channel="phone"
    )
    interaction = response.invitation.interaction
    interaction.external_id = f"{word}-{interaction.pk}"
    interaction.attributes = {"note": word, "mail": f"{word}@contact.example", "more": "+7 916 555-44-33"}
    interaction.save()
    interaction.decisions.create(closing=1, outcome="send")
    response.invitation.messages.create(channel="email", address=f"{word}@contact.example", state="accepted")
    return response


@pytest.fixture
def own(person: User, agent: Agent, team: Team, survey: Survey) -> Any:
    return served(agent, team, survey, "mine")


@pytest.fixture
def colleagues(own: Any, team: Team, survey: Survey) -> Any:
    return served(Agent.objects.create(external_id="a2", name="foreign agent", team=team), team, survey, "foreign")


def page(client: Client, name: str, *args: Any, **params: Any) -> str:
    return client.get(reverse(f"admin:{name}", args=args), params).content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_has_the_own_rows_alone(desk: Client, colleagues: Any, name: str) -> None:
    shown = page(desk, f"{name}_changelist")
    assert "mine" in shown or "Д. Климов" in shown
    assert "foreign" not in shown
    assert "@contact.example" not in shown


@pytest.mark.parametrize("name", CLOSED)
def test_what_belongs_to_a_team_or_to_all_is_closed(desk: Client, own: Any, name: str) -> None:
    assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 403


def rows_of(response: Any) -> dict[str, Any]:
    invitation = response.invitation
    return {
        "feedback_response": response, "feedback_comment": response.comment, "surveys_invitation": invitation,
        "surveys_interaction": invitation.interaction, "surveys_customer": invitation.customer,
        "surveys_decision": invitation.interaction.decisions.get(), "surveys_agent": response.agent,
    }  # fmt: skip


def test_own_rows_open_and_show_no_contact(desk: Client, own: Any) -> None:
    for name, row in rows_of(own).items():
        opened = desk.get(reverse(f"admin:{name}_change", args=[row.pk]))
        assert opened.status_code == 200, name
        shown = opened.content.decode()
        for contact in ("@contact.example", "m…@", "555-44-33", "44-33", "123-45-67"):
            assert contact not in shown, (name, contact)


def test_a_colleagues_rows_look_like_missing_ones(desk: Client, colleagues: Any) -> None:
    for name, row in rows_of(colleagues).items():
        address = reverse(f"admin:{name}_change", args=[row.pk])
        theirs, missing = desk.get(address), desk.get(address.replace(f"/{row.pk}/", "/999999/"))
        assert theirs.status_code == missing.status_code != 200, name


def test_searches_and_page_edges_reach_no_further(desk: Client, colleagues: Any) -> None:
    Comment.objects.update(lemmas="foreign text")
    label(colleagues.comment)
    assert "foreign" not in page(desk, "feedback_comment_changelist", q="text")
    assert "foreign" not in page(desk, "feedback_comment_changelist", before=str(colleagues.comment.pk))
    assert "foreign" not in page(desk, "surveys_customer_changelist", q="customer")
    found = desk.get(reverse("admin:surveys_customer_changelist"), {"q": "mine@contact.example"})
    assert not found.context["cl"].queryset.exists()


def test_nothing_can_be_asked_for_or_changed(desk: Client, own: Any) -> None:
    for name, row in (("surveys_customer_contact", own.customer), ("feedback_comment_text", own.comment),
                      ("surveys_interaction_contact", own.invitation.interaction)):  # fmt: skip
        assert desk.post(reverse(f"admin:{name}", args=[row.pk])).status_code == 403
    desk.post(reverse("admin:surveys_customer_change", args=[own.customer.pk]), {"name": "X", "email": "x@example.org"})
    assert Customer.objects.get(pk=own.customer_id).email == "mine@contact.example"
    assert not AuditEntry.objects.exists()


def test_the_front_door_leads_to_the_comments(desk: Client, own: Any) -> None:
    comments = reverse("admin:feedback_comment_changelist")
    assert desk.get(reverse("desk:home"))["Location"] == comments
    refused = desk.get(reverse("analytics:dashboard"))
    assert refused.status_code == 403
    assert (
        "Your role does not allow it"
        in desk.get(reverse("analytics:dashboard"), headers={"accept-language": "en"}).content.decode()
    )
    offered = {
        str(link["link"]) for group in desk.get(comments).context["sidebar_navigation"] for link in group["items"]
    }
    assert reverse("analytics:dashboard") not in offered
    for link in offered:
        assert desk.get(link).status_code == 200, link


def test_an_agent_of_one_team_and_viewer_of_another_counts_only_the_other(
    desk: Client, person: User, own: Any, other_team: Team, survey: Survey
) -> None:
    Membership.objects.create(user=person, team=other_team, role=Role.VIEWER)
    make_comment(text="there", team=other_team)
    shown = page(desk, "feedback_comment_changelist")
    assert "mine text" in shown
    assert "there" in shown
    dashboard = desk.get(reverse("analytics:dashboard"))
    assert dashboard.context["form"].teams == {other_team.pk: other_team.name}
    refused = desk.get(reverse("analytics:dashboard"), {"team": own.team_id})
    assert refused.status_code == 400


def test_the_number_of_queries_does_not_grow(
    desk: Client, agent: Agent, own: Any, team: Team, survey: Survey, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40) as few:
        page(desk, "feedback_comment_changelist")
    for _number in range(12):
        make_response(survey, text="more", agent=agent, team=team)
    with django_assert_max_num_queries(len(few)):
        page(desk, "feedback_comment_changelist")


def test_work_for_another_team_is_that_teams(desk: Client, agent: Agent, own: Any, other_team: Team) -> None:
    interaction = Interaction.objects.get(pk=own.invitation.interaction_id)
    Interaction.objects.filter(pk=interaction.pk).update(team=other_team)
    Invitation.objects.filter(interaction=interaction).update(team=other_team)
    Comment.objects.update(team=other_team)
    for name in ("surveys_interaction", "surveys_invitation", "feedback_comment"):
        assert "mine" not in page(desk, f"{name}_changelist")


def test_what_a_manager_notes_down_tells_an_agent_no_contact(
    desk: Client, login: Login, own: Any, manager: User, person: User
) -> None:
    note = Note.objects.create(comment=own.comment, author=manager, text="@Klimov, ring +7 916 555-44-33 today")
    note.mentions.set([person])
    shown = page(desk, "feedback_comment_change", own.comment.pk)
    assert "555-44-33" not in shown
    assert "today" in shown
    assert "555-44-33" in page(login(manager), "feedback_comment_change", own.comment.pk)
