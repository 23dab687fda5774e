"""What the watch promises (`test_deviations_figures`), from a year of stored counts to stored incidents."""

import random

import pytest

from analytics.models import Incident, ScoreDay
from analytics.watch import nightly, replay
from ground import jobs
from tests.analytics.test_deviations import DAY, UNTIL, contacts, days, morning, scores, steady

__all__ = ["morning"]  # a fixture for all of it
pytestmark = pytest.mark.django_db


def test_a_year_of_counts_without_a_change_and_ten_points_less_through_the_whole_road(
    survey, team, other_team, administrator
) -> None:
    source = random.Random(20)
    for own, channel in ((team, "phone"), (other_team, "chat")):
        scores(survey, own, steady(source, 546), channel=channel)
        contacts(own, {day: round(source.gauss(70, 8.4)) for day in days(546)}, channel=channel)
    replay.start("standard", by=administrator)
    job = jobs.finish_now(replay.last(administrator))
    # Three metrics of the organisation, two teams and two channels; the channels are the teams once more.
    assert job.result["series"] == 15
    assert job.result["count"] <= 0.08 * 15 * 12
    ScoreDay.cuts.filter(day__gt=UNTIL - 14 * DAY).delete()
    for own, channel in ((team, "phone"), (other_team, "chat")):
        scores(survey, own, steady(source, 14, share=0.7), channel=channel)
    fallen = Incident.objects.filter(metric="csat", direction="down", team__isnull=False)
    nightly.judge_until(UNTIL - 7 * DAY)
    assert fallen.exists()  # half of such falls are found within seven days, nearly all within fourteen
    nightly.judge_until(UNTIL)
    assert fallen.count() == 2
