"""How much of an agent's work was asked about, skipped and answered, for those who may know."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from ground.access import EVERYTHING, NOTHING, scope_of
from ground.models import User
from surveys import rates
from surveys.models import Skip
from surveys.rates import Rates
from tests.factories import make_interaction, make_invitation

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(survey, agent, team):
    """Ten contacts: six asked about, one of them refused in the end, two answered; one skipped."""
    for number in range(6):
        make_invitation(
            survey, agent=agent, team=team, state="refused" if not number else "sent",
            answered_at=timezone.now() if number > 3 else None,
        )  # fmt: skip
    for _number in range(4):
        made = make_interaction(agent=agent, team=team)
    Skip.objects.create(interaction=made, agent=agent, reason="settled")
    old = timezone.now() - dt.timedelta(days=100)
    make_interaction(agent=agent, team=team, closed_at=old)
    return agent


def of(agent, scope=EVERYTHING) -> Rates:
    return rates.by_agent(scope, [agent.pk], since=timezone.now() - dt.timedelta(days=90))[agent.pk]


def test_rates_are_shares_of_what_ended_and_of_what_was_sent(worked) -> None:
    found = of(worked)
    assert found == Rates(contacts=10, asked=5, skipped=1, sent=5, answered=2)
    assert (found.ask_rate, found.skip_rate, found.response_rate) == (0.5, 0.1, 0.4)


def test_a_share_of_too_few_is_none() -> None:
    assert Rates(contacts=4, asked=2, sent=4, answered=1).ask_rate is None
    assert Rates(contacts=5, asked=1).response_rate is None


def test_only_covered_rows_count(worked, outsider, manager) -> None:
    assert of(worked, scope_of(outsider)) == of(worked, NOTHING) == Rates()
    assert of(worked, scope_of(manager)).contacts == 10


def test_the_list_of_agents_shows_them_at_a_constant_cost(
    login, administrator, worked, django_assert_max_num_queries
) -> None:
    User.objects.filter(pk=administrator.pk).update(language="en")
    desk = login(administrator)
    with django_assert_max_num_queries(25):
        page = desk.get(reverse("admin:surveys_agent_changelist")).content.decode()
    for shown in ("50.0% of 10", "10.0% of 10", "40.0% of 5"):
        assert shown in page
