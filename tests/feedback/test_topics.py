"""The tree of topics: what counts for what, and what merging, splitting, archiving and reading the past come to."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from analytics import rollups
from feedback import (
    classify,
    corrections,
    cue_hits,
    erased,
    filters,
    labels,
    reclassify,
    taxonomy,
    taxonomy_file,
    topic_work,
    topics,
)
from feedback.learning import corpus, lessons
from feedback.models import Comment, CommentTopic, Label, Topic
from feedback.understanding import Reading, TopicVerdict
from feedback.understanding.learned import Lessons
from ground import jobs
from ground.access import scope_of
from ground.models import AuditEntry, Job, Team, User
from surveys.models import Survey
from tests.config.reading import make_comment

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_work, "PER_SECOND", 1e9)
    classify.warm()  # a busy machine takes longer to load than a bunch may take to read
    Topic.objects.update(is_active=False)  # the default taxonomy


def make(code: str, *cues: str, **fields: Any) -> Topic:
    return Topic.objects.create(code=code, names={"ru": code, "en": code}, cues={"ru": list(cues)}, **fields)


def read(text: str, **fields: Any) -> Comment:
    comment = make_comment(text=text, **fields)
    assert classify.classify([comment.pk]) == 1
    return comment


def of(comment: Comment) -> list[str]:
    return sorted(CommentTopic.objects.filter(comment=comment).values_list("topic__code", flat=True))


def done(job: Job) -> Job:
    job = jobs.finish_now(job)
    assert job.finished_at
    return job


def found(code: str, by: User) -> set[int]:
    return set(filters.comments_found({"topic": code}, reader=by, scope=scope_of(by)).values_list("pk", flat=True))


def counts_hold() -> None:
    while rollups.roll_up():
        pass
    assert not rollups.verify().differences


def seen() -> int:
    return Label.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_a_topic_counts_for_the_one_it_belongs_to(administrator: User) -> None:
    service = make("service")
    make("queue", "очередь", parent=service)
    comment = read("Огромная очередь")
    assert of(comment) == ["queue", "service"]
    assert found("service", administrator) == {comment.pk}
    corrections.set_topic(comment, service, False, author=administrator, seen=seen())
    assert of(comment) == ["queue"]
    corrections.set_topic(comment, service, True, author=administrator, seen=seen())
    corrections.set_topic(comment, Topic.objects.get(code="queue"), False, author=administrator, seen=seen())
    assert of(comment) == ["service"]


def test_a_topic_is_read_only_where_it_belongs(
    team: Team, other_team: Team, survey: Survey, nps_survey: Survey
) -> None:
    returns, deep = make("back"), make("deep", "возврат")
    returns.teams.add(team)
    deep.parent = returns
    deep.save()
    asked = make("asked", "возврат")
    asked.surveys.add(survey)
    assert of(read("Жду возврат", team=team)) == ["back", "deep"]
    assert of(read("Жду возврат", team=other_team)) == []
    assert of(read("Жду возврат", survey=survey)) == ["asked"]
    assert of(read("Жду возврат", survey=nps_survey)) == []


def test_merging_keeps_labels_links_and_words_of_people(administrator: User) -> None:
    old, new = make("old", "касса"), make("new", "очередь")
    one, both, denied = read("Одна касса"), read("Одна касса и очередь"), read("Две кассы")
    corrections.set_topic(denied, old, False, author=administrator, seen=seen())
    labels_before = list(Label.objects.order_by("pk").values_list("pk", "topic", "value"))
    job = taxonomy.merge(old, new, by=administrator)
    assert found("old", administrator) == {one.pk, both.pk}  # while the job waits
    done(job)
    assert [of(row) for row in (one, both, denied)] == [["new"], ["new"], []]
    assert found("old", administrator) == found("new", administrator) == {one.pk, both.pk}
    assert of(read("Касса закрыта")) == ["new"]
    assert list(Label.objects.order_by("pk").values_list("pk", "topic", "value"))[: len(labels_before)] == labels_before
    counts_hold()

    corrections.set_topic(one, Topic.objects.get(code="new"), False, author=administrator, seen=seen())
    assert of(one) == []
    corrections.undo(one, author=administrator)
    assert of(one) == ["new"]
    done(taxonomy.part(Topic.objects.get(code="old"), by=administrator))
    assert [of(row) for row in (one, both, denied)] == [["old"], ["new", "old"], []]
    assert Topic.objects.get(code="new").cues == {"ru": ["очередь"]}
    assert list(AuditEntry.objects.filter(verb__startswith="topic.").values_list("verb", flat=True).order_by("pk")) == [
        "topic.merged", "topic.parted",
    ]  # fmt: skip
    counts_hold()


def test_what_cannot_be_merged_is_refused(administrator: User) -> None:
    whole, part, other = make("whole"), make("part"), make("other")
    part.parent = whole
    part.save()
    for topic, into in ((whole, other), (other, other)):
        with pytest.raises(taxonomy.Refused):
            taxonomy.merge(topic, into, by=administrator)
    taxonomy.merge(part, other, by=administrator)
    with pytest.raises(taxonomy.Refused):
        taxonomy.merge(other, Topic.objects.get(code="part"), by=administrator)


def test_splitting_moves_cues_and_reads_the_past(administrator: User) -> None:
    whole = make("pace", "очередь", "медленно")
    queue, slow = read("Очередь"), read("Медленно")
    fresh, job = taxonomy.split(whole, names={"ru": "Очереди"}, cues={"ru": ["очередь"]}, by=administrator)
    done(job)
    assert (fresh.code, fresh.cues, of(queue), of(slow)) == ("ocheredi", {"ru": ["очередь"]}, ["ocheredi"], ["pace"])
    assert not Topic.objects.get(code="pace").is_ahead
    counts_hold()
    with pytest.raises(taxonomy.Refused):
        taxonomy.split(whole, names={"ru": "Ничего"}, cues={"ru": ["нет такого"]}, by=administrator)


def test_an_archived_topic_is_found_in_nothing_more_and_keeps_what_it_has(administrator: User) -> None:
    topic = make("gone", "очередь")
    before = read("Очередь")
    taxonomy.archive(topic, by=administrator)
    after = read("Очередь")
    assert (of(before), of(after), found("gone", administrator)) == (["gone"], [], {before.pk})
    taxonomy.restore(topic, by=administrator)
    topic.refresh_from_db()
    assert of(read("Очередь")) == ["gone"]
    assert topic.is_ahead
    done(topic_work.apply([topic], by=administrator))
    assert of(after) == ["gone"]


def test_the_past_is_read_for_one_topic_and_people_keep_their_word(
    administrator: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_work, "STEP", 2)
    topic, other = make("queue", "очередь"), make("other", "касса")
    loses, gets, keeps, denied = read("Очередь"), read("Ждали у кассы"), read("Очередь!"), read("Ждать пришлось")
    corrections.set_topic(keeps, topic, True, author=administrator, seen=seen())
    corrections.set_topic(denied, topic, False, author=administrator, seen=seen())
    tones = Label.objects.filter(scheme="tone").count()
    topic.cues, topic.changed_at = {"ru": ["ждать"]}, timezone.now()
    topic.save()
    other.cues = {}
    other.save()
    job = topic_work.apply([topic], by=administrator)
    assert topic_work.applying(topic) == job
    job = done(job)
    assert [of(row) for row in (loses, gets, keeps, denied)] == [[], ["other", "queue"], ["queue"], []]
    assert (job.total, job.done, job.result) == (4, 4, {"added": 1, "removed": 1})
    assert Label.objects.filter(scheme="tone").count() == tones
    topic.refresh_from_db()
    assert not topic.is_ahead
    labels_after = Label.objects.count()
    assert done(topic_work.apply([topic], by=administrator)).result == {"added": 0, "removed": 0}
    assert Label.objects.count() == labels_after
    counts_hold()


def test_fresh_comments_go_first_and_edited_ones_are_left_to_the_worker(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(topic_work.time, "sleep", slept.append)
    topic = make("queue")
    comment, fresh = read("Очередь"), make_comment()
    topic.cues = {"ru": ["очередь"]}
    topic.save()
    job = topic_work.apply([topic], by=administrator)
    assert topic_work._read(job) is None and slept == [topic_work.PAUSE]
    classify.classify([fresh.pk])
    looked_up = topic_work._read(job)
    assert looked_up
    Comment.objects.filter(pk=comment.pk).update(text="Спасибо")
    topic_work._apply(job, looked_up)
    assert of(comment) == []


def test_the_newest_word_of_the_machine_about_a_topic_counts() -> None:
    words = [Label(scheme="topic", topic_id=1, source=source, value=value, pk=number)
             for number, (source, value) in enumerate([("rule", "no"), ("model", "yes")], 1)]  # fmt: skip
    counting = labels.strongest(words)
    assert counting and counting.value == "yes"


def test_topics_stand_in_the_order_of_their_tree() -> None:
    last, first = make("last", position=9), make("first", position=1)
    make("of-first", position=5, parent=first)
    make("of-last", position=0, parent=last)
    rows = Topic.objects.filter(code__in=["last", "first", "of-first", "of-last"]).select_related("parent")
    assert [topic.code for topic in topics.in_order(rows)] == ["first", "of-first", "last", "of-last"]
    assert [topics.path(topic) for topic in topics.in_order(rows)][1] == "first › of-first"


def test_a_job_goes_on_where_a_worker_left_it(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_work, "STEP", 2)
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0)  # one step a turn
    topic = make("queue")
    rows = [read("Очередь") for _number in range(5)]
    topic.cues = {"ru": ["очередь"]}
    topic.save()
    job = topic_work.apply([topic], by=administrator)
    jobs.work([job.pk])
    job.refresh_from_db()
    assert (job.done, [of(row) for row in rows]) == (2, [[], [], [], ["queue"], ["queue"]])
    # A worker dies with the lease: it runs out, and another one takes over.
    Job.objects.filter(pk=job.pk).update(lease="dead", leased_until=timezone.now())
    for _turn in range(3):
        jobs.work([job.pk])
    job.refresh_from_db()
    assert job.finished_at and job.result == {"added": 5, "removed": 0}
    assert Label.objects.filter(topic=topic).count() == 5


def test_what_was_learned_counts_for_the_past_as_well(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    class Taught(Lessons):
        def applied(self, found: Any, reading: Reading) -> Reading:
            return replace(reading, topics=(TopicVerdict("queue", 0.9, (), "learned@1"), TopicVerdict("other", 0.9)))

    topic = make("queue")
    comment = read("Стояли час")
    monkeypatch.setattr(lessons, "held", lambda: Taught([]))
    done(topic_work.apply([topic], by=administrator))
    label = Label.objects.get(comment=comment, topic=topic)
    assert (of(comment), label.source, label.version) == (["queue"], "model", "learned@1")


def test_a_merged_topic_teaches_the_one_that_stands_for_it(administrator: User) -> None:
    above = make("above", "спасибо")
    old, new = make("old", "касса"), make("new", "очередь", parent=above)
    read("Спасибо")
    comment = read("Стояли час")
    corrections.set_topic(comment, old, True, author=administrator, seen=seen())
    done(taxonomy.merge(old, new, by=administrator))
    assert [own.topics for own in corpus.judged()] == [{"new": True, "above": True}]


def test_the_tree_travels_as_a_file(administrator: User) -> None:
    Topic.objects.all().delete()
    above = make("above", "касса", descriptions={"en": "All"})
    make("below", "очередь", parent=above)
    file = taxonomy_file.written().encode()
    assert taxonomy_file.take(file, by=administrator) == taxonomy_file.Taken(0, 0)
    Topic.objects.exclude(parent=None).delete()
    Topic.objects.update(cues={})
    assert taxonomy_file.take(file, by=administrator) == taxonomy_file.Taken(1, 1)
    assert taxonomy_file.written().encode() == file
    above.refresh_from_db()
    assert above.is_ahead


def test_an_archived_topic_travels_as_one(administrator: User) -> None:
    Topic.objects.all().delete()
    make("gone", "касса", is_active=False)
    make("used", "очередь")
    file = taxonomy_file.written().encode()
    Topic.objects.all().delete()
    assert taxonomy_file.take(file, by=administrator) == taxonomy_file.Taken(2, 0)
    assert dict(Topic.objects.values_list("code", "is_active")) == {"gone": False, "used": True}
    Topic.objects.update(is_active=True)
    assert taxonomy_file.take(file, by=administrator) == taxonomy_file.Taken(0, 0)
    assert Topic.objects.get(code="gone").is_active


BAD = ["", "[]", '{"topics": []}', '{"topics": [{"code": "a b"}]}', '{"topics": [{"code": "a"}]}', '{"topics": 5}',
       '{"topics": [{"code": "a", "ru": 5}]}', '{"topics": [{"code": "a", "ru": "A", "cues_ru": ["аб*"]}]}',
       '{"topics": [{"code": "a", "ru": "A", "cues_ru": "ждать"}]}', "[" * 100_000, "\xff",
       '{"topics": [{"code": "a", "ru": "A"}, {"code": "a", "ru": "B"}]}',
       '{"topics": [{"code": "a", "ru": "A", "parent": "nobody"}]}',
       '{"topics": [{"code": "a", "ru": "A", "parent": "b"}, {"code": "b", "ru": "B", "parent": "a"}]}']  # fmt: skip


@pytest.mark.parametrize("content", BAD)
def test_a_file_that_is_no_taxonomy_changes_nothing(administrator: User, content: str) -> None:
    before = taxonomy_file.written()
    with pytest.raises(taxonomy_file.Unusable):
        taxonomy_file.take(content.encode("latin-1" if content == "\xff" else "utf-8"), by=administrator)
    assert taxonomy_file.written() == before


def test_a_shipped_topic_is_the_managers_own_once_renamed_or_without_a_cue_it_came_with() -> None:
    topic = Topic.objects.get(code="speed")
    assert topics.rule(topic).is_shipped
    topic.cues["ru"].append("улитка")
    assert topics.is_as_shipped(topic)
    topic.names["en"] = "Slowness"
    assert not topics.is_as_shipped(topic)
    topic.refresh_from_db()
    topic.cues["en"].pop()
    assert not topics.is_as_shipped(topic)
    assert not topics.is_as_shipped(make("own", "очередь"))


def test_what_was_read_in_an_erased_text_stays_when_the_past_is_read_again(administrator: User) -> None:
    topic = make("queue", "очередь")
    comment = read("Очередь")
    erased.erase_texts([comment.pk])
    (came,) = cue_hits.outlook([cue_hits.Wanted({"ru": []}, topic)])
    assert (came.looked, came.fewer) == (0, 0)
    assert done(topic_work.apply([topic], by=administrator)).result == {"added": 0, "removed": 0}
    assert of(comment) == ["queue"]
    counts_hold()


def test_an_archived_topic_stays_where_it_was_found_when_comments_are_read_anew(administrator: User) -> None:
    topic, _other = make("gone", "очередь"), make("other", "касса")
    kept, denied = read("Очередь у кассы"), read("Очередь в кассу")
    corrections.set_topic(denied, topic, False, author=administrator, seen=seen())
    taxonomy.archive(topic, by=administrator)
    for _time in range(2):
        assert [number for _last, number in reclassify.read_again(Comment.objects.all())] == [2]
    assert (of(kept), of(denied), of(read("Очередь"))) == (["gone", "other"], ["other"], [])
    counts_hold()


def test_a_merge_is_taken_back_although_the_other_topic_was_merged_since(administrator: User) -> None:
    first, second, third = make("first", "касса"), make("second", "очередь"), make("third", "толпа")
    comment = read("Одна касса")
    done(taxonomy.merge(first, second, by=administrator))
    done(taxonomy.merge(second, third, by=administrator))
    assert of(comment) == ["third"]
    done(taxonomy.part(first, by=administrator))
    assert of(comment) == ["first"]
    codes = ["first", "second", "third"]
    assert [Topic.objects.get(code=code).cues["ru"] for code in codes] == [["касса"], ["очередь"], ["толпа", "очередь"]]
    done(taxonomy.part(second, by=administrator))
    assert [Topic.objects.get(code=code).cues["ru"] for code in codes] == [["касса"], ["очередь"], ["толпа"]]
    assert of(comment) == ["first"]
    counts_hold()


def test_topics_that_part_wait_to_be_applied_to_what_came_meanwhile(administrator: User) -> None:
    old, new = make("old", "касса"), make("new", "очередь")
    done(taxonomy.merge(old, new, by=administrator))
    meanwhile = read("Одна касса")
    assert of(meanwhile) == ["new"]
    done(taxonomy.part(old, by=administrator))
    ahead = [topic for topic in Topic.objects.filter(is_active=True).order_by("code") if topic.is_ahead]
    assert [topic.code for topic in ahead] == ["new", "old"]
    done(topic_work.apply(ahead, by=administrator))
    assert of(meanwhile) == ["old"]


def test_a_topic_that_others_count_for_is_not_archived_before_them(administrator: User) -> None:
    whole = make("whole")
    part = make("part", "очередь", parent=whole)
    with pytest.raises(taxonomy.Refused):
        taxonomy.archive(whole, by=administrator)
    assert Topic.objects.get(code="whole").is_active
    taxonomy.archive(part, by=administrator)
    taxonomy.archive(whole, by=administrator)
    assert of(read("Очередь")) == []
