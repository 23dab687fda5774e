"""Comments are read in bunches; one that breaks the reader is set aside and delays no other."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone

from feedback import classify, sampling, understanding
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.topics import default_rows
from ground import rowqueue
from ground.models import Change, User

pytestmark = pytest.mark.django_db

GOOD = "Ждал сорок минут, никто не ответил. Сделайте обратный звонок."


@pytest.fixture(autouse=True)
def topics(db) -> None:
    for row in default_rows():
        Topic.objects.update_or_create(code=row["code"], defaults=row)


def comment(text: str = GOOD, **fields) -> Comment:
    return Comment.objects.create(source="review", text=text, **fields)


def test_a_comment_gets_labels_with_evidence() -> None:
    row = comment()
    assert classify.classify([row.pk]) == 1
    row.refresh_from_db()
    assert (row.language, row.constructive) == ("ru", True)
    assert row.classified_at and row.lemmas
    assert CommentTopic.objects.filter(comment=row, topic__code="speed").exists()
    label = row.labels.filter(scheme="topic", topic__code="speed").get()
    assert label.source == "rule"
    assert label.version == understanding.VERSION
    start, end, _kind = label.spans[0]
    assert GOOD[start:end]


@pytest.mark.database
def test_a_long_name_of_what_reads_does_not_keep_a_comment_from_being_stored(monkeypatch) -> None:
    """Each column has its length on PostgreSQL alone."""
    source = "fused@rules-3+student-f54840fe+heads-1-5f0c31ab+constructive-1234567"
    read = classify._read

    def named(*given) -> list:
        told = read(*given)
        return [replace(one, constructive=replace(one.constructive, source=source)) for one in told]

    monkeypatch.setattr(classify, "_read", named)
    row = comment()
    assert classify.classify([row.pk]) == 1
    version = row.labels.get(scheme="constructive").version
    assert len(version) <= Label._meta.get_field("version").max_length
    assert version.startswith("fused@rules-3+student-f54840fe+") and version.endswith("+constructive-1234567")


def test_it_marks_the_day_for_the_roll_up() -> None:
    row = comment()
    Change.objects.all().delete()
    classify.classify([row.pk])
    assert Change.objects.filter(scope="comment").exists()


def test_reading_again_adds_labels_and_replaces_what_counts() -> None:
    row = comment()
    classify.classify([row.pk])
    before = row.labels.count()
    Comment.objects.filter(pk=row.pk).update(text="Спасибо, всё отлично!", classified_at=None)
    classify.classify([row.pk])
    row.refresh_from_db()
    assert row.tone == "positive"
    assert not row.topics.filter(topic__code="speed").exists()
    assert row.labels.count() > before


def test_a_persons_word_stands_against_the_machine(manager: User) -> None:
    row = comment()
    Label.objects.create(comment=row, scheme="tone", value="neutral", confidence=1, source="human", author=manager)
    speed = Topic.objects.get(code="speed")
    Label.objects.create(comment=row, scheme="topic", topic=speed, value="no", confidence=1, source="human")
    classify.classify([row.pk])
    row.refresh_from_db()
    assert (row.tone, row.tone_confidence) == ("neutral", 1)
    assert not row.topics.filter(topic=speed).exists()


def test_a_comment_read_once_is_not_read_again() -> None:
    row = comment()
    classify.classify([row.pk])
    assert classify.classify([row.pk]) == 0


@pytest.fixture
def meanwhile(monkeypatch):
    """Lets something happen while texts are read."""
    read = understanding.read

    def happens(what: Callable[[], object]) -> None:
        def reading(texts, **options):
            what()
            return read(texts, **options)

        monkeypatch.setattr(understanding, "read", reading)

    return happens


def test_a_text_that_its_author_changed_while_it_was_read_is_read_again(meanwhile) -> None:
    row = comment()
    meanwhile(lambda: Comment.objects.filter(pk=row.pk).update(text="Спасибо!", lease="", leased_until=None))
    assert classify.classify([row.pk]) == 0
    row.refresh_from_db()
    assert (row.text, row.classified_at, row.labels.count()) == ("Спасибо!", None, 0)


def test_a_comment_that_was_moved_while_it_was_read_gets_the_topics_of_its_new_team(
    meanwhile, team, other_team
) -> None:
    row, speed = comment(team=team), Topic.objects.get(code="speed")
    speed.teams.set([team])
    meanwhile(lambda: Comment.objects.filter(pk=row.pk).update(team=other_team))
    assert classify.classify([row.pk]) == 0
    Comment.objects.filter(pk=row.pk).update(leased_until=timezone.now())
    assert classify.classify([row.pk]) == 1
    assert not row.topics.filter(topic=speed).exists()


def test_what_a_person_says_while_it_is_read_counts(meanwhile, manager: User) -> None:
    row = comment()
    said = {"scheme": "tone", "value": "neutral", "confidence": 1, "source": "human", "author": manager}
    meanwhile(lambda: Label.objects.create(comment=row, **said))
    assert classify.classify([row.pk]) == 1
    row.refresh_from_db()
    assert (row.tone, row.tone_confidence) == ("neutral", 1)


@pytest.fixture
def poison(monkeypatch):
    """The real reader, but for texts that tell it to misbehave."""
    real = understanding.read

    def read(texts, **options):
        for text in texts:
            if "raise" in text:
                raise RuntimeError
            if "hang" in text:
                time.sleep(60)
            if "eat" in text:
                bytearray(4 * 1024**3)
        return real(texts, **options)

    monkeypatch.setattr(understanding, "read", read)


@pytest.mark.parametrize("how", ["raise", "hang", "eat"])
def test_poison_is_quarantined_after_three_tries_and_delays_nobody(poison, monkeypatch, how: str) -> None:
    # On a busy machine the good text may take a second, too.
    monkeypatch.setattr(classify, "ALONE_SECONDS", 2 if how == "hang" else 20)
    classify.warm()
    bad, good = comment(how), comment()
    started = time.monotonic()
    assert classify.classify([bad.pk, good.pk]) == 1
    assert time.monotonic() - started < 30  # half of what the text would hang
    for _again in range(2):
        classify.classify([bad.pk])
    bad.refresh_from_db()
    assert bad.quarantined_at is not None
    assert bad.error
    assert bad.classified_at is None
    assert classify.classify([bad.pk]) == 0


def test_each_text_of_a_bunch_has_its_own_second(monkeypatch) -> None:
    """Many that are slow together are no reason to give up, one that hangs is at once."""

    def read(texts, begun, **options):
        for _text in texts:
            begun(1)
            time.sleep(1.2 * classify.ALONE_SECONDS / len(texts))
        return understanding.reading.by_rules(texts)

    alone = []
    monkeypatch.setattr(understanding, "read", read)
    monkeypatch.setattr(classify, "_one_by_one", lambda *args: alone.append(args) or {})
    assert classify.classify([comment().pk for _number in range(8)]) == 8
    assert not alone


def test_three_dead_workers_do_not_condemn_a_bunch() -> None:
    rows = [comment() for _number in range(5)]
    ids = [row.pk for row in rows]
    for _death in range(2):
        rowqueue.claim(Comment.objects.waiting().filter(attempts=0), ids=ids)
        Comment.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert set(Comment.objects.values_list("attempts", flat=True)) == {1}
    assert classify.classify(ids) == 5
    assert set(Comment.objects.values_list("attempts", flat=True)) == {0}


def test_about_one_in_twenty_is_drawn_into_the_sample_and_stays_there(monkeypatch) -> None:
    drawn = [key for key in range(4000) if sampling.is_drawn(key)]
    assert 150 < len(drawn) < 250
    row = comment()
    monkeypatch.setattr(sampling, "SHARE", 1)
    classify.classify([row.pk])
    assert Comment.objects.get(is_sample=True) == row
    other = comment()
    monkeypatch.setattr(sampling, "SHARE", 0)
    Comment.objects.filter(pk=row.pk).update(classified_at=None)
    classify.classify([row.pk, other.pk])
    assert Comment.objects.get(is_sample=True) == row
