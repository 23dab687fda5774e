"""The nightly look: which days it takes, what it does about a wrong count, and whom it tells."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from analytics import audit, rollups, tasks
from analytics.models import RollupClock, ScoreDay
from ground import jobs, notice_mail
from ground.models import Change, Job, Notice, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer
from tests.kept import Cast, again, kept

NIGHT = dt.datetime(2026, 11, 22, 4, tzinfo=ZoneInfo("Europe/Moscow"))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def night(time_machine) -> None:
    time_machine.move_to(NIGHT, tick=False)


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    with kept(django_db_blocker, at=NIGHT, fill=fill) as cast:
        yield cast


organisation, team, counted = again("organisation"), again("team"), again("survey", called="counted")


def fill(cast: Cast) -> None:
    """Sixty days with an answer each, all counted."""
    for back in range(60):
        answer(cast.survey, 5, at=NIGHT - dt.timedelta(days=back))
    while rollups.has_work():
        rollups.roll_up()


def look() -> Job:
    job = audit.begin_if_due()
    assert job is not None
    return jobs.finish_now(job)


def test_takes_the_last_days_and_a_hundredth_of_the_others(counted: Survey) -> None:
    days = [day for _scope, day in look().params["days"]]
    assert {"2026-11-22", "2026-11-21", "2026-11-20", "2026-11-19"} <= set(days)
    assert 4 <= len(days) < 30


def test_begins_once_a_night_and_after_a_night_missed(
    counted: Survey, time_machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.judge_days, "apply_async", lambda **options: None)
    tasks.ring_due()
    tasks.ring_due()
    assert Job.objects.filter(kind="audit").count() == 1
    time_machine.move_to(NIGHT + dt.timedelta(hours=22), tick=False)  # two in the morning
    assert audit.begin_if_due() is None
    time_machine.move_to(NIGHT + dt.timedelta(days=3, hours=9), tick=False)
    assert audit.begin_if_due() is not None


def test_wrong_count_is_counted_anew_and_told_to_administrators(
    counted: Survey, administrator: User, manager: User
) -> None:
    User.objects.update(language="en")
    ScoreDay.objects.filter(day="2026-11-21").update(count=7)
    job = look()
    assert job.result["differences"] == [["ScoreDay", "2026-11-21", 1]]
    while rollups.has_work():
        rollups.roll_up()
    assert rollups.verify().differences == ()
    told = Notice.objects.get(kind="counts")
    assert told.user == administrator
    administrator.refresh_from_db()
    letter = notice_mail.write(administrator, [told])
    assert letter is not None and "21 Nov 2026" in letter.text.replace("\xa0", " ")
    assert "ScoreDay: 1 number" in letter.text


def test_equal_counts_tell_nobody(counted: Survey, administrator: User) -> None:
    assert look().result == {"waiting": 0, "differences": []}
    assert not Notice.objects.exists()


def test_day_with_a_waiting_change_is_no_difference(counted: Survey) -> None:
    ScoreDay.objects.filter(day="2026-11-21").update(count=7)
    Change.mark("response", dt.date(2026, 11, 21))
    assert look().result == {"waiting": 1, "differences": []}


def test_goes_on_where_a_worker_died(counted: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "STEP_SECONDS", 0)
    ScoreDay.objects.filter(day="2026-11-22").update(count=7)
    job = audit.begin_if_due()
    assert job is not None
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    for _ in range(len(job.params["days"]) + 1):
        jobs.work([job.pk])
        Job.objects.filter(pk=job.pk).update(lease="", leased_until=None)
    job.refresh_from_db()
    assert job.finished_at and job.done == job.total and len(job.result["differences"]) == 1


def test_pages_say_when_counts_were_checked_and_who_may_choose(
    client: Client, counted: Survey, administrator: User, manager: User, team: Team
) -> None:
    User.objects.update(language="en")
    look()
    client.force_login(administrator)
    assert "None differed." in client.get("/admin/metrics/").content.decode()
    assert "Counts differed from their rows" in client.get("/admin/notifications/").content.decode()
    client.force_login(manager)
    assert "None differed." not in client.get("/admin/metrics/").content.decode()
    assert "Counts differed from their rows" not in client.get("/admin/notifications/").content.decode()
    assert RollupClock.objects.get().audited_at == NIGHT
