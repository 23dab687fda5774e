"""The workers learn from what the demo's people said, and read with what was promoted, without a restart."""

import sqlite3
from contextlib import closing
from typing import Any

from tests.e2e.stack import Stack, wait_for

# A model that was taught nothing reads as before, but its labels carry its name.
PROMOTE = """
import hashlib
from feedback.learning import fitting, promotion
from feedback.models import Comment, LearnedModel
from feedback.understanding import artefact
from ground.models import User
arrays, manifest = fitting.heads([], "constructive", ["yes"])
weights = artefact.packed(arrays)
row = LearnedModel(scheme="constructive", weights=weights, languages=["ru"],
                   manifest=manifest | {"sha256": hashlib.sha256(weights).hexdigest()})
promotion.store(row, is_good=True)
promotion.promote(row.pk, by=User.objects.filter(is_active=True).first())
comment = Comment.objects.create(source="review", origin="learning", text="Сделайте обратный звонок.")
print(row.version, comment.pk)
"""


def test_workers_learn_and_take_up_what_was_promoted(running: Stack) -> None:
    with closing(sqlite3.connect(f"file:{running.data_dir}/otklik.sqlite3?mode=ro", uri=True)) as database:

        def told(query: str, *values: Any) -> Any:
            return database.execute(query, values).fetchone()[0]

        wait_for(
            lambda: told("SELECT trained_at FROM feedback_learning"), seconds=300, what="the worker to have learned"
        )
        assert told("SELECT COUNT(*) FROM feedback_learnedmodel") >= 1
        assert told("SELECT COUNT(*) FROM ground_job WHERE kind = 'learning' AND error <> ''") == 0
        version, pk = running.manage("shell", "-v0", "-c", PROMOTE).split()
        wait_for(
            lambda: told(
                "SELECT COUNT(*) FROM feedback_label WHERE comment_id = ? AND scheme = 'constructive'", int(pk)
            ),
            seconds=120,
            what="the comment to be read",
        )
        read_by = told("SELECT version FROM feedback_label WHERE comment_id = ? AND scheme = 'constructive'", int(pk))
        assert read_by.endswith(f"+{version}")
