import pytest
from django.http import Http404

from ground import access
from ground.models import Membership, Role, Team, User

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
