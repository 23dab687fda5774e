"""Corrections are learned by the worker, tried, and used once somebody says so; one click goes back."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from feedback import classify, corrections, reclassify
from feedback.learning import corpus, lessons, promotion, training, trial
from feedback.models import Comment, Label, LearnedModel, Learning, Topic
from feedback.topics import default_rows
from ground import jobs
from ground.models import AuditEntry, Job, User

pytestmark = pytest.mark.django_db
TEXT = "Не кукует плюмбус, {}"


@pytest.fixture(autouse=True)
def alone(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for row in default_rows():
        Topic.objects.update_or_create(code=row["code"], defaults=row)
    classify.warm()  # on a busy machine the first bunch would be cut off while it loads
    monkeypatch.setattr(lessons, "_kept", {})
    yield


def read(*texts: str) -> list[Comment]:
    rows = [Comment.objects.create(source="review", text=text) for text in texts]
    classify.classify([row.pk for row in rows])
    return rows


@pytest.fixture
def corrected(manager: User, monkeypatch: pytest.MonkeyPatch) -> list[Comment]:
    """Forty comments, of which every other one is about a thing that no rule knows."""
    monkeypatch.setattr(trial, "FEWEST", 20)
    rows = read(*(TEXT.format(f"раз {at}") if at % 2 else f"Просто слово {at}" for at in range(40)))
    topic = Topic.objects.get(code="quality")
    for at, row in enumerate(rows):
        corrections.set_topic(row, topic, bool(at % 2), author=manager, seen=10**9)
    read(TEXT.format("опять"))
    return rows


def learn() -> Job:
    """As the bell and the worker do it."""
    for task, due in [(training.look, training.due)]:
        if due(limit=1):
            task()
    while ids := jobs.due(limit=5):
        jobs.work(ids)
    return Job.objects.filter(kind=training.KIND).latest("pk")


def topics_of(comment: Comment) -> set[str]:
    return set(comment.topics.values_list("topic__code", flat=True))


def test_a_worker_learns_and_nothing_changes_until_somebody_promotes(corrected: list[Comment], manager: User) -> None:
    job = learn()
    assert (job.done, job.total, job.finished_at is None, job.result) == (3, 3, False, {"candidates": 1})
    candidate = LearnedModel.objects.waiting().get()
    assert (candidate.scheme, candidate.languages) == ("topic", ["ru"])
    own = candidate.figures["ru"]
    assert own["n"] == 40 and trial.f1(own["after"]) > 0.9 > trial.f1(own["rules"])
    assert candidate.difference["counts"] == {"quality": [1, 0]} and candidate.difference["n"] == 1
    before, after = read(TEXT.format("снова"))[0], None
    assert topics_of(before) == set()
    promotion.promote(candidate.pk, by=manager)
    after = read(TEXT.format("снова"))[0]
    assert topics_of(after) == {"quality"} and topics_of(before) == set(), "no request reads the past"
    label = after.labels.get(scheme="topic")
    assert (label.source, label.version) == (Label.Source.MODEL, f"topics-{candidate.pk}")
    assert "плюмбус" in [after.text[start:end].lower() for start, end, _kind in label.spans]
    assert AuditEntry.objects.get(verb=promotion.PROMOTED).actor == manager


def test_what_reads_now_reads_the_last_months_anew_and_nothing_older(corrected: list[Comment], manager: User) -> None:
    learn()
    young, old = read(TEXT.format("снова"), TEXT.format("давно"))
    Comment.objects.filter(pk=old.pk).update(said_at=timezone.now() - dt.timedelta(days=91))
    first = promotion.promote(LearnedModel.objects.waiting().get().pk, by=manager)
    (job,) = jobs.waiting().filter(kind=reclassify.KIND)
    assert reclassify.start_recent(by=None) == job and reclassify.start(by=manager) != job
    Job.objects.exclude(pk=job.pk).filter(kind=reclassify.KIND).delete()
    assert "90" in str(jobs.kind_of(job).title(job))
    jobs.finish_now(job)
    assert topics_of(young) == {"quality"} and topics_of(old) == set()
    assert promotion.changed_at("topic") == {"ru": first.promoted_at} and promotion.changed_at("tone") == {}
    promotion.roll_back(first.pk, by=manager)
    (job,) = jobs.waiting().filter(kind=reclassify.KIND)
    jobs.finish_now(job)
    assert topics_of(young) == set() and promotion.changed_at("topic")["ru"] > first.promoted_at


def test_rolling_back_brings_the_former_one_and_then_the_rules(corrected: list[Comment], manager: User) -> None:
    learn()
    first = promotion.promote(LearnedModel.objects.waiting().get().pk, by=manager)
    second = LearnedModel.objects.get(pk=first.pk)
    second.pk = second.promoted_at = second.promoted_by = None
    second = promotion.promote(promotion.store(second, is_good=True).pk, by=manager)
    assert promotion.standing()["topic"]["former"] == first
    assert promotion.roll_back(second.pk, by=manager) == first
    assert topics_of(read(TEXT.format("снова"))[0]) == {"quality"}
    with pytest.raises(promotion.Overtaken):
        promotion.roll_back(second.pk, by=manager)
    assert promotion.roll_back(first.pk, by=manager) is None
    assert topics_of(read(TEXT.format("и вот"))[0]) == set()
    assert AuditEntry.objects.filter(verb=promotion.ROLLED_BACK).count() == 2


def test_a_discarded_candidate_is_never_used_and_a_second_decision_comes_late(
    corrected: list[Comment], manager: User
) -> None:
    learn()
    pk = LearnedModel.objects.waiting().get().pk
    promotion.discard(pk, by=manager)
    with pytest.raises(promotion.Overtaken):
        promotion.promote(pk, by=manager)
    assert not LearnedModel.objects.active().exists() and AuditEntry.objects.get(verb=promotion.DISCARDED)


def test_where_it_is_allowed_a_good_one_is_promoted_at_once(corrected: list[Comment], manager: User) -> None:
    promotion.set_automatic(True, by=manager)
    learn()
    active = LearnedModel.objects.active().get()
    assert active.promoted_by is None and AuditEntry.objects.get(verb=promotion.SET)


def test_what_was_rolled_back_does_not_come_back_by_itself(corrected: list[Comment], manager: User) -> None:
    promotion.set_automatic(True, by=manager)
    learn()
    promotion.roll_back(LearnedModel.objects.active().get().pk, by=manager)
    training.start(by=None)
    learn()
    assert not LearnedModel.objects.active().exists() and LearnedModel.objects.waiting().exists()
    assert not promotion.Learning.current().is_automatic and AuditEntry.objects.filter(verb=promotion.SET).count() == 2


def test_worse_or_too_few_is_kept_as_figures_only(corrected: list[Comment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "FEWEST", 41)
    assert learn().result == {"candidates": 0}
    refused = promotion.standing()["topic"]["refused"]
    assert refused.figures["ru"]["verdict"] == trial.FEW and not refused.weights


def test_no_language_loses_its_model(corrected: list[Comment], manager: User) -> None:
    learn()
    LearnedModel.objects.waiting().update(languages=["en", "ru"])
    promotion.promote(LearnedModel.objects.waiting().get().pk, by=manager)
    assert promotion.loses(["ru"], scheme="topic") == {"en"} and not promotion.loses(["en", "ru"], scheme="topic")
    assert training.train("topic", between=lambda: None).discarded_at


@pytest.mark.parametrize("spoilt", [b"", b"nonsense", b"PK\x05\x06" + b"\0" * 18])
def test_a_broken_model_stops_nothing_and_is_named(corrected: list[Comment], manager: User, spoilt: bytes) -> None:
    learn()
    row = promotion.promote(LearnedModel.objects.waiting().get().pk, by=manager)
    LearnedModel.objects.filter(pk=row.pk).update(weights=spoilt)
    after = read("Долго ждал ответа", TEXT.format("снова"))
    assert [topics_of(comment) for comment in after] == [{"speed"}, set()]
    assert LearnedModel.objects.get().error == "ValueError"


def test_ten_new_comments_or_a_night_begin_it(corrected: list[Comment], manager: User) -> None:
    learning = Learning.current()
    assert corpus.new_since(0) == 40 and training.due(limit=1) == [learning.pk]
    assert learn() and not training.due(limit=1), "it rests for ten minutes"
    assert training.look() is None, "nothing new was said"
    corrections.correct_tone(corrected[0], "neutral", author=manager, seen=10**9)
    assert training.look() is None, "one is not enough by day"
    Learning.objects.update(trained_at=timezone.now() - dt.timedelta(days=1))
    with time_machine.travel(dt.datetime(2031, 5, 2, 0, 30, tzinfo=dt.UTC)):  # half past three in Moscow
        assert training.look()
        assert training.look() is None, "one at a time"


def test_where_it_fails_it_is_not_begun_again_every_ten_minutes(
    corrected: list[Comment], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "train", lambda scheme, between: 1 / 0)
    job = training.look()
    assert job
    for _attempt in range(3):
        jobs.work([job.pk])
        Job.objects.update(leased_until=None)
    job.refresh_from_db()
    assert (job.error, bool(job.quarantined_at)) == ("ZeroDivisionError", True)
    assert training.look() is None
    Job.objects.update(quarantined_at=timezone.now() - dt.timedelta(hours=13))
    assert training.look()


def test_what_nobody_judged_is_not_taken_for_a_no(manager: User) -> None:
    speed, price = (Topic.objects.get(code=code) for code in ("speed", "price"))
    row, untouched = read("Долго ждал и дорого", "Дорого и долго")
    read("Дорого")
    corrections.set_topic(row, speed, True, author=manager, seen=10**9)
    corrections.correct_tone(untouched, "neutral", author=manager, seen=10**9)
    own, other = corpus.judged()
    assert own.topics == {"speed": True}, "price was read and neither confirmed nor denied; the others are too young"
    assert (other.topics, other.tone) == ({}, "neutral")
    corrections.set_topic(untouched, price, False, author=manager, seen=10**9)
    assert corpus.judged()[1].topics["price"] is False


def queries(function: Any, count: Any) -> int:
    with count(100) as seen:
        function()
    return len(seen.captured_queries)


def test_looking_for_a_promotion_costs_a_worker_one_query(
    corrected: list[Comment], manager: User, django_assert_max_num_queries: Any
) -> None:
    learn()
    promotion.promote(LearnedModel.objects.waiting().get().pk, by=manager)
    lessons.refresh()
    assert queries(lessons.refresh, django_assert_max_num_queries) == 1
