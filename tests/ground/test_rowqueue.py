"""Rows are claimed once, taken over when the lease runs out, and set aside after three failures."""

import datetime as dt
import json
import threading

import pytest
from django.db import connection
from django.db.models import CharField
from django.utils import timezone

from feedback.models import Comment
from ground import request_ids, rowqueue
from ground.quiet_log import JsonFormatter

pytestmark = pytest.mark.django_db


def comments(count: int = 1) -> list[int]:
    return [Comment.objects.create(source="review", text="x").pk for _number in range(count)]


def waiting():
    return Comment.objects.waiting()


def test_a_claimed_row_is_not_claimed_again() -> None:
    ids = comments(3)
    first = rowqueue.claim(waiting(), ids=ids)
    assert sorted(first.ids) == ids
    assert rowqueue.claim(waiting(), ids=ids).ids == ()
    assert rowqueue.waiting_ids(waiting(), limit=10) == []


def test_a_lease_that_ran_out_is_taken_over_and_the_old_owner_loses_its_rows() -> None:
    ids = comments()
    dead = rowqueue.claim(waiting(), ids=ids)
    Comment.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    heir = rowqueue.claim(waiting(), ids=ids)
    assert heir.ids == tuple(ids)
    assert not rowqueue.owned(Comment, dead).exists()
    assert rowqueue.owned(Comment, heir).count() == 1
    assert not rowqueue.renew(Comment, dead)


def test_the_third_failure_quarantines_and_retry_gives_it_back() -> None:
    (pk,) = comments()
    for _time in range(3):
        claimed = rowqueue.claim(waiting(), ids=[pk])
        rowqueue.fail(Comment, claimed, pk, error="boom")
    row = Comment.objects.get()
    assert row.quarantined_at is not None
    assert row.error == "boom"
    assert rowqueue.waiting_ids(waiting(), limit=10) == []
    assert rowqueue.retry(Comment.objects.all()) == 1
    assert rowqueue.waiting_ids(waiting(), limit=10) == [pk]


def test_a_failure_with_a_delay_is_not_claimed_before_it() -> None:
    (pk,) = comments()
    claimed = rowqueue.claim(waiting(), ids=[pk])
    rowqueue.fail(Comment, claimed, pk, error="later", delay=60)
    assert rowqueue.claim(waiting(), ids=[pk]).ids == ()


def test_a_row_that_killed_three_workers_is_swept_aside() -> None:
    (pk,) = comments()
    for _time in range(3):
        rowqueue.claim(waiting(), ids=[pk])
        Comment.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert rowqueue.sweep(waiting()) == 1
    assert Comment.objects.get().quarantined_at is not None


@pytest.mark.django_db(transaction=True)
def test_eight_workers_share_the_rows_out() -> None:
    ids = comments(40)
    claims: list[tuple[int, ...]] = []

    def work() -> None:
        claims.append(rowqueue.claim(waiting(), ids=ids).ids)
        connection.close()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [pk for claimed in claims for pk in claimed]
    assert sorted(taken) == ids


def test_the_log_tells_which_request_a_claimed_row_came_from(caplog) -> None:
    request_ids.begin("0123456789abcdef")
    ids = comments(2)
    task = request_ids.begin()
    with caplog.at_level("INFO", "ground.rowqueue"):
        claimed = rowqueue.claim(waiting(), ids=ids)
        rowqueue.fail(Comment, claimed, ids[0], error="boom")
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert {(line["request"], line["task"]) for line in lines} == {("0123456789abcdef", task)}
    said = [f"takes up feedback.comment {pk}" for pk in ids]
    assert sorted(line["message"] for line in lines) == [f"failed at feedback.comment {ids[0]}", *said]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL does so by itself")
def test_a_column_with_a_default_writes_no_table_anew() -> None:
    field = CharField(max_length=36, default=request_ids.current, db_default="")
    field.set_attributes_from_name("later")
    field.model = Comment
    editor = connection.schema_editor(collect_sql=True)
    editor.deferred_sql = []
    editor.add_field(Comment, field)
    assert [sql.partition(" ADD ")[0] for sql in editor.collected_sql] == ['ALTER TABLE "feedback_comment"']
