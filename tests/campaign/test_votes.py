"""Ten thousand votes of a program on one public link, beside two hundred honest answers of the weeks before."""

import datetime as dt

import pytest
import time_machine

from feedback.models import Response
from ground.models import Team
from surveys import public_links
from surveys.models import Link, Survey
from tests.feedback.voting import address, counted_mean, honest, vote

NOON = dt.datetime(2026, 3, 18, 12, 0, tzinfo=dt.UTC)


@pytest.mark.django_db
@pytest.mark.campaign
@pytest.mark.parametrize("networks", [1, 1000])
def test_ten_thousand_votes_move_the_score_by_a_tenth_at_most(survey: Survey, team: Team, networks: int) -> None:
    link = Link.objects.create(label="Касса 4", survey=survey, team=team, public_key=public_links.new_key())
    with time_machine.travel(NOON, tick=False):
        before = honest(link, [5, 4, 5, 3] * 50)
    mean = counted_mean(link)
    for number in range(10_000):
        at = NOON + dt.timedelta(seconds=0.7 * number)
        vote(link, 1, at=at, address=address(number % networks), agent=f"browser {number % 4001}")
    assert abs(counted_mean(link) - mean) <= 0.1
    assert Response.objects.filter(link=link, score=1, evidence="held").count() == 10_000
    assert Response.objects.filter(pk__in=[one.pk for one in before], evidence="confirmed").count() == 200
