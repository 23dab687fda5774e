"""The seals of the audit log tell which entry was changed, removed or put in, and whether the end was cut off."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ground import audit, audit_chain, hashed_file
from ground.audit_chain import AHEAD, CHANGED, CUT, INSERTED, REMOVED, Finding
from ground.models import AuditEntry, AuditSeal, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AGO = dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path


@pytest.fixture
def log(administrator: User, django_capture_on_commit_callbacks: Any) -> list[int]:
    """Six entries, sealed in two batches."""
    keys = []
    for batch in range(2):
        with time_machine.travel(timezone.now() - AGO, tick=False):
            keys += [audit.note("contact.shown", by=administrator, subject=administrator, n=batch).pk for _ in range(3)]
        with django_capture_on_commit_callbacks(execute=True):
            assert audit_chain.seal() == 3
    return keys


def force(statement: str, *values: Any) -> None:
    """As somebody with the database's own password."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger is asked
        cursor.execute(statement, values)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")


def findings() -> list[Finding]:
    return list(audit_chain.verify().findings)


def test_an_untouched_log_is_right(log: list[int], administrator: User, capsys: Any) -> None:
    audit.note("text.shown", by=administrator)
    found = audit_chain.verify()
    assert (found.sealed, found.waiting, found.findings) == (6, 1, ())
    assert audit_chain.seal() == 0  # whoever writes at this moment may not have committed
    call_command("verify_audit")
    assert "6" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    ["verb = 'text.shown'", "subject = ''", "actor_id = NULL", "at = '2026-01-01 00:00:00+00:00'", "detail = '{}'"],
)
def test_a_changed_entry_is_named(log: list[int], change: str, capsys: Any) -> None:
    force(f"UPDATE ground_auditentry SET {change} WHERE id = %s", log[2])
    assert findings() == [Finding(CHANGED, log[2])]
    with pytest.raises(CommandError) as error:
        call_command("verify_audit")
    assert error.value.returncode == 1 and f"#{log[2]}" in capsys.readouterr().out


def test_a_removed_entry_is_named(log: list[int]) -> None:
    force("DELETE FROM ground_auditentry WHERE id = %s", log[1])
    assert findings() == [Finding(REMOVED, log[1])]


def test_a_gap_that_was_closed_up_is_named(log: list[int], django_capture_on_commit_callbacks: Any) -> None:
    """An entry goes with its seal, those behind move up, and others are sealed after it: the file's end fits again."""
    force("DELETE FROM ground_auditentry WHERE id = %s", log[2])
    force("DELETE FROM ground_auditseal WHERE entry = %s", log[2])
    for position in (4, 5, 6):
        force("UPDATE ground_auditseal SET position = %s WHERE position = %s", position - 1, position)
    with time_machine.travel(timezone.now() - AGO, tick=False):
        audit.note("text.shown", by=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert audit_chain.seal() == 1
    assert findings() == [Finding(CHANGED, log[3])]


def test_an_entry_put_in_is_named(log: list[int]) -> None:
    force("DELETE FROM ground_auditentry WHERE id = %s", log[3])
    force("DELETE FROM ground_auditseal WHERE entry = %s", log[3])
    at = timezone.now() - AGO
    force("INSERT INTO ground_auditentry (id, at, verb, subject, detail) VALUES (%s, %s, 'x', '', '{}')", log[3], at)
    audit_chain.seal()
    assert Finding(INSERTED, log[3]) in findings()


def test_one_that_is_dated_back_is_named(log: list[int], django_capture_on_commit_callbacks: Any) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=3)):
        late = audit.note("contact.shown", by=None)
    audit_chain.seal()
    assert findings() == [Finding(INSERTED, late.pk)]


