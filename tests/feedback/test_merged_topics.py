"""Topics that were merged meet what was learned of them."""

from dataclasses import replace
from typing import Any

import pytest

from feedback import reclassify, taxonomy
from feedback.learning import lessons
from feedback.models import Comment, Topic
from feedback.understanding import Reading, TopicVerdict
from feedback.understanding.learned import Lessons
from ground.models import Team, User
from tests.feedback.test_topics import at_once, done, make, of, read  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Taught(Lessons):
    """What finds the topic “old” in everything."""

    def applied(self, found: Any, reading: Reading) -> Reading:
        return replace(reading, topics=(TopicVerdict("old", 0.9, (), "learned@1"),))


def test_what_was_learned_of_a_merged_topic_counts_for_the_other(
    administrator: User, team: Team, other_team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "held", lambda: Taught([]))
    old, new = make("old"), make("new")
    new.teams.add(team)
    before = read("Стояли час")
    done(taxonomy.merge(old, new, by=administrator))
    since = read("Стояли час", team=team)
    assert (of(before), of(since), of(read("Стояли час", team=other_team))) == (["new"], ["new"], [])
    done(taxonomy.part(old, by=administrator))
    assert (of(before), of(since)) == (["old"], ["old"])
    done(taxonomy.merge(old, new, by=administrator))
    taxonomy.archive(Topic.objects.get(code="new"), by=administrator)
    assert of(read("Стояли час", team=team)) == []
    list(reclassify.read_again(Comment.objects.filter(pk=since.pk)))
    assert of(since) == ["new"]  # what it was given before it keeps
