"""An import whose worker is killed in the middle: another goes on at the same row; none is lost, none doubled."""

import json
import sqlite3
from contextlib import closing
from typing import Any

from tests.e2e.stack import Stack, wait_for

ROWS, WRONG = 600, 20
BEGIN = f"""
from django.core.files.uploadedfile import SimpleUploadedFile
from ground import uploads
from ground.models import User
from surveys import importing
rows = "".join(
    f"K{{n}};{{'pigeon' if n % {ROWS // WRONG} == 7 else 'phone'}};k{{n % 77}}@import.example;20.11.2019 11:59\\n"
    for n in range({ROWS})
)
table = uploads.keep(SimpleUploadedFile("a.csv", ("id;channel;email;closed\\n" + rows).encode()))
author = User.objects.filter(is_active=True, memberships__role="administrator").first()
columns = importing.mapping_for("interactions", table, source="killed")
print(importing.begin("interactions", table, columns, source="killed", by=author).pk)
"""
STATE = """
import json
from ground import jobfiles
from ground.models import Job
from surveys.models import Customer, Decision, Interaction
job = Job.objects.get(pk=%d)
told = Interaction.objects.filter(source="killed")
decided = Decision.objects.filter(interaction__source="killed")
report = jobfiles.path_of(job).read_text(encoding="utf-8-sig").splitlines()
print(json.dumps({
    "done": job.done, "counts": job.result["counts"], "rows": told.count(),
    "different": told.values("external_id").distinct().count(),
    "closings": max(told.values_list("closings", flat=True)),
    "decisions": decided.count(), "decided": decided.values("interaction").distinct().count(),
    "customers": Customer.objects.filter(email__endswith="@import.example").count(),
    "reported": len(set(report)), "lines": len(report),
    "kept": (jobfiles.folder() / job.params["table"]).exists(),
}))
"""


def test_a_killed_worker_loses_no_row_and_doubles_none(running: Stack) -> None:
    pk = int(running.manage("shell", "-v0", "-c", BEGIN))

    with closing(sqlite3.connect(f"file:{running.data_dir}/otklik.sqlite3?mode=ro", uri=True)) as database:

        def column(name: str) -> Any:
            return database.execute(f"SELECT {name} FROM ground_job WHERE id = ?", [pk]).fetchone()[0]

        wait_for(lambda: column("done") > 0, seconds=180, what="the import to begin")
        running.kill("job")
        assert column("done") < ROWS, "the import was over before its worker could be killed"
        wait_for(lambda: column("finished_at"), seconds=600, what="the import to end")
    good = ROWS - WRONG
    assert json.loads(running.manage("shell", "-v0", "-c", STATE % pk)) == {
        "done": ROWS, "counts": {"created": good, "updated": 0, "stale": 0, "refused": WRONG, "skipped": 0},
        "rows": good, "different": good, "closings": 1, "decisions": good, "decided": good, "customers": 77,
        "reported": WRONG + 1, "lines": WRONG + 1, "kept": False,
    }  # fmt: skip
