"""`reclassify` reads anew and leaves people's words alone; `quarantine` lists what is stuck and puts it back."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from feedback import classify, erased, reclassify
from feedback.models import Comment, Label
from ground import jobs
from ground.jobs import Progress
from ground.models import Job, User

pytestmark = pytest.mark.django_db


def comment(text: str) -> Comment:
    return Comment.objects.create(source="review", text=text, classified_at=timezone.now(), tone="neutral")


def output(*words: str) -> str:
    told = StringIO()
    call_command(*words, stdout=told)
    return told.getvalue()


def test_comments_are_read_anew_and_a_persons_word_stays(manager: User) -> None:
    wrong, corrected = comment("Ужасное обслуживание, хамят"), comment("Отвратительно, больше не приду")
    Label.objects.create(
        comment=corrected, scheme="tone", value="neutral", confidence=1, source="human", author=manager
    )
    assert "2 read" in output("reclassify", "--per-second", "0")
    wrong.refresh_from_db()
    corrected.refresh_from_db()
    assert (wrong.tone, corrected.tone, corrected.tone_confidence) == ("negative", "neutral", 1)


def test_a_stopped_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassify, "STEP", 1)
    rows = [comment("Ужасно") for _number in range(3)]
    last, done = next(reclassify.read_again(Comment.objects.all()))
    assert (last, done) == (rows[0].pk, 1)
    assert "2 read" in output("reclassify", "--after", str(last), "--per-second", "0")
    assert set(Comment.objects.values_list("tone", flat=True)) == {"negative"}


def test_it_keeps_to_the_rate_and_lets_fresh_comments_go_first() -> None:
    comment("Ужасно")
    fresh = Comment.objects.create(source="review", text="Отлично")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        Comment.objects.filter(pk=fresh.pk).update(classified_at=timezone.now())

    old = Comment.objects.exclude(pk=fresh.pk)
    assert list(reclassify.read_again(old, per_second=0.1, sleep=sleep)) == [(old.get().pk, 1)]
    assert slept[0] == reclassify.PAUSE and 5 < slept[1] <= 10


def test_without_a_worker_a_comment_that_fails_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassify, "STEP", 1)
    monkeypatch.setattr(reclassify, "PAUSE", 0)
    broken, fine = comment("зависло"), comment("Ужасно")
    read = classify._read

    def fails(texts: list[str], *rest: Any) -> list[Any]:
        if "зависло" in texts:
            raise ValueError
        return read(texts, *rest)

    monkeypatch.setattr(classify, "_read", fails)
    assert "done" in output("reclassify", "--per-second", "0")
    broken.refresh_from_db()
    fine.refresh_from_db()
    assert broken.quarantined_at and broken.error == "ValueError" and fine.tone == "negative"


def test_the_job_keeps_to_the_rate_of_the_command(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    comment("Ужасно")
    slept: list[float] = []
    monkeypatch.setattr(reclassify.time, "sleep", slept.append)
    monkeypatch.setattr(reclassify, "PER_SECOND", 0.1)
    jobs.work([reclassify.start(by=manager).pk])
    assert [5 < seconds <= 10 for seconds in slept] == [True]


def test_what_is_stuck_is_listed_and_tried_again() -> None:
    stuck = comment("зависло")
    Comment.objects.filter(pk=stuck.pk).update(
        classified_at=None, quarantined_at=timezone.now(), attempts=3, error="took longer than a second"
    )
    told = output("quarantine", "list")
    assert f"feedback.comment {stuck.pk}" in told and "took longer" in told
    assert "0 rows" in output("quarantine", "retry", "--queue", "ground.job")
    assert "1 rows" in output("quarantine", "retry", "--queue", "feedback.comment", "--id", str(stuck.pk))
    stuck.refresh_from_db()
    assert (stuck.quarantined_at, stuck.attempts) == (None, 0)


def test_what_is_erased_while_it_waits_to_be_read_anew_keeps_what_was_read() -> None:
    rude = Comment.objects.create(source="review", text="Ужасное обслуживание, хамят")
    classify.classify([rude.pk])
    Comment.objects.filter(pk=rude.pk).update(classified_at=None)
    erased.erase_texts([rude.pk])
    assert not Comment.objects.waiting().exists()
    rude.refresh_from_db()
    assert (rude.text, rude.tone) == (erased.WORDS, "negative")


def test_other_jobs_get_their_turn_while_fresh_comments_wait(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassify, "STEP", 1)
    monkeypatch.setattr(reclassify.time, "sleep", lambda seconds: None)
    old = comment("Ужасно")
    for _number in range(2):
        Comment.objects.create(source="review", text="Отлично")
    job = reclassify.start(by=manager)
    assert reclassify._step(job) == Progress(cursor=None, total=3)
    assert Comment.objects.waiting().count() == 1
    Job.objects.update(leased_until=None)
    jobs.finish_now(job)
    old.refresh_from_db()
    job.refresh_from_db()
    assert (old.tone, job.done, bool(job.finished_at)) == ("negative", 3, True)
