"""How the desk words times, kinds, totals and refusals, so that a person can read them."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from ground.models import Team, User
from surveys.models import InteractionEvent, Survey
from tests import factories
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 5, 12, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def desk(login: Callable[..., Client], administrator: User) -> Client:
    User.objects.filter(pk=administrator.pk).update(language="en", timezone="Europe/Moscow")
    return login(administrator)


def shown(desk: Client, name: str, *args: object) -> str:
    return desk.get(reverse(f"admin:{name}", args=args)).content.decode()


def test_an_events_time_is_on_the_readers_clock(desk: Client, team: Team) -> None:
    interaction = factories.make_interaction(team=team)
    InteractionEvent.objects.create(interaction=interaction, kind="resolved", at=NOON)
    page = shown(desk, "surveys_interaction_change", interaction.pk)
    assert "12 May 2026,\u00a012:30" in page and "09:30:00" not in page


@pytest.mark.parametrize(("language", "words"), [("en", "survey page"), ("ru", "страница опроса")])
def test_our_own_places_are_named_in_the_readers_language(
    desk: Client, administrator: User, language: str, words: str
) -> None:
    User.objects.filter(pk=administrator.pk).update(language=language)
    comment = make_comment(source="message", origin="survey page")
    assert words in shown(desk, "feedback_comment_changelist")
    assert words in shown(desk, "feedback_comment_change", comment.pk)


def test_a_list_says_how_many_there_are_in_any_language(desk: Client, administrator: User, survey: Survey) -> None:
    assert "1 in all" in shown(desk, "surveys_survey_changelist")
    User.objects.filter(pk=administrator.pk).update(language="ru")
    assert "Всего: 1" in shown(desk, "surveys_survey_changelist")


def test_a_refusal_is_a_page_in_the_readers_language(desk: Client, administrator: User, survey: Survey) -> None:
    User.objects.filter(pk=administrator.pk).update(language="ru")
    refused = desk.get(reverse("admin:surveys_survey_delete", args=[survey.pk]))
    assert refused.status_code == 403 and "Эта страница вам не открыта" in refused.content.decode()


def test_an_empty_list_tells_a_search_without_hits_from_nothing_at_all(desk: Client) -> None:
    assert "Nothing here yet" in shown(desk, "surveys_suppression_changelist")
    searched = desk.get(reverse("admin:surveys_suppression_changelist"), {"q": "nobody"}).content.decode()
    assert "Nothing fits these filters" in searched


def test_a_team_says_that_active_is_a_mark_alone(desk: Client, team: Team) -> None:
    """Nothing else asks for it: somebody who unticks it to stop surveys has to be told."""
    assert "it is a mark for this list" in shown(desk, "ground_team_change", team.pk)
