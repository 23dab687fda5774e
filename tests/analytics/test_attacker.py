"""No number of an anonymous survey, and no difference of two, tells of fewer than five people (trust, G8)."""

import datetime as dt
import random

import pytest

from analytics import rollups
from feedback import anonymous, sealed
from feedback.anonymous import Given
from feedback.models import Answer, Comment, CommentTopic, Response, Revision, Sealed, Topic
from ground.models import Team, User
from surveys import public_links
from surveys.models import Link, Survey
from tests.analytics.attacker import Choices, attack
from tests.analytics.rows import answer_all

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAYS, CHANNELS = 3, ["in_person", "web"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: object) -> None:
    time_machine.move_to(NOON, tick=False)


def populate(survey: Survey, teams: list[Team], *, seed: int, people: int, over: int = DAYS) -> Choices:
    """People who answered an anonymous survey at some desks of two teams over some days, few at some of them."""
    draw = random.Random(seed)
    Survey.objects.filter(pk=survey.pk).update(is_anonymous=True)
    survey.refresh_from_db()
    version = survey.published
    assert version is not None
    desks = [
        Link.objects.create(label=f"{team} {channel}", survey=survey, team=team, channel=channel,
                            public_key=public_links.new_key())
        for team in teams for channel in CHANNELS
    ]  # fmt: skip
    days = [NOON - dt.timedelta(days=back) for back in reversed(range(over))]
    for _ in range(people):
        link, at = draw.choices(desks, [6, 3, 2, 1])[0], draw.choice(days)
        text = "Долго ждали" if draw.random() < 0.6 else ""
        evidence, held_for = draw.choices([("confirmed", ""), ("held", "decoy")], [9, 1])[0]
        given = Given(score=draw.randint(1, 5), text=text, evidence=evidence, held_for=held_for)
        anonymous.record_through(link, version, given, at=at)
    # What people write and how it is read is no filter that tells who they are: all of it is sure here.
    Comment.objects.update(tone="negative", tone_confidence=0.9, classified_at=NOON)
    topic = Topic.objects.get_or_create(code="t-wait", defaults={"names": {"en": "Waiting"}})[0]
    CommentTopic.objects.bulk_create(
        CommentTopic(comment_id=pk, topic=topic, confidence=0.9) for pk in Comment.objects.values_list("pk", flat=True)
    )
    rollups.mark_everything()
    while rollups.has_work():
        rollups.roll_up()
    return Choices([at.date() for at in days], [team.pk for team in teams], CHANNELS, survey.pk)


def test_nobody_is_found_by_choosing_and_subtracting(
    survey: Survey, nps_survey: Survey, team: Team, other_team: Team, administrator: User
) -> None:
    answer_all(nps_survey, [9, 10, 3], at=NOON, team=team)  # named ones are no shelter
    choices = populate(survey, [team, other_team], seed=7, people=70)
    assert Response.objects.filter(survey=survey).count() > 40 and Comment.objects.count() >= 20
    found = attack(choices, reader=administrator, as_of=NOON)
    assert found == [], found[:3]


def test_the_attacker_finds_people_who_are_told_of_one_by_one(
    survey: Survey, team: Team, other_team: Team, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "TOGETHER", 1)
    choices = populate(survey, [team, other_team], seed=7, people=25, over=2)
    found = attack(choices, reader=administrator, as_of=NOON)
    assert {one.what.split(" by ")[0] for one in found} >= {"list of responses", "list of comments", "csat csat_5"}
    assert any(one.narrow is not None for one in found)


@pytest.mark.e2e
@pytest.mark.campaign
def test_nobody_is_found_in_two_hundred_populations(
    survey: Survey, team: Team, other_team: Team, administrator: User, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(200):
        for rows in (CommentTopic, Comment, Answer, Revision, Response, Sealed, Link):
            rows.objects.all().delete()
        # A third day doubles the views.
        over = DAYS if seed % 10 == 0 else DAYS - 1
        choices = populate(survey, [team, other_team], seed=seed, people=20 + seed, over=over)
        assert attack(choices, reader=administrator, as_of=NOON) == [], seed
    with capsys.disabled():
        print("\nattacker: 200 populations of 20 to 219 people, found 0")  # noqa: T201 (the line of account)
