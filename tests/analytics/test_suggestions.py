"""Suggestions are told by tone, so that their class hides no complaint."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.utils import translation

from analytics.models import CommentSliceDay
from feedback.models import Comment
from ground.models import Team, User
from tests.analytics.rows import say
from tests.analytics.test_slices import YESTERDAY, catch_up, noon, rows_behind, seen

__all__ = ["noon"]
pytestmark = pytest.mark.django_db


def suggest(tone: str, number: int, team: Team) -> None:
    for _one in range(number):
        say(tone, at=YESTERDAY, team=team, constructive=True, constructive_confidence=0.9)


def told(client: Client, query: str) -> str:
    return seen(client, query).replace(" ,", ",")


def words(language: str, **counts: int) -> str:
    with translation.override(language):
        return ", ".join(f"{Comment.Tone(tone).label}: {count}" for tone, count in counts.items())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_suggestions_are_told_by_tone(
    login: Callable, administrator: User, team: Team, other_team: Team, language: str
) -> None:
    User.objects.update(language=language)
    for tone, number, place in (("positive", 2, team), ("negative", 4, team), ("neutral", 1, other_team)):
        suggest(tone, number, place)
    say("negative", at=YESTERDAY, team=team)
    catch_up()
    client = login(administrator)
    assert words(language, negative=4, neutral=1, positive=2) in told(client, "")
    assert words(language, negative=4, positive=2) in told(client, f"?team={team.pk}")
    assert rows_behind(client, "", words(language, negative=4)) == "4"
    assert words(language, negative=4) not in seen(client, "?only=language:ru")
    name = "конструктивных" if language == "ru" else "Constructive comments by tone"
    assert name in client.get("/admin/dashboard/", {"format": "csv"}).content.decode()


def test_days_of_before_the_update_are_counted_anew(login: Callable, administrator: User, team: Team) -> None:
    suggest("negative", 6, team)
    catch_up()
    CommentSliceDay.cuts.filter(kind="tone").delete()
    client = login(administrator)
    assert words("en", negative=6) not in told(client, "")
    import_module("analytics.migrations.0029_tones_of_suggestions").count_anew(apps, None)
    catch_up()
    assert words("en", negative=6) in told(client, "")
