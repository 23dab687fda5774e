"""What managers say outweighs the machine, is never overwritten unseen, and can be taken back; nothing is erased."""

import threading

import pytest
from django.db import connection

from feedback import classify, corrections, labels, reading
from feedback.models import Comment, CommentTopic, Label, ReadMark, Topic
from feedback.topics import default_rows
from ground.models import Change, User

pytestmark = pytest.mark.django_db
SEEN_ALL = 2**62


@pytest.fixture
def colleague(organisation) -> User:
    return User.objects.create_user("colleague@example.org", "correct horse battery", name="Вера К.")


@pytest.fixture
def comment(organisation) -> Comment:
    """A complaint about waiting that the machine has read."""
    for row in default_rows():
        Topic.objects.update_or_create(code=row["code"], defaults=row)
    row = Comment.objects.create(source="review", text="Очень долго ждал ответа. Ужасно!")
    classify.classify([row.pk])
    Change.objects.all().delete()
    row.refresh_from_db()
    assert (row.tone, row.constructive) == ("negative", False)
    assert codes(row) == {"speed"}
    return row


def codes(comment: Comment) -> set[str]:
    return set(CommentTopic.objects.filter(comment=comment).values_list("topic__code", flat=True))


def counting(comment: Comment) -> tuple[object, ...]:
    comment.refresh_from_db()
    return comment.tone, comment.tone_confidence, comment.polarity, comment.constructive, codes(comment)


def newest(comment: Comment) -> int:
    return max(label.pk for label in comment.labels.all())


def test_a_tone_from_a_person_counts_and_marks_the_day(comment: Comment, manager: User) -> None:
    before, polarity = comment.labels.count(), comment.polarity
    label = corrections.correct_tone(comment, "positive", author=manager, seen=newest(comment))
    assert label is not None
    assert (label.source, label.author, label.confidence) == ("human", manager, 1)
    assert counting(comment)[:3] == ("positive", 1, polarity)
    assert comment.labels.count() == before + 1
    assert Change.objects.filter(scope="comment").exists()


def test_the_suggestion_is_toggled(comment: Comment, manager: User) -> None:
    corrections.set_constructive(comment, True, author=manager, seen=SEEN_ALL)
    assert counting(comment)[3] is True
    assert Comment.objects.get(pk=comment.pk).derived_class == "constructive"
    corrections.set_constructive(comment, False, author=manager, seen=SEEN_ALL)
    assert counting(comment)[3] is False


def test_topics_are_added_and_removed(comment: Comment, manager: User) -> None:
    speed, other = Topic.objects.get(code="speed"), Topic.objects.exclude(code="speed").first()
    assert other is not None
    corrections.set_topic(comment, other, True, author=manager, seen=SEEN_ALL)
    corrections.set_topic(comment, speed, False, author=manager, seen=SEEN_ALL)
    assert codes(comment) == {other.code}


def test_unknown_tones_are_refused(comment: Comment, manager: User) -> None:
    with pytest.raises(ValueError):
        corrections.correct_tone(comment, "angry", author=manager, seen=SEEN_ALL)


def test_saying_it_again_adds_nothing_but_agreeing_with_the_machine_does(comment: Comment, manager: User) -> None:
    assert corrections.correct_tone(comment, "negative", author=manager, seen=SEEN_ALL)
    assert corrections.correct_tone(comment, "negative", author=manager, seen=SEEN_ALL) is None


def test_reading_again_and_correcting_agree_on_what_counts(comment: Comment, manager: User) -> None:
    corrections.correct_tone(comment, "mixed", author=manager, seen=SEEN_ALL)
    before = counting(comment)
    Comment.objects.update(classified_at=None)
    classify.classify([comment.pk])
    assert counting(comment) == before
    labels.bring_up_to_date(comment)
    assert counting(comment) == before


def test_a_correction_does_not_revive_topics_of_an_older_text(comment: Comment, manager: User) -> None:
    Comment.objects.update(text="Спасибо, всё отлично!", classified_at=None)
    classify.classify([comment.pk])
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    assert "speed" not in codes(comment)


def test_another_persons_word_since_is_not_overwritten(comment: Comment, manager: User, colleague: User) -> None:
    seen = newest(comment)
    first = corrections.correct_tone(comment, "neutral", author=colleague, seen=seen)
    with pytest.raises(corrections.Overtaken) as refused:
        corrections.correct_tone(comment, "positive", author=manager, seen=seen)
    assert refused.value.label == first
    assert counting(comment)[0] == "neutral"
    assert corrections.correct_tone(comment, "positive", author=manager, seen=newest(comment))


