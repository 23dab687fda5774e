"""Long work goes on step by step: cursors, turns, dead workers, failures, cancelling and taking back."""

import datetime as dt
import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone, translation

from ground import job_cards, jobs, rowqueue
from ground.jobs import GaveUp, Kind, Progress
from ground.models import Change, Job, User

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kind that leaves one mark a step, one that takes marks away, and some that misbehave."""
    monkeypatch.setattr(jobs, "_kinds", {})
    monkeypatch.setattr(jobs, "_load", lambda: None)
    for kind in (
        Kind("count", title=str, step=count, undo="uncount"),
        Kind("uncount", title=str, step=lambda job: Progress(finished=True)),
        Kind("found", title=str, find=lambda job: ["looked up"], step=note_found),
        Kind("raise", title=str, step=fail),
        Kind("give_up", title=str, step=give_up),
        Kind("outside", title=str, step=outside, outside=True),
    ):
        jobs.register(kind)
    yield


def count(job: Job) -> Progress:
    at = job.cursor or 0
    Change.mark("step", DAY + dt.timedelta(days=at))
    if at == job.params.get("fails_at"):
        raise RuntimeError
    return Progress(cursor=at + 1, rows=10, finished=at + 1 == job.params["steps"], result={"changed": at + 1})


def note_found(job: Job, found: list[str]) -> Progress:
    return Progress(finished=True, result={"found": found})


def fail(job: Job) -> Progress:
    Change.mark("step", DAY)
    raise ValueError("olga@example.org")


def give_up(job: Job) -> Progress:
    raise GaveUp("This topic is gone.")


def outside(job: Job) -> Progress:
    Job.objects.filter(pk=job.pk).update(cancelled_at=timezone.now())
    return Progress(rows=1, finished=True)


def begin(kind: str = "count", **params: Any) -> Job:
    return jobs.start(kind, params={"steps": 3} | params, author=None, total=30)


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def let_go(job: Job) -> None:
    """As if the lease had run out."""
    Job.objects.filter(pk=job.pk, quarantined_at=None).update(leased_until=timezone.now())


def test_work_that_this_version_does_not_know_stands_aside_and_says_so() -> None:
    """An upgrade, or the way back from one, may leave such rows."""
    job, known = begin("gone"), begin()
    jobs.work([job.pk, known.pk])
    with translation.override("en"):
        card = job_cards.card(again(job))
        assert "gone" in card.title and "knows no such work" in card.said and card.has_failed and card.may_stop
        assert again(known).finished_at
        assert jobs.cancel(again(job)) and "knows no such work" in job_cards.card(again(job)).said


def test_steps_follow_the_cursor_to_the_end() -> None:
    job = begin()
    jobs.work([job.pk])
    assert (again(job).done, job.cursor, job.result) == (30, 3, {"changed": 3})
    assert job.finished_at and not job.lease
    assert sorted(Change.objects.values_list("day", flat=True)) == [DAY + dt.timedelta(days=n) for n in range(3)]
    jobs.work([job.pk])
    assert Change.objects.count() == 3


def test_what_was_found_before_the_transaction_reaches_the_step() -> None:
    assert jobs.finish_now(begin("found")).result == {"found": ["looked up"]}


def test_a_turn_ends_and_others_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    first, second, third = begin(), begin(), begin()
    served = []
    for _turn in range(6):
        pk = jobs.due(limit=20)[0]
        served.append(pk)
        jobs.work([pk])
    assert served == [first.pk, second.pk, third.pk] * 2
    assert [row.done for row in Job.objects.order_by("pk")] == [20, 20, 20]


def test_a_job_that_somebody_holds_is_left_to_them() -> None:
    job = begin()
    rowqueue.claim(jobs.waiting(), ids=[job.pk])
    assert jobs.due(limit=20) == []
    jobs.work([job.pk])
    assert again(job).done == 0


def test_a_step_that_fails_leaves_nothing_and_the_third_failure_sets_the_job_aside() -> None:
    job = begin(fails_at=1)
    for _time in range(3):
        jobs.work([job.pk])
        let_go(job)
    assert (again(job).done, job.cursor, job.error) == (10, 1, "RuntimeError")
    assert Change.objects.count() == 1
    assert job.quarantined_at is not None
    assert jobs.due(limit=20) == []


def test_trying_again_goes_on_at_the_cursor() -> None:
    job = begin(fails_at=1)
    assert not jobs.retry(job)
    for _time in range(3):
        jobs.work([job.pk])
        let_go(job)
    Job.objects.update(params={"steps": 3})
    assert jobs.retry(job)
    jobs.work([job.pk])
    assert again(job).finished_at is not None
    assert Change.objects.count() == 3


def test_what_an_error_says_is_not_kept() -> None:
    job = begin("raise")
    jobs.work([job.pk])
    assert again(job).error == "ValueError"


def test_giving_up_sets_aside_at_once_with_its_sentence() -> None:
    job = begin("give_up")
    jobs.work([job.pk])
    assert again(job).quarantined_at is not None
    assert job.error == "This topic is gone."


def test_a_worker_that_lost_its_lease_stores_nothing() -> None:
    job = begin()
    claimed = rowqueue.claim(jobs.waiting(), ids=[job.pk])
    let_go(job)
    rowqueue.claim(jobs.waiting(), ids=[job.pk])
    assert not jobs._step(claimed)
    assert Change.objects.count() == 0


def test_three_dead_workers_set_a_job_aside() -> None:
    job = begin()
    for _death in range(3):
        rowqueue.claim(jobs.waiting(), ids=[job.pk])
        let_go(job)
    assert rowqueue.sweep(jobs.waiting()) == 1


def test_an_unknown_kind_is_set_aside_too() -> None:
    job = begin("nobody knows")
    for _time in range(3):
        jobs.work([job.pk])
        let_go(job)
    assert (again(job).error, bool(job.quarantined_at)) == (jobs.NOBODYS, True)


def test_cancelling_stops_before_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    job = begin()
    jobs.work([job.pk])
    assert jobs.cancel(job)
    assert not jobs.cancel(job)
    jobs.work([job.pk])
    assert again(job).done == 10
    assert Change.objects.count() == 1


def test_what_was_cancelled_during_a_step_outside_stores_nothing() -> None:
    assert jobs.finish_now(begin("outside")).done == 0


def test_only_what_is_over_can_be_taken_back_and_only_once(manager: User, outsider: User) -> None:
    job = begin()
    assert jobs.undo(job, by=manager) is None
    jobs.finish_now(job)
    undoing = jobs.undo(job, by=manager)
    assert undoing and (undoing.kind, undoing.undoes, undoing.total) == ("uncount", job, 3)
    assert jobs.undo(job, by=outsider) == undoing
    jobs.finish_now(undoing)
    assert not jobs.may_undo(undoing)
    assert not jobs.may_undo(Job.objects.get(pk=job.pk))


def test_a_turn_lasts_about_as_long_as_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_SECONDS", 7)
    clock = itertools.count()  # a step takes a second, however busy the machine is
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    job = begin(steps=10**6)
    jobs.work([job.pk])
    assert (again(job).cursor, job.attempts) == (7, 0)
