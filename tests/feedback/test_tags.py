"""Tags: one for all cases of a word, put on and taken off once, merged without losing a comment."""

import pytest

from feedback import tags
from feedback.models import Comment, CommentTag, Tag
from ground.access import scope_of
from ground.models import Team, User
from ground.text import TextTooLong
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db


def names(comment: Comment) -> set[str]:
    return set(CommentTag.objects.filter(comment=comment).values_list("tag__name", flat=True))


def test_a_word_in_another_case_is_the_same_tag(manager: User) -> None:
    comment = make_comment()
    tag, is_fresh = tags.add(comment, " #Возврат   денег ", author=manager)
    assert (tag.name, is_fresh) == ("Возврат денег", True)
    assert tags.add(comment, "ВОЗВРАТ денег", author=manager) == (tag, False)
    assert Tag.objects.count() == 1
    assert names(comment) == {"Возврат денег"}


@pytest.mark.parametrize("typed", ["", "  ", "#", "\0\x07"])
def test_nothing_is_no_tag(manager: User, typed: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        tags.add(make_comment(), typed, author=manager)


def test_a_tag_is_short(manager: User) -> None:
    tags.add(make_comment(), "#" + "я" * 40, author=manager)
    with pytest.raises(TextTooLong):
        tags.add(make_comment(), "я" * 41, author=manager)


def test_taking_off_twice_is_harmless(manager: User) -> None:
    comment = make_comment()
    tag, _fresh = tags.add(comment, "vip", author=manager)
    assert [tags.remove(comment, tag), tags.remove(comment, tag)] == [True, False]
    assert Tag.objects.filter(name="vip").exists()


def test_merging_moves_every_comment_once(manager: User) -> None:
    both, one = make_comment(), make_comment()
    old, new = tags.take("вип"), tags.take("важные")
    for comment, typed in ((both, "вип"), (both, "важные"), (one, "вип")):
        tags.add(comment, typed, author=manager)
    assert tags.merge(old, new) == 1
    assert names(both) == names(one) == {"важные"}
    assert list(Tag.objects.all()) == [new]
    with pytest.raises(ValueError, match="itself"):
        tags.merge(new, new)


def test_only_tags_on_own_comments_are_offered(
    team: Team, other_team: Team, manager: User, outsider: User, administrator: User
) -> None:
    tags.add(make_comment(team=team), "наша", author=manager)
    tags.add(make_comment(team=other_team), "чужая", author=outsider)
    assert [tag.name for tag in tags.seen_by(scope_of(manager))] == ["наша"]
    assert [tag.name for tag in tags.seen_by(scope_of(outsider))] == ["чужая"]
    assert tags.seen_by(scope_of(administrator)).count() == 2
