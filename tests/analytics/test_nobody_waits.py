"""Long looks at the counts are no part of a transaction: on SQLite, who writes would wait for them, and in vain."""

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection

from analytics import audit, rollups
from analytics.models import Incident
from analytics.watch import incidents, nightly, replay
from ground import jobs
from ground.models import Job, Team, User
from surveys.models import Survey
from tests.analytics.rows import answer
from tests.analytics.test_deviations import DAY, NOW, UNTIL, fallen, morning, scores, steady

__all__ = ["fallen", "morning"]  # fixtures
pytestmark = pytest.mark.django_db


def depth() -> int:
    """How many transactions are open within that of the test."""
    return len(connection.savepoint_ids)


def test_a_year_is_replayed_outside_and_the_lease_is_kept(
    fallen: None, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    around, judged, renewed = depth(), list[int](), list[int]()
    judge_all = nightly.judge_all

    def judge(*told: Any, **more: Any) -> Any:
        judged.append(depth())
        return judge_all(*told, **more)

    def renew(job: Job) -> bool:
        renewed.append(job.pk)
        return True

    monkeypatch.setattr(nightly, "judge_all", judge)
    monkeypatch.setattr(jobs, "renew", renew)
    monkeypatch.setattr(replay, "BUNCH", 4)
    replay.start("standard", by=administrator)
    job = jobs.finish_now(replay.last(administrator))  # type: ignore[arg-type]
    # Answers and CSAT of the organisation, two teams and two channels.
    assert job.finished_at and job.result["series"] == 10
    assert judged == [around] * 3 and renewed == [job.pk] * 3


def test_the_days_of_all_rows_are_found_before_the_night_is_begun(
    fallen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    around, walked, buckets = depth(), list[int](), rollups.buckets

    def walk() -> Any:
        walked.append(depth())
        return buckets()

    monkeypatch.setattr(rollups, "buckets", walk)
    job = audit.begin_if_due()
    assert job is not None and job.total and walked == [around]
    assert audit.begin_if_due() is None and len(walked) == 1


def test_days_are_found_along_the_index_whatever_the_rows(survey: Survey, django_assert_max_num_queries: Any) -> None:
    """The last answer of a day in Moscow, and the first of the next; New Year, a leap day, and a gap of years."""
    moments = [
        dt.datetime(2020, 2, 29, 12), dt.datetime(2026, 11, 17, 20, 59, 59, 999_999), dt.datetime(2026, 11, 17, 21),
        dt.datetime(2026, 12, 31, 21),
    ]  # fmt: skip
    for moment in moments:
        for _each in range(20):
            answer(survey, 5, at=moment.replace(tzinfo=dt.UTC))
    days = {dt.date(2020, 2, 29), UNTIL, UNTIL + DAY, dt.date(2027, 1, 1)}
    of_tables = sum(len(rollups.TABLES[scope]) for scope in ("response", "repeats"))
    with django_assert_max_num_queries(of_tables + 2 * (len(days) + 1)):
        assert rollups.days_of("response") == days
    assert not rollups.days_of("decision")


def test_how_much_is_found_before_it_is_stored_and_what_people_decide_meanwhile_stays(
    fallen: None, survey: Survey, team: Team, other_team: Team, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    nightly.judge_due()
    row = Incident.objects.get(metric="csat", team=team)
    scores(survey, team, [(UNTIL + DAY, 22, 40)])
    scores(survey, other_team, steady(random.Random(9), 1, until=UNTIL + DAY), channel="email")
    around, looked, extent = depth(), list[int](), incidents.extent

    def slow(judgement: Any, *told: Any) -> Any:
        looked.append(depth())
        if judgement.subject == incidents.subject_of(row):
            incidents.decide(row, Incident.State.ACKNOWLEDGED, by=manager)
        return extent(judgement, *told)

    monkeypatch.setattr(incidents, "extent", slow)
    nightly.judge_until(UNTIL + DAY)
    before = row.points
    row.refresh_from_db()
    assert looked and {*looked} == {around}
    assert (row.state, row.decided_by) == ("acknowledged", manager)
    assert row.points != before and row.points[-1][0] == (UNTIL + DAY).isoformat()
    assert NOW.date() == UNTIL + DAY  # the day itself was judged


def test_who_was_slower_stores_nothing_beside_another_night(fallen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's incidents were not known as these were compared: they would stand there twice."""
    compare = incidents.compare

    def slow(*told: Any, **more: Any) -> Any:
        night = compare(*told, **more)
        with monkeypatch.context() as undone:
            undone.setattr(incidents, "compare", compare)
            nightly.judge_until(UNTIL - DAY)
        return night

    monkeypatch.setattr(incidents, "compare", slow)
    assert nightly.judge_until(UNTIL) == 0
    monkeypatch.setattr(incidents, "compare", compare)
    nightly.judge_until(UNTIL)
    found = [(incidents.subject_of(row), row.direction) for row in Incident.objects.all()]
    assert found and len(found) == len({*found})
