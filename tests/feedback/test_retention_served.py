"""An answer that loses its customer stays where it was among those who were served in time, or late."""

import datetime as dt

import pytest

from analytics import served_counts
from analytics.models import ServedDay, ServiceLevel
from feedback import retention, served_filter
from feedback.models import Response
from ground.models import Team
from surveys.models import Interaction, Survey
from tests.feedback.test_retention import answered, count_all, kept

__all__ = ["kept"]  # a fixture
pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_what_ended_late_without_a_reply_stays_late(kept: Survey, team: Team) -> None:
    """By its source, which tells of replies: that of what stands for it tells of none."""
    ServiceLevel.objects.create(minutes=60, is_working_time=False, since=dt.date(2020, 1, 1))
    answered(kept, ago=60, team=team)  # to this one somebody replied
    old = answered(kept, ago=130, team=team)
    contact = Interaction.objects.filter(pk=old.invitation.interaction_id)
    contact.update(first_response_at=None, response_working_seconds=None)
    before, late = count_all(), served_filter.read("within:late", sees_all=True)
    assert late and served_counts.histograms(ServedDay.objects.all())["within", "late"].total() == 1
    assert Response.objects.filter(served_filter.of_responses(late)).get() == old
    assert retention.forget([kept.pk]) == 1
    after = count_all()
    assert {table: set(rows) ^ set(before[table]) for table, rows in after.items() if rows != before[table]} == {}
    assert Response.objects.filter(served_filter.of_responses(late)).get() == old
