"""The page of agents: each score beside how it came about."""

import datetime as dt

import pytest
from django.utils import timezone

from ground.models import Membership, Role, User
from surveys.models import Agent, Skip
from tests.analytics.rows import answer_all
from tests.factories import make_interaction, make_invitation

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/agents/"


def row_of(page, agent: Agent):
    return next((row for row in page.context["rows"] if row.agent == agent), None)


def served(agent: Agent, survey, *, contacts: int, asked: int, answered: int, skipped: int) -> None:
    for number in range(contacts):
        interaction = make_interaction(team=agent.team, agent=agent)
        if number < asked:
            at = timezone.now() if number < answered else None
            make_invitation(survey, interaction=interaction, answered_at=at)
        elif number < asked + skipped:
            Skip.objects.create(interaction=interaction, agent=agent, reason="знакомый")


def test_score_and_rates_stand_beside_each_other(login, manager, agent, survey) -> None:
    served(agent, survey, contacts=10, asked=6, answered=3, skipped=2)
    answer_all(survey, [5] * 30 + [1] * 10, team=agent.team, agent=agent)
    answer_all(survey, [1] * 40, team=agent.team, agent=agent, evidence="held")
    answer_all(survey, [1] * 40, team=agent.team, agent=agent, is_excluded=True)
    row = row_of(login(manager).get(ADDRESS), agent)
    assert (row.metric.value, row.metric.n, row.metric.state) == (0.75, 40, "full")
    assert (row.rates.ask_rate, row.rates.skip_rate, row.rates.response_rate) == (0.6, 0.2, 0.5)


def test_few_answers_are_hidden_and_old_ones_left_out(login, manager, agent, survey) -> None:
    served(agent, survey, contacts=1, asked=0, answered=0, skipped=0)
    answer_all(survey, [5] * 4, team=agent.team, agent=agent)
    answer_all(survey, [5] * 40, team=agent.team, agent=agent, at=timezone.now() - dt.timedelta(days=100))
    page = login(manager).get(ADDRESS)
    row = row_of(page, agent)
    assert (row.metric.state, row.metric.value, row.rates.ask_rate) == ("hidden", None, None)
    assert "100" not in page.content.decode().split("<tbody")[1].split("</tbody")[0]
    assert row_of(login(manager).get(f"{ADDRESS}?days=365"), agent).metric.n == 44


def test_another_scale(login, manager, agent, nps_survey) -> None:
    answer_all(nps_survey, [10] * 20 + [0] * 20, team=agent.team, agent=agent)
    client = login(manager)
    assert row_of(client.get(ADDRESS), agent) is None
    assert row_of(client.get(f"{ADDRESS}?scale=nps"), agent).metric.value == 0


def test_a_manager_of_another_team_sees_nobody(login, outsider, agent, survey) -> None:
    served(agent, survey, contacts=6, asked=3, answered=1, skipped=0)
    answer_all(survey, [5] * 40, team=agent.team, agent=agent)
    assert login(outsider).get(ADDRESS).context["rows"] == []


def test_agents_are_not_let_in(login, team) -> None:
    person = User.objects.create_user("own@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    assert login(person).get(ADDRESS).status_code == 403


@pytest.mark.parametrize("query", ["days=x", "days=-1", "days=999999999999", "scale=other", "days=%00&scale=%FF"])
def test_an_odd_address_shows_the_usual_page(login, manager, query) -> None:
    page = login(manager).get(f"{ADDRESS}?{query}")
    assert (page.status_code, page.context["days"], page.context["scale"]) == (200, 90, "csat_5")


def test_as_many_statements_for_many_agents(login, manager, team, survey, django_assert_max_num_queries) -> None:
    client = login(manager)
    for number in range(12):
        one = Agent.objects.create(external_id=f"many{number}", team=team)
        make_interaction(team=team, agent=one)
        answer_all(survey, [5], team=team, agent=one)
    client.get(ADDRESS)
    with django_assert_max_num_queries(20):
        assert len(client.get(ADDRESS).context["rows"]) == 12