def test_an_end_cut_off_is_noticed_by_the_file(log: list[int], capsys: Any) -> None:
    force("DELETE FROM ground_auditseal WHERE entry >= %s", log[3])
    force("DELETE FROM ground_auditentry WHERE id >= %s", log[3])
    assert findings() == [Finding(CUT, log[2])]
    audit_chain.note_restore()  # the database came back from a copy
    found = audit_chain.verify()
    assert found.findings == ()
    [cut] = found.shortened
    assert (cut.position, cut.reached) == (3, 6)
    call_command("verify_audit")
    assert "4" in (said := capsys.readouterr().out) and "6" in said and cut.at in said


@pytest.mark.parametrize("line", ["restored 3", "restored 0", "restored:3 " + "0" * 64, "restored:0 " + "a" * 64])
def test_a_restore_that_nobody_made_hides_no_cut(log: list[int], line: str) -> None:
    force("DELETE FROM ground_auditseal WHERE entry >= %s", log[3])
    force("DELETE FROM ground_auditentry WHERE id >= %s", log[3])
    hashed_file.add(audit_chain.NAME, [line])
    assert findings() == [Finding(CUT, log[2])]


def test_the_line_of_an_earlier_restore_hides_no_later_cut(
    log: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    audit_chain.note_restore()
    line = hashed_file.path(audit_chain.NAME).read_text().splitlines()[-1].partition(" ")[2]
    with time_machine.travel(timezone.now() - AGO, tick=False):
        later = audit.note("contact.shown", by=None).pk
    with django_capture_on_commit_callbacks(execute=True):
        assert audit_chain.seal() == 1
    force("DELETE FROM ground_auditseal WHERE entry = %s", later)
    force("DELETE FROM ground_auditentry WHERE id = %s", later)
    hashed_file.add(audit_chain.NAME, [line])
    assert findings() == [Finding(CUT, log[5])]


@pytest.mark.parametrize("day", [1, 400])
def test_one_that_is_dated_ahead_is_named_and_halts_no_sealing(
    log: list[int], django_capture_on_commit_callbacks: Any, day: int
) -> None:
    """Now, and still when its day has come."""
    with time_machine.travel(timezone.now() + dt.timedelta(days=day)):
        ahead = audit.note("contact.shown", by=None)
    with time_machine.travel(timezone.now() - AGO, tick=False):
        audit.note("text.shown", by=None)
    with django_capture_on_commit_callbacks(execute=True):
        assert audit_chain.seal() == 2
    assert findings() == [Finding(AHEAD, ahead.pk)]
    with time_machine.travel(timezone.now() + dt.timedelta(days=500)):
        assert findings() == [Finding(AHEAD, ahead.pk)]


def test_a_log_written_anew_without_the_key_is_noticed(log: list[int]) -> None:
    force("UPDATE ground_auditentry SET verb = 'x' WHERE id = %s", log[5])
    force("UPDATE ground_auditseal SET digest = %s WHERE entry = %s", "0" * 64, log[5])
    assert {finding.what for finding in findings()} == {CHANGED, CUT}


def test_nothing_of_the_log_is_changed_by_the_program(log: list[int]) -> None:
    seal = AuditSeal.objects.first()
    assert seal is not None
    for act in (
        seal.save, seal.delete, AuditSeal.objects.all().delete, lambda: AuditSeal.objects.update(digest=""),
        lambda: AuditEntry.objects.bulk_update(AuditEntry.objects.all(), ["verb"]),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            act()


@pytest.mark.parametrize("table", ["ground_auditentry", "ground_auditseal"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {}"])
def test_postgresql_refuses_by_itself(log: list[int], table: str, act: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no users: whoever has the file has the log")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))


def test_two_at_once_make_one_chain(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(timezone.now() - AGO, tick=False):
        audit.note("contact.shown", by=administrator)
    create: Callable[..., Any] = AuditSeal.objects.bulk_create

    def second_is_faster(seals: Any) -> Any:
        create([AuditSeal(position=1, entry=999, digest="0" * 64)])
        return create(seals)

    monkeypatch.setattr(type(AuditSeal.objects), "bulk_create", lambda self, seals: second_is_faster(seals))
    assert audit_chain.seal() == 0
