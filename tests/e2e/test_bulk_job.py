"""A job on thousands of comments whose worker is killed again and again: another goes on, and nothing is done twice."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from tests.e2e.stack import Stack, wait_for

COMMENTS = 4_000
BEGIN = f"""
from datetime import UTC, datetime
from feedback import bulk
from feedback.models import Comment
from ground.models import User
old = datetime(2019, 5, 1, tzinfo=UTC)
Comment.objects.bulk_create(
    (Comment(source="review", origin="bulk", text="x", said_at=old, classified_at=old) for _ in range({COMMENTS})),
    batch_size=1000,
)
author = User.objects.filter(is_active=True, memberships__role="administrator").first()
newest = Comment.objects.order_by("-pk").first().pk
job = bulk.start("tone", "mixed", by=author, seen=0, newest=newest, found_by={{"to": "2019-12-31"}})
print(job.pk)
"""
STATE = """
import json
from feedback.models import BulkStep, Comment, Label
from ground.models import Job
job = Job.objects.get(pk=%d)
labels = Label.objects.filter(comment__origin="bulk", source="human")
print(json.dumps({
    "total": job.total, "done": job.done, "over": bool(job.finished_at), "changed": job.result.get("changed", 0),
    "labels": labels.count(), "labelled": labels.values("comment").distinct().count(),
    "steps": BulkStep.objects.filter(job=job).count(),
    "mixed": Comment.objects.filter(origin="bulk", tone="mixed").count(),
}))
"""


def test_a_killed_worker_is_followed_by_another(running: Stack) -> None:
    pk = int(running.manage("shell", "-v0", "-c", BEGIN))

    with closing(sqlite3.connect(f"file:{running.data_dir}/otklik.sqlite3?mode=ro", uri=True)) as database:

        def column(name: str) -> Any:
            return database.execute(f"SELECT {name} FROM ground_job WHERE id = ?", [pk]).fetchone()[0]

        def done() -> int:
            return column("done")

        for _death in range(2):
            before = done()
            wait_for(lambda at=before: done() > at, seconds=180, what="the job to go on")
            running.kill("job")
            assert done() < COMMENTS, "the job was over before its worker could be killed"
        wait_for(lambda: column("finished_at"), seconds=600, what="the job to end")
    found = json.loads(running.manage("shell", "-v0", "-c", STATE % pk))
    assert set(found.values()) == {COMMENTS, True}, found
