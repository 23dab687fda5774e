"""A host that started years ahead, and whose clock was set back then: what is done once a night is done again."""

import datetime as dt
from typing import Any

import pytest

from analytics import audit, month_sums
from analytics.models import Incident, MonthSum, RollupClock, Watch
from analytics.staying import counting
from analytics.watch import nightly
from ground import jobs
from tests.analytics.test_deviations import DAY, NOW, UNTIL, fallen, morning

__all__ = ["fallen", "morning"]  # fixtures
pytestmark = pytest.mark.django_db
YEARS = 2000 * DAY


@pytest.fixture
def host(fallen: None, time_machine: Any) -> None:
    """It has done all of a night in a time to come."""
    time_machine.move_to(NOW + YEARS, tick=False)
    RollupClock.objects.update(as_of=NOW + YEARS)
    nightly.judge_due()
    assert audit.begin_if_due()
    job = counting.ask("all")
    assert job and jobs.finish_now(job).finished_at
    time_machine.move_to(NOW, tick=False)
    RollupClock.objects.update(as_of=NOW)


def test_deviations_are_found(host: None) -> None:
    assert Watch.objects.get().judged_until == UNTIL + YEARS
    assert nightly.is_due() and nightly.judge_due()
    assert Incident.objects.filter(metric="csat", direction="down", last_day__gte=UNTIL - 10 * DAY).exists()
    assert Watch.objects.get().judged_until == UNTIL and not nightly.is_due()


def test_counts_are_held_against_their_rows(host: None) -> None:
    assert audit.begin_if_due()
    assert audit.begin_if_due() is None


def test_who_left_is_counted(host: None) -> None:
    assert counting.of_last_month("all") is None
    job = counting.ask("all")
    assert job and jobs.finish_now(job).finished_at
    counts = counting.newest("all")
    assert counts and counts.day == UNTIL and counting.ask("all") is None


def test_months_are_summed() -> None:
    MonthSum.objects.create(scope="response", month=dt.date(2026, 9, 1), changed_at=NOW + YEARS)
    assert month_sums.is_due()


def test_another_time_zone_is_no_clock_ahead() -> None:
    """What was judged in the east is judged in the west, where the day is not over yet."""
    Watch.objects.create(pk=1, judged_until=UNTIL + 2 * DAY)
    assert not nightly.is_due() and nightly.judge_until(UNTIL) == 0
