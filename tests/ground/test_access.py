import pytest
from django.http import Http404

from ground import access
from ground.models import Membership, Role, Team, User
from surveys.models import Agent, Interaction
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_stranger_sees_nothing(team) -> None:
    nobody = User.objects.create_user("nobody@example.org")
    assert not access.visible_teams(access.scope_of(nobody)).exists()
    assert not access.visible_teams(access.scope_of(None)).exists()
    assert not nobody.is_staff


def test_a_member_sees_the_own_team_only(manager, team, other_team) -> None:
    assert list(access.visible_teams(access.scope_of(manager))) == [team]


def test_a_whole_membership_sees_all(viewer, team, other_team) -> None:
    Membership.objects.filter(user=viewer).update(team=None)
    assert access.visible_teams(access.scope_of(viewer)).count() == 2


def test_an_inactive_person_sees_nothing(manager) -> None:
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert access.scope_of(User.objects.get(pk=manager.pk)) == access.NOTHING


def test_a_changed_role_holds_at_once(manager, team) -> None:
    assert access.scope_of(manager).allows(team.pk, least=Role.MANAGER)
    Membership.objects.filter(user=manager).update(role=Role.VIEWER)
    assert not access.scope_of(manager).allows(team.pk, least=Role.MANAGER)


def test_another_teams_object_does_not_exist(outsider, team) -> None:
    with pytest.raises(Http404):
        access.get_visible(Team.objects.all(), access.scope_of(outsider), pk=team.pk, path="pk")


def test_an_address_is_one_person_in_any_case(manager) -> None:
    assert User.objects.get_by_natural_key("MANAGER@example.ORG") == manager


def test_an_agent_sees_rows_of_the_own_work_only_where_the_path_to_it_is_named(team, other_team, agent) -> None:
    person = User.objects.create_user("agent@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=person)
    for who, where in ((agent, team), (None, team), (agent, other_team)):
        factories.make_interaction(agent=who, team=where)
    scope = access.scope_of(person)
    assert not access.visible(Interaction.objects.all(), scope).exists()
    own = access.visible(Interaction.objects.all(), scope, own="agent__user")
    assert [(row.agent, row.team) for row in own] == [(agent, team)]
    assert not access.visible_teams(scope).exists()
    assert list(access.visible_teams(scope, least=Role.AGENT)) == [team]
    assert scope.owns(team.pk, person.pk)
    assert not scope.owns(other_team.pk, person.pk)
    assert not scope.owns(team.pk, None)
    assert not scope.oversees


def test_an_agent_here_may_be_a_manager_there(team, other_team, agent) -> None:
    person = User.objects.create_user("both@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    Membership.objects.create(user=person, team=other_team, role=Role.MANAGER)
    Agent.objects.filter(pk=agent.pk).update(user=person)
    own, there = factories.make_interaction(agent=agent, team=team), factories.make_interaction(team=other_team)
    factories.make_interaction(team=team)
    scope = access.scope_of(person)
    assert set(access.visible(Interaction.objects.all(), scope, own="agent__user")) == {own, there}
    assert list(access.visible(Interaction.objects.all(), scope)) == [there]
    with pytest.raises(Http404):
        access.get_visible(Interaction.objects.all(), scope, pk=own.pk, own="agent__user", least=Role.MANAGER)
    assert scope.owns(team.pk, person.pk) and not scope.owns(team.pk, person.pk + 1)


def test_an_agent_of_the_whole_sees_the_own_work_of_every_team(other_team, agent) -> None:
    person = User.objects.create_user("all@example.org")
    Membership.objects.create(user=person, team=None, role=Role.AGENT)
    Agent.objects.filter(pk=agent.pk).update(user=person)
    own = factories.make_interaction(agent=agent, team=other_team)
    factories.make_interaction(team=other_team)
    scope = access.scope_of(person)
    assert list(access.visible(Interaction.objects.all(), scope, own="agent__user")) == [own]
    assert not access.visible_teams(scope).exists()


def test_who_may_see_a_row(team, manager, viewer, outsider, administrator, agent) -> None:
    person = User.objects.create_user("agent@example.org")
    Membership.objects.create(user=person, team=team, role=Role.AGENT)
    assert set(access.readers(team=team.pk)) == {manager, viewer, administrator}
    assert set(access.readers(team=team.pk, agent=person.pk)) == {manager, viewer, administrator, person}
    assert set(access.readers(team=team.pk, agent=outsider.pk)) == {manager, viewer, administrator}
    assert set(access.readers(team=team.pk, agent=person.pk, least=Role.MANAGER)) == {manager, administrator}
    assert set(access.readers(team=None)) == {administrator}
