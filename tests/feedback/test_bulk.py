"""One act on many comments: what changes, what is left alone, how it goes on, and how it is taken back."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone, translation

from feedback import anonymous, bulk, classify, corrections, labels, reading, tags
from feedback.models import BulkStep, Comment, CommentTag, CommentTopic, Label, ReadMark, Topic
from ground import jobs
from ground.models import Change, Job, Membership, Team, User
from tests.config.reading import label, make_comment, make_topic

pytestmark = pytest.mark.django_db
SEEN_ALL = 2**62


@pytest.fixture
def rows(team: Team) -> list[Comment]:
    """Three complaints about delays."""
    topic = make_topic()
    made = [label(make_comment(team=team, said_at=moment(number)), topic=topic) for number in range(3)]
    with transaction.atomic():
        labels.bring_up_to_date(*map(fresh, made))  # the columns as the labels say
    return made


def moment(number: int) -> dt.datetime:
    return dt.datetime(2026, 5, 12, 12, tzinfo=dt.UTC) - dt.timedelta(hours=number)


def done_at_once(act: str, value: str = "", *, by: User, rows: list[Comment], seen: int = SEEN_ALL) -> Job:
    return jobs.finish_now(bulk.start(act, value, by=by, seen=seen, ids=[row.pk for row in rows]))


def taken_back(job: Job, by: User) -> Job:
    undoing = jobs.undo(job, by=by)
    assert undoing
    return jobs.finish_now(undoing)


def fresh(row: Comment) -> Comment:
    return Comment.objects.get(pk=row.pk)


def told(job: Job) -> str:
    says = jobs.kind_of(job).told
    assert says
    return says(job)


def state(rows: list[Comment]) -> list[Any]:
    """All that an act may change."""
    return [
        (row.tone, row.tone_confidence, row.polarity, row.constructive, row.constructive_confidence, bool(row.done_at),
         sorted(row.topics.values_list("topic__code", flat=True)), sorted(row.tags.values_list("tag__name", flat=True)),
         ReadMark.objects.filter(comment=row).count())
        for row in map(fresh, rows)
    ]  # fmt: skip


ACTS = [
    ("done", "", lambda row: bool(row.done_at)),
    ("read", "", lambda row: ReadMark.objects.filter(comment=row).exists()),
    ("tone", "mixed", lambda row: (row.tone, row.tone_confidence) == ("mixed", 1)),
    ("constructive", "yes", lambda row: row.constructive and row.constructive_confidence == 1),
    ("topic_on", "patience", lambda row: row.topics.filter(topic__code="patience", confidence=1).exists()),
    ("topic_off", "delays", lambda row: not row.topics.filter(topic__code="delays").exists()),
    ("tag_on", "#Возврат", lambda row: row.tags.filter(tag__name="Возврат").exists()),
]


@pytest.mark.parametrize(("act", "value", "holds"), ACTS, ids=[act for act, *_rest in ACTS])
def test_an_act_reaches_every_comment_and_is_taken_back(
    rows: list[Comment], manager: User, act: str, value: str, holds: Any
) -> None:
    make_topic("patience", "Терпение")
    before = state(rows)
    job = done_at_once(act, value, by=manager, rows=rows)
    assert job.finished_at and job.result["changed"] == 3
    assert all(holds(fresh(row)) for row in rows)
    assert taken_back(job, manager).result == {"changed": 3, "others": 0}
    assert state(rows) == before


@pytest.mark.parametrize("act", ["reopen", "unread", "tag_off"])
def test_what_was_there_comes_back_when_its_removal_is_taken_back(rows: list[Comment], manager: User, act: str) -> None:
    for row in rows:
        reading.mark_done(row, by=manager)
        tags.add(row, "Возврат", author=manager)
    before = state(rows)
    job = done_at_once(act, "возврат" if act == "tag_off" else "", by=manager, rows=rows)
    assert job.result["changed"] == 3
    assert state(rows) != before
    taken_back(job, manager)
    assert state(rows) == before


def test_who_had_done_a_comment_and_when_comes_back(rows: list[Comment], manager: User, administrator: User) -> None:
    for row, person in zip(rows, (administrator, manager, administrator), strict=True):
        reading.mark_done(row, by=person)
    before = [(row.done_at, row.done_by) for row in map(fresh, rows)]
    job = done_at_once("reopen", by=manager, rows=rows)
    assert job.result["changed"] == 3
    taken_back(job, manager)
    assert [(row.done_at, row.done_by) for row in map(fresh, rows)] == before


def test_corrections_are_labels_of_a_person_and_mark_the_days(rows: list[Comment], manager: User) -> None:
    Change.objects.all().delete()
    done_at_once("tone", "positive", by=manager, rows=rows)
    stated = Label.objects.filter(source="human")
    assert {(row.comment_id, row.author, row.value) for row in stated} == {
        (row.pk, manager, "positive") for row in rows
    }
    assert set(Change.objects.values_list("scope", flat=True)) == {"comment"}
    Change.objects.all().delete()
    done_at_once("done", by=manager, rows=rows)
    assert not Change.objects.exists()


def test_what_others_said_since_is_left_alone_and_told(rows: list[Comment], manager: User, administrator: User) -> None:
    seen = Label.objects.latest("pk").pk
    corrections.correct_tone(rows[0], "neutral", author=administrator, seen=seen)
    corrections.correct_tone(rows[1], "mixed", author=manager, seen=seen)
    job = done_at_once("tone", "mixed", by=manager, rows=rows, seen=seen)
    assert [fresh(row).tone for row in rows] == ["neutral", "mixed", "mixed"]
    assert job.result == {"changed": 1, "others": 1, "same": 1, "missing": 0}


def test_the_sentence_tells_what_changed_and_why_not(rows: list[Comment], manager: User, other_team: Team) -> None:
    reading.mark_done(rows[0], by=manager)
    foreign = make_comment(team=other_team)
    job = done_at_once("done", by=manager, rows=[*rows, foreign])
    with translation.override("en"):
        assert told(job) == "Changed: 2. Left alone: 2 (already so: 1, no longer there or not yours: 1)."
        assert told(taken_back(job, manager)) == "Taken back: 2."


@pytest.mark.parametrize("act", ["done", "tone"])
def test_only_comments_of_teams_that_the_author_manages_at_that_moment(
    rows: list[Comment], manager: User, other_team: Team, act: str
) -> None:
    Membership.objects.create(user=manager, team=other_team, role="viewer")
    seen_only = label(make_comment(team=other_team))
    job = bulk.start(act, "mixed", by=manager, seen=SEEN_ALL, ids=[rows[0].pk, seen_only.pk])
    assert jobs.finish_now(job).result["changed"] == 1
    assert (fresh(seen_only).tone, fresh(seen_only).done_at) == ("negative", None)
    later = bulk.start(act, "neutral", by=manager, seen=SEEN_ALL, found_by={}, newest=2**62)
    Membership.objects.filter(user=manager).delete()
    assert jobs.finish_now(later).result["changed"] == 0
    assert jobs.finish_now(jobs.undo(job, by=manager) or job).result["changed"] == 0


def test_a_filter_holds_when_the_step_runs_and_later_comments_are_left_out(
    rows: list[Comment], manager: User, team: Team
) -> None:
    newest = max(row.pk for row in rows)
    job = bulk.start("done", "", by=manager, seen=0, newest=newest, found_by={"tone": "negative", "state": "open"})
    assert job.total == 3
    label(make_comment(team=team))
    corrections.correct_tone(rows[2], "positive", author=manager, seen=SEEN_ALL)
    jobs.finish_now(job)
    assert [bool(fresh(row).done_at) for row in rows] == [True, True, False]
    assert Comment.objects.exclude(done_at=None).count() == 2
    assert job.result == {"changed": 2, "others": 0, "same": 0, "missing": 1}


def test_later_comments_are_left_out_beside_those_whose_keys_are_drawn_at_random(
    rows: list[Comment], manager: User, team: Team
) -> None:
    later = make_comment(team=team)
    drawn = make_comment(pk=anonymous.FIRST + 7, team=team)
    Comment.objects.filter(pk=drawn.pk).update(received_at=rows[0].received_at)
    looked = later.received_at - dt.timedelta(microseconds=1)
    Comment.objects.filter(pk=later.pk).update(received_at=looked + dt.timedelta(hours=1))
    seen, newest = bulk.newest_at(looked)
    job = bulk.start("done", "", by=manager, seen=seen, newest=newest, looked=looked, found_by={"state": "open"})
    assert job.total == 4
    make_comment(pk=anonymous.FIRST + 5, team=team, received_at=looked + dt.timedelta(hours=1))
    assert jobs.finish_now(job).result == {"changed": 4, "others": 0, "same": 0, "missing": 0}
    assert [bool(fresh(row).done_at) for row in (*rows, drawn, later)] == [True, True, True, True, False]


def test_steps_go_through_a_filter_that_their_own_work_empties(
    manager: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several comments share each moment, and each one done leaves the filter."""
    monkeypatch.setattr(bulk, "STEP", 4)
    made = [make_comment(team=team, said_at=moment(number // 3)) for number in range(18)]
    job = bulk.start("done", "", by=manager, seen=0, newest=made[-1].pk, found_by={"state": "open"})
    jobs.finish_now(job)
    assert (job.done, job.result["changed"], job.result["missing"]) == (18, 18, 0)
    assert not Comment.objects.filter(done_at=None).exists()
    assert BulkStep.objects.filter(job=job).count() == 18
    undone = taken_back(job, manager)
    assert (undone.done, undone.result["changed"]) == (18, 18)
    assert not Comment.objects.exclude(done_at=None).exists()


def test_a_search_can_be_worked_through(rows: list[Comment], manager: User) -> None:
    Comment.objects.update(classified_at=None)
    classify.classify([row.pk for row in rows])
    job = bulk.start("tag_on", "ждут", by=manager, seen=0, newest=2**62, found_by={"q": '"долго ждать"'})
    assert jobs.finish_now(job).result["changed"] == 3


@pytest.mark.parametrize("act", ["done", "tone", "tag_on"])
def test_taking_back_leaves_alone_what_somebody_has_touched_since(
    rows: list[Comment], manager: User, administrator: User, act: str
) -> None:
    job = done_at_once(act, "mixed", by=manager, rows=rows)
    if act == "done":
        reading.reopen(rows[0])
        reading.mark_done(rows[0], by=administrator)
    elif act == "tone":
        corrections.correct_tone(rows[0], "neutral", author=administrator, seen=SEEN_ALL)
    else:
        CommentTag.objects.filter(comment=rows[0]).delete()
        tags.add(rows[0], "mixed", author=administrator)
    assert taken_back(job, manager).result == {"changed": 2, "others": 1}
    first = fresh(rows[0])
    assert (first.done_by, first.tone, first.tags.count()) == {
        "done": (administrator, "negative", 0),
        "tone": (None, "neutral", 0),
        "tag_on": (None, "negative", 1),
    }[act]


def test_a_word_taken_back_one_by_one_is_not_taken_back_twice(rows: list[Comment], manager: User) -> None:
    job = done_at_once("tone", "mixed", by=manager, rows=rows)
    corrections.undo(fresh(rows[0]), author=manager)
    undoing = taken_back(job, manager)
    with translation.override("en"):
        assert told(undoing) == "Taken back: 2. Left alone: 1 (changed since or not yours: 1)."
    assert Label.objects.exclude(takes_back=None).count() == 3


def test_the_marks_of_others_stay(rows: list[Comment], manager: User, administrator: User) -> None:
    reading.mark_read(rows[0], reader=administrator)
    reading.mark_read(rows[1], reader=manager)
    job = done_at_once("read", by=manager, rows=rows)
    assert job.result["changed"] == 2
    taken_back(job, manager)
    assert set(ReadMark.objects.values_list("user", "comment")) == {
        (administrator.pk, rows[0].pk), (manager.pk, rows[1].pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("act", "value"),
    [("tone", "angry"), ("constructive", "perhaps"), ("topic_on", "nothing"), ("topic_on", "idle"), ("tag_off", "no"),
     ("tag_on", "  "), ("", ""), ("delete", "")],
)  # fmt: skip
def test_acts_that_nobody_offers_are_refused(rows: list[Comment], manager: User, act: str, value: str) -> None:
    Topic.objects.create(code="idle", is_active=False)
    with pytest.raises(ValueError):
        bulk.start(act, value, by=manager, seen=0, ids=[rows[0].pk])
    assert not Job.objects.exists()


def test_a_topic_that_is_gone_meanwhile_sets_the_job_aside(rows: list[Comment], manager: User) -> None:
    topic = make_topic("patience", "Терпение")
    job = bulk.start("topic_on", "patience", by=manager, seen=0, ids=[rows[0].pk])
    topic.delete()
    assert jobs.finish_now(job).error == "This topic is gone."
    assert not CommentTopic.objects.filter(topic__code="patience").exists()


@pytest.mark.parametrize(("act", "value"), [("tone", "mixed"), ("topic_on", "patience"), ("done", ""), ("tag_on", "x")])
def test_a_step_takes_a_fixed_number_of_statements(
    team: Team, manager: User, act: str, value: str, django_assert_max_num_queries: Any
) -> None:
    topic = make_topic()
    make_topic("patience", "Терпение")

    def statements(count: int) -> int:
        rows = [label(make_comment(team=team, said_at=moment(number)), topic=topic) for number in range(count)]
        job = bulk.start(act, value, by=manager, seen=0, ids=[row.pk for row in rows])
        with django_assert_max_num_queries(60) as asked:
            jobs.finish_now(job)
            undoing = jobs.undo(job, by=manager)
            assert undoing
            jobs.finish_now(undoing)
        assert undoing.result["changed"] == count
        return len(asked.captured_queries)

    assert statements(3) == statements(60)


def test_names_are_told_in_the_readers_language(rows: list[Comment], manager: User) -> None:
    job = done_at_once("topic_off", "delays", by=manager, rows=rows)
    with translation.override("en"):
        assert jobs.kind_of(job).title(job) == "Remove topic: Delays · 3 comments"
    with translation.override("ru"):
        assert "Опоздания" in jobs.kind_of(job).title(job)


def test_a_worker_that_died_between_steps_is_followed_by_another(
    manager: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP", 2)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)
    rows = [label(make_comment(team=team, said_at=moment(number))) for number in range(5)]
    job = bulk.start("tone", "mixed", by=manager, seen=0, ids=[row.pk for row in rows])
    jobs.work([job.pk])
    Job.objects.update(lease="dead", leased_until=timezone.now())
    for _turn in range(3):
        jobs.work([job.pk])
    job.refresh_from_db()
    assert (job.done, bool(job.finished_at)) == (5, True)
    assert Label.objects.filter(source="human").count() == 5