def test_a_word_on_another_matter_does_not_stand_in_the_way(comment: Comment, manager: User, colleague: User) -> None:
    seen = newest(comment)
    corrections.set_constructive(comment, True, author=colleague, seen=seen)
    assert corrections.correct_tone(comment, "positive", author=manager, seen=seen)


def test_undo_gives_back_what_counted_step_by_step(comment: Comment, manager: User) -> None:
    machine = counting(comment)
    corrections.correct_tone(comment, "positive", author=manager, seen=SEEN_ALL)
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    corrections.set_topic(comment, Topic.objects.get(code="speed"), False, author=manager, seen=SEEN_ALL)
    before = comment.labels.count()
    undone = corrections.undo(comment, author=manager)
    assert undone and undone.label and undone.label.scheme == "topic"
    assert codes(comment) == {"speed"}
    corrections.undo(comment, author=manager)
    assert counting(comment)[0] == "positive"
    corrections.undo(comment, author=manager)
    assert counting(comment) == machine
    assert corrections.undo(comment, author=manager) is None
    assert comment.labels.count() == before + 3
    last = comment.labels.order_by("pk").last()
    assert last and (last.value, last.source, last.author) == ("negative", "human", manager)


def test_after_undo_the_machine_may_read_anew(comment: Comment, manager: User) -> None:
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    corrections.undo(comment, author=manager)
    Comment.objects.update(text="Спасибо, всё отлично!", classified_at=None)
    classify.classify([comment.pk])
    assert counting(comment)[0] == "positive"


def test_one_takes_back_only_ones_own_and_only_while_it_counts(
    comment: Comment, manager: User, colleague: User
) -> None:
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    assert corrections.undo(comment, author=colleague) is None
    corrections.correct_tone(comment, "mixed", author=colleague, seen=SEEN_ALL)
    with pytest.raises(corrections.Overtaken):
        corrections.undo(comment, author=manager)
    assert counting(comment)[0] == "mixed"


def test_a_text_that_waits_for_the_machine_can_be_corrected_and_given_back(manager: User) -> None:
    row = Comment.objects.create(source="review", text="Хм")
    corrections.correct_tone(row, "neutral", author=manager, seen=0)
    assert counting(row)[0] == "neutral"
    corrections.undo(row, author=manager)
    assert counting(row) == ("", 0, 0, None, set())


def test_read_is_per_person_and_done_for_all(comment: Comment, manager: User, colleague: User) -> None:
    reading.mark_read(comment, reader=colleague)
    reading.mark_read(comment, reader=colleague)
    assert list(ReadMark.objects.values_list("user", flat=True)) == [colleague.pk]
    assert reading.mark_done(comment, by=manager)
    assert not reading.mark_done(comment, by=colleague)
    comment.refresh_from_db()
    assert comment.done_by == manager
    assert reading.reopen(comment)
    assert not reading.reopen(comment)


def test_undo_opens_again_what_one_has_done_last(comment: Comment, manager: User, colleague: User) -> None:
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    reading.mark_done(comment, by=manager)
    assert corrections.undo(comment, author=colleague) is None
    assert corrections.undo(comment, author=manager) == corrections.Undone(label=None)
    comment.refresh_from_db()
    assert comment.done_at is None
    corrections.undo(comment, author=manager)
    assert counting(comment)[0] == "negative"


def test_labels_that_were_taken_back_go_with_their_comment(comment: Comment, manager: User) -> None:
    corrections.correct_tone(comment, "neutral", author=manager, seen=SEEN_ALL)
    corrections.undo(comment, author=manager)
    comment.delete()
    assert not Label.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_refused(manager: User, colleague: User) -> None:
    row = Comment.objects.create(source="review", text="Хм")
    start, came = threading.Barrier(2), []

    def say(tone: str, author: User) -> None:
        start.wait()
        try:
            came.append(bool(corrections.correct_tone(row, tone, author=author, seen=0)))
        except corrections.Overtaken:
            came.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=pair) for pair in (("positive", manager), ("negative", colleague))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [False, True]
    assert Label.objects.get().value == counting(row)[0]
