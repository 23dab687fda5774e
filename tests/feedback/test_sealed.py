"""Answers to an anonymous survey come out five of a kind at a time, so that no filter parts fewer from the others."""

import datetime as dt
from typing import Any

import pytest

from feedback import anonymous, sealed
from feedback.anonymous import Given
from feedback.models import Answer, Comment, Response, Revision, Sealed
from ground.models import Change, Team
from surveys import public_links
from surveys.models import Link, Survey

NOON = dt.datetime(2026, 3, 18, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(survey: Survey, team: Team) -> Link:
    survey.is_anonymous = True
    survey.save()
    return Link.objects.create(label="Desk", survey=survey, team=team, public_key=public_links.new_key())


def say(link: Link, score: int | None = 4, *, day: int = 0, **given: Any) -> Response:
    version = link.survey.published
    assert version is not None
    return anonymous.record_through(link, version, Given(score=score, **given), at=NOON + day * DAY)


def test_four_wait_and_the_fifth_brings_all_of_them_out_on_its_day(desk: Link) -> None:
    for day in range(4):
        assert say(desk, day + 1, day=day).score == day + 1  # whoever answered is told of it at once
    assert not Response.objects.exists() and Sealed.objects.count() == 4 and not Change.objects.exists()
    say(desk, 5, day=6)
    assert sorted(Response.objects.values_list("score", flat=True)) == [1, 2, 3, 4, 5]
    assert set(Response.objects.values_list("answered_at", flat=True)) == {anonymous.day_of(NOON + 6 * DAY)}
    assert Answer.objects.count() == Revision.objects.count() == 5 and not Sealed.objects.exists()
    assert {row.scope for row in Change.objects.all()} == {"response"}


def test_those_of_another_kind_are_none_of_the_five(desk: Link, other_team: Team) -> None:
    other = Link.objects.create(label="B", survey=desk.survey, team=other_team, public_key=public_links.new_key())
    for number in range(8):
        say(desk if number % 2 else other, 4)
    say(desk, 4, evidence="held", held_for="decoy")
    assert not Response.objects.exists()
    say(desk, 4)
    assert Response.objects.count() == 5 and set(Response.objects.values_list("team", flat=True)) == {desk.team_id}


def test_words_wait_until_five_have_written(desk: Link) -> None:
    for number in range(9):
        say(desk, 4, text=f"слово {number}" if number % 2 else "", day=number)
    assert Response.objects.count() == 5 and not Comment.objects.exists()
    assert not Revision.objects.exclude(text="").exists()
    say(desk, 4, text="ещё", day=9)
    assert Response.objects.count() == 10 and Comment.objects.count() == 5 and not Sealed.objects.exists()
    assert set(Comment.objects.values_list("said_at", flat=True)) == {anonymous.day_of(NOON + 9 * DAY)}
    assert Revision.objects.exclude(text="").count() == 5
    assert all(comment.response.revisions.get().text == comment.text for comment in Comment.objects.all())


def test_scores_among_words_alone_are_not_told_while_they_are_few(desk: Link) -> None:
    for number in range(7):
        say(desk, None if number else 5, text="Долго")
    assert not Response.objects.exists()
    for _ in range(4):
        say(desk, 5)
    assert Response.objects.count() == 11


def test_what_waits_counts_for_the_limit_and_keeps_the_promise(desk: Link) -> None:
    from feedback import bursts

    say(desk)
    say(desk)
    say(desk, evidence="held", held_for="decoy")
    assert bursts.uninvited(desk.survey_id, most=9) == 2 and bursts.has_answers(desk.survey_id)


def test_a_burst_holds_what_waits(desk: Link) -> None:
    for _ in range(3):
        say(desk)
    assert sealed.hold(desk.pk, why=Response.HeldFor.VELOCITY) == 3
    for _ in range(4):
        say(desk)
    assert not Response.objects.exists()
