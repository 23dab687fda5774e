"""Several at the same thing at the same moment: one does it, the others are told, and nothing is lost."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from feedback import bulk, corrections, exclusions, nonces, reading, tags
from feedback.models import Comment, CommentTag, Exclusion, Label, Response, Tag
from ground import jobs
from ground.models import Job, Team, User
from surveys import links, public_links
from surveys.models import Link, Survey
from tests.config.reading import label, make_comment, make_response
from tests.factories import make_invitation

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(5)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of the acts returned or raised; they begin together, each with a connection of its own."""
    gate, came = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            came[place] = act()
        except Exception as error:
            came[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@pytest.fixture
def colleague(manager: User) -> User:
    return User.objects.create_user("colleague@example.org")


@pytest.fixture
def rows(team: Team) -> list[Comment]:
    return [label(make_comment(team=team, text=f"Строка {number}")) for number in range(6)]


def test_an_undo_never_takes_back_what_a_colleague_says(manager: User, colleague: User, rows: list[Comment]) -> None:
    for _round in ROUNDS:
        seen = Label.objects.latest("pk").pk
        ids = [row.pk for row in rows]
        first = jobs.finish_now(bulk.start("tone", "mixed", by=manager, seen=seen, ids=ids))
        seen = Label.objects.latest("pk").pk
        undone, said = at_once(
            lambda first=first: jobs.finish_now(jobs.undo(first, by=manager)),
            lambda seen=seen: corrections.correct_tone(rows[3], "positive", author=colleague, seen=seen),
        )
        assert isinstance(undone, Job)
        assert undone.finished_at
        tone = Comment.objects.get(pk=rows[3].pk).tone
        assert (tone, type(said)) in (("positive", Label), ("negative", corrections.Overtaken))
        corrections.correct_tone(rows[3], "negative", author=manager, seen=2**62)


def test_two_undos_are_one(manager: User, colleague: User, rows: list[Comment]) -> None:
    first = jobs.finish_now(bulk.start("done", "", by=manager, seen=0, ids=[row.pk for row in rows]))
    one, two = Job.objects.get(pk=first.pk), Job.objects.get(pk=first.pk)
    came = at_once(lambda: jobs.undo(one, by=manager), lambda: jobs.undo(two, by=colleague))
    assert came[0] == came[1] == Job.objects.get(undoes=first)


def test_an_answer_is_excluded_once_and_counts_again_once(
    survey: Survey, manager: User, colleague: User, team: Team
) -> None:
    answer = make_response(survey, text="Долго", team=team)
    for number in ROUNDS:
        for act in (lambda by: exclusions.exclude(answer.comment, reason="test", by=by),
                    lambda by: exclusions.include(answer, by=by)):  # fmt: skip
            came = at_once(lambda act=act: act(manager), lambda act=act: act(colleague))
            assert sorted(type(one).__name__ for one in came) == ["Already", "Exclusion"], came
        assert Exclusion.objects.count() == number + 1
    assert not Response.objects.get().is_excluded
    assert Comment.objects.get().is_counted


def test_done_and_reopened_leave_one_of_the_two(manager: User, colleague: User, rows: list[Comment]) -> None:
    for _round in ROUNDS:
        came = at_once(
            lambda: reading.mark_done(rows[0], by=manager), lambda: reading.mark_done(rows[0], by=colleague),
            lambda: reading.reopen(rows[0]),
        )  # fmt: skip
        assert not any(isinstance(one, Exception) for one in came), came
        row = Comment.objects.get(pk=rows[0].pk)
        assert (row.done_at is None) == (row.done_by is None)
        reading.reopen(row)


def test_a_tag_put_on_while_it_is_merged_is_not_lost(manager: User, rows: list[Comment]) -> None:
    for _round in ROUNDS:
        old, _fresh = tags.add(rows[0], "старое", author=manager)
        new = tags.take("новое")
        came = at_once(
            lambda old=old, new=new: tags.merge(old, new),
            lambda: tags.add(rows[1], "старое", author=manager),
            lambda: jobs.finish_now(bulk.start("tag_on", "новое", by=manager, seen=0, ids=[row.pk for row in rows])),
        )
        assert not any(isinstance(one, Exception) for one in came), came
        assert CommentTag.objects.filter(comment=rows[1], tag__name="новое").exists()
        Tag.objects.all().delete()


def test_two_merges_across_lose_no_comment(manager: User, rows: list[Comment]) -> None:
    for _round in ROUNDS:
        one, _fresh = tags.add(rows[0], "раз", author=manager)
        two, _fresh = tags.add(rows[1], "два", author=manager)
        came = at_once(lambda one=one, two=two: tags.merge(one, two), lambda one=one, two=two: tags.merge(two, one))
        assert sorted(type(each).__name__ for each in came) == ["Gone", "int"], came
        assert set(CommentTag.objects.values_list("comment", flat=True)) == {rows[0].pk, rows[1].pk}
        Tag.objects.all().delete()


def test_a_tag_that_goes_while_it_is_put_on_comes_back(
    manager: User, rows: list[Comment], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets nobody write between the two steps")
    take = tags.take

    def overtaken(typed: str) -> Tag:
        tag = take(typed)
        monkeypatch.setattr(tags, "take", take)
        at_once(lambda: Tag.objects.filter(pk=tag.pk).delete())
        return tag

    Tag.objects.create(name="срочно")
    monkeypatch.setattr(tags, "take", overtaken)
    tag, is_fresh = tags.add(rows[0], "срочно", author=manager)
    assert is_fresh
    assert CommentTag.objects.get().tag == tag


def doors(survey: Survey, way: str, number: int) -> list[tuple[str, str]]:
    """The path and the subject of so many pages of a survey, each of another customer."""
    if way == "link":
        link = Link.objects.create(kind="qr", label="QR", survey=survey, public_key=public_links.new_key())
        return [(public_links.path(link), nonces.of_link(link, ""))] * number
    asked = [make_invitation(survey) for _number in range(number)]
    return [(links.answer_path(one), nonces.of_invitation(one)) for one in asked]


@pytest.mark.parametrize(("way", "is_anonymous"), [("mail", False), ("mail", True), ("link", False), ("link", True)])
def test_of_twelve_answers_at_once_a_survey_takes_the_ten_it_wants(
    survey: Survey, way: str, is_anonymous: bool
) -> None:
    Survey.objects.update(response_limit=10, is_anonymous=is_anonymous)
    served = timezone.now() - dt.timedelta(seconds=10)

    def post(place: int, path: str, subject: str) -> HttpResponse:
        client = Client(REMOTE_ADDR=f"10.{place}.0.1", HTTP_USER_AGENT=f"Browser {place}")
        nonce = nonces.make(subject, score=None, now=served, is_unique=way == "link")
        return client.post(path, {"score": "4", "comment": "Да", "nonce": nonce})

    waiting = doors(Survey.objects.get(), way, 12)
    came = at_once(*(lambda door=(place, *door): post(*door) for place, door in enumerate(waiting)))
    pages = [one.content.decode() for one in came]
    assert sum("Ответ записан" in page for page in pages) == Response.objects.count() == 10
    assert sum("Этот опрос завершён" in page for page in pages) == 2
    assert Survey.objects.get().is_full
