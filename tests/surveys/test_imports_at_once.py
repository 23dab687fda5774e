"""Two imports over the same customers at one time: they may block each other, and both come to their end."""

import threading
import time
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from ground import jobs, rowqueue, uploads
from ground.models import Job, User
from surveys import importing, imports
from surveys.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


def begin(names: list[str], by: User, *, mark: str) -> Job:
    rows = "".join(f"{name},{mark} {name}\n" for name in names)
    table = uploads.keep(SimpleUploadedFile("a.csv", f"id,name\n{rows}".encode()))
    columns = importing.mapping_for("customers", table, source="")
    return importing.begin("customers", table, columns, source="", by=by)


def work(job: Job) -> None:
    """As workers do, which the bell wakes again and again."""
    until = time.monotonic() + 60
    try:
        while jobs.waiting().filter(pk=job.pk, quarantined_at=None).exists() and time.monotonic() < until:
            jobs.work([job.pk])
            time.sleep(0.05)
    finally:
        connection.close()


def test_imports_that_block_each_other_heal_by_themselves(administrator, settings, tmp_path, monkeypatch) -> None:
    settings.DATA_DIR = tmp_path
    Customer.objects.bulk_create(Customer(external_id=name, name="old") for name in "ab")
    both = [begin(["a", "b"], administrator, mark="there"), begin(["b", "a"], administrator, mark="back")]
    take, failed = imports.get("customers").take, []
    # Both have written their first customer before either goes on to the other's; on SQLite only one can write.
    met = threading.Barrier(2)

    def takes_one(values, given):
        outcome = take(values, given)
        with suppress(threading.BrokenBarrierError):
            met.wait(timeout=1 if connection.vendor == "sqlite" else 60)
            met.abort()
        return outcome

    monkeypatch.setattr(imports.get("customers"), "take", takes_one)
    monkeypatch.setattr(importing, "STEP_SECONDS", 60)
    fail = rowqueue.fail
    monkeypatch.setattr(rowqueue, "fail", lambda *told, **how: failed.append(how["error"]) or fail(*told, **how))
    threads = [threading.Thread(target=work, args=[job]) for job in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == (["OperationalError"] if connection.vendor == "postgresql" else [])
    for job in Job.objects.all():
        assert job.finished_at
        assert (job.done, job.result["counts"]["updated"]) == (2, 2)
    assert len({customer.name.split()[0] for customer in Customer.objects.all()}) == 1
