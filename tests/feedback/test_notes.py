"""Private notes: who is named, who may be, and what is left of a note that was removed."""

import pytest

from feedback import notes
from feedback.filters import OWN
from feedback.models import Comment, Note
from ground.access import scope_of
from ground.models import Membership, Role, Team, User
from ground.text import TextTooLong
from surveys.models import Agent
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db


def person(email: str, name: str, role: str = Role.MANAGER, team: Team | None = None) -> User:
    user = User.objects.create_user(email, name=name)
    Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Анна Пак, посмотри", {"Анна Пак"}),
        ("спроси у @анна пак", {"Анна Пак"}),
        ("(@BOB@example.org)", {"Боб"}),
        ("@Боб. и @Анна Ли!", {"Боб", "Анна Ли"}),
        ("@Анна, которая из двух?", set()),
        ("@Бобёр и пишите на боб@Боб", set()),
        ("@никто @@Боб a.@Боб", set()),
        ("@Боб @Боб", {"Боб"}),
        ("Боб", set()),
    ],
)  # fmt: skip
def test_names_after_an_at(team: Team, manager: User, text: str, named: set[str]) -> None:
    person("pak@example.org", "Анна Пак", team=team)
    person("li@example.org", "Анна Ли", team=team)
    person("bob@example.org", "Боб", team=team)
    note = notes.add(make_comment(team=team), text, author=manager)
    assert {user.name for user in note.mentions.all()} == named


def test_only_who_may_see_the_comment_is_named(
    team: Team, manager: User, outsider: User, viewer: User, administrator: User, agent: Agent
) -> None:
    own = person("own@example.org", "Own", Role.AGENT, team)
    another = person("two@example.org", "Two", Role.AGENT, team)
    gone = person("gone@example.org", "Gone", team=team)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    agent.user = own
    agent.save(update_fields=["user"])
    comment = make_comment(team=team, agent=agent)
    audience = set(notes.audience(comment))
    assert audience == {manager, viewer, administrator, own}
    for user in (manager, outsider, viewer, administrator, own, another, gone):
        sees = Comment.objects.filter(scope_of(user).rows(own=OWN), pk=comment.pk).exists()
        assert sees is (user in audience), user
    note = notes.add(comment, "@Outsider @Two @Own @gone@example.org", author=manager)
    assert set(note.mentions.all()) == {own}


def test_an_empty_and_an_endless_note_are_refused(manager: User) -> None:
    with pytest.raises(ValueError, match="no text"):
        notes.add(make_comment(), " \n\0", author=manager)
    with pytest.raises(TextTooLong):
        notes.add(make_comment(), "а" * 5001, author=manager)
    assert not Note.objects.exists()


def test_a_removed_note_keeps_its_place_not_its_text(manager: User, administrator: User) -> None:
    note = notes.add(make_comment(), "Секрет для @Admin", author=manager)
    assert not notes.remove(note, by=administrator)
    assert [notes.remove(note, by=manager), notes.remove(note, by=manager)] == [True, False]
    note.refresh_from_db()
    assert (note.text, note.mentions.count()) == ("", 0)
    assert note.removed_at
