"""Telling a contact opens nothing of its customer that others stored, by whatever the customer is named."""

import pytest
from django.test import Client

from surveys.models import Customer, Interaction, Invitation, Message
from tests import factories
from tests.surveys.test_interactions_api import URL as CONTACTS
from tests.surveys.test_interactions_api import body

pytestmark = pytest.mark.django_db
CUSTOMERS = "/api/v1/customers/"
STORED = {
    "external_id": "vip-1", "name": "Ирина Тайная", "email": "irina@secret.example", "phone": "+79161112233",
    "attributes": {"tariff": "gold"}, "value": "90000.00",
}  # fmt: skip
SECRETS = ("Тайная", "secret.example", "1112233", "gold", "90000")
NAMED = [{"external_id": "vip-1"}, {"email": "irina@secret.example"}, {"phone": "+79161112233"}]


@pytest.fixture
def customer(api, other_team) -> Customer:
    """Told of by the organisation, served by the other team."""
    api.post(CUSTOMERS, STORED, format="json")
    api.post(CONTACTS, body(team={"code": other_team.code}, customer={"external_id": "vip-1"}), format="json")
    return Customer.objects.get()


def claim(client, team, who, **changes):
    told = body(external_id="mine", team={"code": team.code}, customer=who, agent={"external_id": "mine-1"}, **changes)
    return client.post(CONTACTS, told, format="json")


@pytest.mark.parametrize("who", NAMED)
def test_a_teams_key_reads_nobody_by_telling_a_contact(api, team_api, team, customer, who) -> None:
    assert claim(team_api, team, who).status_code == 202
    assert Interaction.objects.get(external_id="mine").customer == customer
    assert team_api.get(CUSTOMERS).json()["results"] == []
    assert team_api.get(f"{CUSTOMERS}vip-1/").status_code == 404
    told = team_api.get("/api/v1/decisions/").content.decode()
    assert "mine" in told and "vip-1" not in told
    assert [row["external_id"] for row in api.get(CUSTOMERS).json()["results"]] == ["vip-1"]


def test_a_customer_whom_nobody_has_served_yet_is_opened_and_changed_as_little(api, team_api, team) -> None:
    api.post(CUSTOMERS, STORED, format="json")
    assert claim(team_api, team, {"external_id": "vip-1", "email": "me@evil.example"}).status_code == 202
    assert Customer.objects.get().email == "irina@secret.example"
    assert team_api.get(f"{CUSTOMERS}vip-1/").status_code == 404


def test_a_comment_names_nobody_whom_the_team_does_not_know(team_api, customer, login, manager) -> None:
    said = {
        "text": "Ждали долго",
        "source": "review",
        "origin": "maps",
        "external_key": "1",
        "customer": {"external_id": "vip-1"},
    }
    sent = team_api.post("/api/v1/comments/", said, format="json")
    assert sent.status_code == 201, sent.json()
    page = login(manager).get(f"/admin/feedback/comment/{sent.json()['id']}/change/").content.decode()
    assert not [word for word in SECRETS if word in page]


PAGES = (
    "/admin/surveys/interaction/", "/admin/surveys/interaction/{contact}/change/", "/admin/surveys/decision/",
    "/admin/surveys/invitation/", "/admin/surveys/invitation/{invitation}/change/", "/admin/surveys/message/",
    "/admin/surveys/message/{message}/change/", "/admin/surveys/invitation/unsettled/",
    "/admin/surveys/decision/why/?q=mine", "/admin/surveys/decision/why/?q=vip-1", "/admin/surveys/customer/",
    "/admin/complaints/",
)  # fmt: skip


@pytest.fixture
def asked(team_api, team, customer, survey) -> Invitation:
    """A claim that was asked about; the mail's end is not known."""
    claim(team_api, team, {"external_id": "vip-1"}, is_complaint=True)
    Interaction.objects.filter(external_id="mine").update(closed_at=None)
    contact = Interaction.objects.get(external_id="mine")
    invitation = factories.make_invitation(survey, interaction=contact, customer=customer, team=team, state="uncertain")
    invitation.messages.create(channel="email", address=customer.email, state="failed")
    return invitation


def test_no_page_of_the_desk_tells_whom_a_claim_names(login, manager, customer, asked) -> None:
    desk: Client = login(manager)
    keys = {"contact": asked.interaction_id, "invitation": asked.pk, "message": Message.objects.get().pk}
    for page in PAGES:
        shown = desk.get(page.format(**keys))
        assert shown.status_code == 200, page
        assert not [word for word in SECRETS if word in shown.content.decode()], page
    for kind, key in (("customer", customer.pk), ("message", keys["message"])):
        assert desk.post(f"/admin/surveys/{kind}/{key}/contact/").status_code in (403, 404, 302), kind
    assert desk.get(f"/admin/surveys/customer/{customer.pk}/change/").status_code in (302, 404)
    assert desk.post(f"/admin/surveys/message/{keys['message']}/contact/").status_code == 403


def test_the_organisation_sees_whom_it_names(login, administrator, customer, asked) -> None:
    for page in ("/admin/surveys/interaction/", "/admin/surveys/invitation/", "/admin/surveys/invitation/unsettled/"):
        assert "Тайная" in login(administrator).get(page).content.decode(), page


def test_who_answers_the_team_is_known_to_it(team_api, customer, asked) -> None:
    Invitation.objects.update(answer_state=Invitation.AnswerState.CONFIRMED)
    assert team_api.get(f"{CUSTOMERS}vip-1/").json()["email"] == "irina@secret.example"


def test_whom_the_organisation_tells_of_is_known(api, team_api, team, customer) -> None:
    claim(team_api, team, {"external_id": "vip-1"})
    told = claim(api, team, {"external_id": "vip-1"}, updated_at="2026-11-21T13:00:00Z")
    assert told.json()["outcome"] == "updated"
    assert team_api.get(f"{CUSTOMERS}vip-1/").status_code == 200


def test_whom_the_team_told_of_first_is_known_and_changed_by_it(team_api, team) -> None:
    claim(team_api, team, {"external_id": "own-1", "email": "own@example.org"})
    claim(team_api, team, {"external_id": "own-1", "email": "new@example.org"}, updated_at="2026-11-21T13:00:00Z")
    assert team_api.get(f"{CUSTOMERS}own-1/").json()["email"] == "new@example.org"


def test_an_own_contact_that_is_turned_to_somebody_else_is_a_claim(team_api, team, customer) -> None:
    claim(team_api, team, {"external_id": "own-1"})
    claim(team_api, team, {"external_id": "vip-1"}, updated_at="2026-11-21T13:00:00Z")
    assert team_api.get(f"{CUSTOMERS}vip-1/").status_code == 404


def test_agents_of_other_teams_serve_no_contact_of_ones_own(api, team_api, team, other_team) -> None:
    """Their names would show, and answers would count as theirs; agents without a team may serve any."""
    api.post(CONTACTS, body(team={"code": other_team.code}), format="json")
    reply = team_api.post(CONTACTS, body(external_id="mine", team={"code": team.code}), format="json")
    assert reply.status_code == 400
    assert not Interaction.objects.filter(external_id="mine").exists()
