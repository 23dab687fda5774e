"""Anybody of the desk learns why a customer was asked or not, in words, within the own teams."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ground.models import Membership, User
from surveys import deciding, suppression
from surveys.models import Decision, SendingRule
from tests.factories import make_customer, make_interaction

pytestmark = pytest.mark.django_db
WHY, COUNTED = reverse("admin:surveys_decision_ledger"), reverse("admin:surveys_decision_counted")


@pytest.fixture
def desk(login, administrator) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en")
    return login(administrator)


@pytest.fixture
def refused(rule, customer, team, agent) -> Decision:
    suppression.suppress(customer.email, reason="unsubscribed")
    return deciding.consider(make_interaction(customer=customer, team=team, agent=agent, external_id="T-77"))


@pytest.mark.parametrize("sought", ["T-77", "crm:T-77", "crm T-77", "c-olga", "Ольга", "т. ольга", "OLGA@example.org"])
def test_it_is_found_by_whatever_is_at_hand(desk, refused, sought) -> None:
    page = desk.get(WHY, {"q": sought}).content.decode()
    assert "Not asked</b>: unsubscribed" in page
    assert "rule “Support”, version 1" in page
    assert "May this address be written to?" in page
    assert page.count('<li class="refuse">') == 1


@pytest.mark.parametrize("sought", ["T-7", "nobody", "olga@example", "crm:T-78", "*", "%"])
def test_what_is_not_there_is_not_found(desk, refused, sought) -> None:
    page = desk.get(WHY, {"q": sought}).content.decode()
    assert "Nobody was found" in page


def test_pages_of_the_customer_and_the_contact_lead_here(desk, refused) -> None:
    interaction = refused.interaction
    for model, pk in (("customer", interaction.customer_id), ("interaction", interaction.pk)):
        page = desk.get(reverse(f"admin:surveys_{model}_change", args=[pk])).content.decode()
        assert f"{WHY}?{model}={pk}" in page
        assert "unsubscribed" in desk.get(WHY, {model: pk}).content.decode()


def test_another_teams_decisions_are_not_seen(login, outsider, refused) -> None:
    desk = login(outsider)
    for sought in ("T-77", "c-olga", "olga@example.org"):
        assert "T-77" not in desk.get(WHY, {"q": sought}).content.decode().replace(f'value="{sought}"', "")
    assert desk.get(WHY, {"customer": refused.interaction.customer_id}).status_code == 404
    assert desk.get(WHY, {"interaction": refused.interaction_id}).status_code == 404


def test_an_agent_sees_the_own_contacts_alone(login, refused, agent, team) -> None:
    user = User.objects.create_user("agent@example.org", "correct horse battery")
    Membership.objects.create(user=user, team=team, role="agent")
    desk = login(user)
    assert "unsubscribed" not in desk.get(WHY, {"q": "T-77"}).content.decode()
    agent.user = user
    agent.save()
    page = desk.get(WHY, {"q": "T-77"}, headers={"accept-language": "en"}).content.decode()
    assert "unsubscribed" in page
    assert "unsubscribed" not in desk.get(WHY, {"q": "olga@example.org"}).content.decode()  # addresses are for managers
    assert desk.get(COUNTED).status_code == 404


def test_a_viewer_finds_nobody_by_address(login, viewer, refused) -> None:
    assert "Not asked" not in login(viewer).get(WHY, {"q": "olga@example.org"}).content.decode()


def test_many_decisions_are_paged_at_a_constant_cost(desk, rule, team, django_assert_num_queries) -> None:
    customer = make_customer(name="Всё время")
    deciding.consider(make_interaction(customer=customer, team=team))
    with CaptureQueriesContext(connection) as one:
        desk.get(WHY, {"customer": customer.pk})
    for _number in range(34):
        deciding.consider(make_interaction(customer=customer, team=team))
    with django_assert_num_queries(len(one)):
        page = desk.get(WHY, {"customer": customer.pk}).content.decode()
    assert page.count('class="end"') == 30
    older = page.split("before=")[1].split('"')[0]
    page = desk.get(WHY, {"customer": customer.pk, "before": older}).content.decode()
    assert page.count('class="end"') == 5
    assert "Asked</b>" in page


def test_reasons_are_counted_with_their_shares_by_survey_and_rule(desk, rule, nps_survey, team, customer) -> None:
    SendingRule.objects.create(name="NPS", survey=nps_survey, delay_minutes=0, priority=-1)
    for _number in range(3):
        deciding.consider(make_interaction(team=team))
    deciding.consider(make_interaction(team=team, customer=make_customer(no_consent=True)))
    Decision.objects.filter(reason="").first().delete()
    page = desk.get(COUNTED, {"survey": rule.survey_id}).content.decode()
    assert "Decisions: 3, of them to ask: 2." in page
    assert "66.7%" in page
    assert "No consent" in page
    assert "33.3%" in page
    Decision.objects.update(decided_at=timezone.now() - dt.timedelta(days=8))
    assert "Nothing was decided" in desk.get(COUNTED, {"days": "7"}).content.decode()
    assert "66.7%" in desk.get(COUNTED, {"days": "90"}).content.decode()


def test_a_team_counts_its_own(login, outsider, refused) -> None:
    page = login(outsider).get(COUNTED, headers={"accept-language": "en"}).content.decode()
    assert "Nothing was decided" in page
