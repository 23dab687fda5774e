"""What is looked at of the newest comments goes by time: keys of anonymous ones are drawn at random."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feedback import anonymous, classify, cue_hits, cue_suggestions, search
from feedback.learning import training
from feedback.learning.corpus import Judged
from feedback.models import Comment, CommentTopic, Label, LearnedModel, Topic
from ground.models import User
from tests.config.reading import make_comment

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=400)


@pytest.fixture
def topic(organisation: Any) -> Topic:
    return Topic.objects.create(code="queue", names={"ru": "Очередь"}, cues={"ru": ["очередь"]})


@pytest.fixture
def comments(organisation: Any) -> list[Comment]:
    """Three that were written lately, and before them a survey that promised to stay anonymous."""
    for number in range(5):
        make_comment(text="Вежливый курьер", pk=anonymous.FIRST + number, said_at=LONG_AGO, received_at=LONG_AGO)
    lately = [make_comment(text="Длинная очередь в кассу") for _number in range(3)]
    assert classify.classify(list(Comment.objects.values_list("pk", flat=True))) == 8
    return lately


def spoken_on(comment: Comment, topic: Topic, author: User) -> None:
    Label.objects.create(
        comment=comment, scheme="topic", topic=topic, value="yes", confidence=1, source="human", author=author,
        version="human",
    )  # fmt: skip


def test_what_cues_find(comments: list[Comment], topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cue_hits, "LOOKED", 3)
    CommentTopic.objects.get_or_create(comment=comments[0], topic=topic, defaults={"confidence": 1.0})
    with CaptureQueriesContext(connection) as context:
        (came,) = cue_hits.outlook([cue_hits.Wanted(topic.cues, topic)])
    assert (came.looked, came.found) == (3, 3)
    assert {sample.comment.pk for sample in came.samples} == {comment.pk for comment in comments}
    if connection.vendor == "sqlite":
        looked = next(query["sql"] for query in context if 'ORDER BY "feedback_comment"."said_at" DESC' in query["sql"])
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {looked}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "feedback_comment_at" in plan and "TEMP B-TREE" not in plan


def test_what_a_cue_was_taken_back_from(comments: list[Comment], topic: Topic, manager: User, monkeypatch: Any) -> None:
    """Who spoke last, not whose key is the greatest."""
    monkeypatch.setattr(cue_hits, "CHECKED", 3)
    spoken = [*Comment.objects.filter(pk__gte=anonymous.FIRST), *comments]
    for comment in spoken:
        spoken_on(comment, topic, manager)
    assert {row.pk for _is_about, row, _found in cue_hits.checked(topic)} == {comment.pk for comment in comments}


def test_words_that_are_everywhere(comments: list[Comment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 3)
    monkeypatch.setattr(search, "APART", 1)
    assert search.is_everywhere("очередь") and not search.is_everywhere("курьер")


def test_what_a_model_would_change(comments: list[Comment], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Judged] = []
    monkeypatch.setattr(training, "LOOKED_AT", 3)
    monkeypatch.setattr(training.lessons, "opened", lambda row: None)
    monkeypatch.setattr(training, "Lessons", lambda held: None)
    monkeypatch.setattr(training, "examined", lambda told, rules, between: seen.extend(told) or [])
    assert training.difference(LearnedModel(scheme="tone"), None, [], lambda: None)["n"] == 3
    assert {one.pk for one in seen} == {comment.pk for comment in comments}


def test_what_cues_are_told_from(comments: list[Comment], topic: Topic, manager: User, monkeypatch: Any) -> None:
    told: list[list[str]] = []
    spoken_on(comments[0], topic, manager)
    monkeypatch.setattr(cue_hits, "LOOKED", 2)
    monkeypatch.setattr(cue_suggestions, "terms", lambda lemmas: told.append(lemmas) or set())
    cue_suggestions.of(topic)
    assert len(told) >= 2 and "очередь" in told[0] and "очередь" in told[1]
