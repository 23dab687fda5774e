"""Backups: whole or refused, encrypted where asked, and a restored database from which nothing leaves by itself."""

import datetime as dt
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.backups import archive, databases, making, restoring
from config.backups.archive import Manifest, Trouble
from ground import erasing, halting, notice_mail, optouts, outgoing, rowqueue
from ground.models import AuditEntry, Notice, NoticeTarget, Organisation, Outgoing, Pulse
from surveys import own_data, restored, sending
from surveys.models import Invitation, RuleSchedule
from tests.campaign import drills
from tests.campaign.running import migrated, surroundings
from tests.e2e.stack import ROOT

PHRASE = "верный пароль"


@pytest.fixture
def keys(settings, tmp_path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.KEYS_DIR.mkdir()
    return settings.KEYS_DIR


def write(path: Path, content: bytes, *, passphrase: str = "") -> Path:
    source = path.with_suffix(".source")
    source.write_bytes(content)
    with archive.writing(path, passphrase=passphrase) as writer:
        writer.add(source, "database")
        writer.finish(Manifest(vendor="sqlite", migrations=[], created_at="", key_print=""))
    return path


@pytest.mark.parametrize("passphrase", ["", PHRASE])
def test_what_goes_in_comes_out_and_one_bit_less_is_refused(tmp_path, passphrase: str) -> None:
    content = bytes(range(256)) * 20_000 + b",".join(b"%d" % (number * number) for number in range(300_000))
    path = write(tmp_path / "backup", content, passphrase=passphrase)
    assert path.stat().st_mode & 0o777 == 0o600 and archive.is_encrypted(path) is bool(passphrase)
    (tmp_path / "whole").mkdir()
    archive.unpack(path, tmp_path / "whole", passphrase=passphrase)
    assert (tmp_path / "whole" / "database").read_bytes() == content

    whole = path.read_bytes()
    tried = 4 if passphrase else 25  # trying a passphrase is meant to take seconds
    for number, place in enumerate(range(40, len(whole), max(1, len(whole) // tried))):
        broken, into = tmp_path / f"broken{number}", tmp_path / f"into{number}"
        into.mkdir()
        broken.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            archive.unpack(broken, into, passphrase=passphrase)
        except Trouble:
            continue
        assert (into / "database").read_bytes() == content  # the bit was in a field that says nothing


@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_a_file_that_was_cut_off_is_refused(tmp_path, part: float) -> None:
    path = write(tmp_path / "backup", b"x" * 10_000)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(Trouble, match="backup"):
        archive.unpack(path, tmp_path, passphrase="")


def test_a_passphrase_is_needed_and_the_right_one(tmp_path) -> None:
    path = write(tmp_path / "backup", b"secret content", passphrase=PHRASE)
    assert b"secret content" not in path.read_bytes()
    for wrong in ("", "another"):
        with pytest.raises(Trouble):
            archive.unpack(path, tmp_path, passphrase=wrong)


def test_a_name_that_leads_elsewhere_is_refused(tmp_path) -> None:
    path, into = tmp_path / "backup", tmp_path / "into"
    into.mkdir()
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("../outside", "x")
        file.writestr(
            archive.MANIFEST,
            '{"vendor": "sqlite", "migrations": [], "created_at": "", "key_print": "", "format": 1,'
            ' "files": {"../outside": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}',
        )
    with pytest.raises(Trouble):
        archive.unpack(path, into, passphrase="")
    assert not (tmp_path / "outside").exists()


def test_an_existing_file_is_not_written_over_and_a_failure_leaves_none(tmp_path) -> None:
    path = write(tmp_path / "backup", b"x")
    with pytest.raises(Trouble), archive.writing(path, passphrase=""):
        pass
    with pytest.raises(ZeroDivisionError), archive.writing(tmp_path / "new", passphrase=PHRASE) as writer:
        writer.add(path, "database")
        raise ZeroDivisionError
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "backup.source"]


# --- what is done to a restored database -------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_leaves_while_sending_is_halted(make_invitation, customer, organisation, smtp) -> None:
    waiting = make_invitation(state="planned", sent_at=None)
    answered = make_invitation(customer=waiting.customer)
    own_data.ask_for_link(answered, language="en")
    mail = Outgoing.objects.create(address="m@example.org", subject="s", text="t", html="h")
    links = list(own_data.waiting().values_list("pk", flat=True))
    assert links
    halting.halt()
    assert (sending.send([waiting.pk]), outgoing.deliver([mail.pk]), own_data.mail(links)) == (0, 0, 0)
    assert not smtp.mails and Invitation.objects.get(pk=waiting.pk).state == "planned"
    assert halting.resume(by=None) and not halting.resume(by=None)
    sending.send([waiting.pk]), outgoing.deliver([mail.pk]), own_data.mail(links)
    assert len(smtp.mails) == 3


@pytest.mark.django_db
def test_what_was_due_is_uncertain_and_what_is_due_later_waits(make_invitation, rule) -> None:
    now = timezone.now()
    due = make_invitation(state="planned", sent_at=None)
    later = make_invitation(state="postponed", sent_at=None, due_at=now + dt.timedelta(hours=1))
    reminded = make_invitation(next_reminder_at=now, thanks_due_at=now)
    to_remind = make_invitation(next_reminder_at=now + dt.timedelta(days=1))
    past = now - dt.timedelta(days=2)
    RuleSchedule.objects.create(rule=rule, upto=past, until=now, cursor=7)
    assert restored.settle() == 1
    states = {one.pk: one for one in Invitation.objects.all()}
    assert states[due.pk].state == "uncertain" and "backup" in states[due.pk].error
    assert states[later.pk].state == "postponed"
    assert (states[reminded.pk].next_reminder_at, states[reminded.pk].thanks_due_at) == (None, None)
    assert states[to_remind.pk].next_reminder_at
    progress = RuleSchedule.objects.get()
    assert progress.upto == progress.until > now - dt.timedelta(minutes=2) and progress.cursor == 0


@pytest.mark.django_db
def test_colleagues_are_not_told_twice(make_invitation, manager, viewer, keys, smtp) -> None:
    """What waited may have left since the backup: a person decides. What is due later was told to nobody."""
    now = timezone.now()
    own_data.ask_for_link(make_invitation(), language="en")
    mail = Outgoing.objects.create(user=manager, address=manager.email, subject="s", text="t", html="h")
    chat = NoticeTarget.objects.create(user=manager, kind="webhook", secret="https://chat.example/x")
    Outgoing.objects.create(user=manager, target=chat, subject="s", text="t")
    for user, due_at in ((manager, now - dt.timedelta(minutes=1)), (viewer, now + dt.timedelta(hours=3))):
        Notice.objects.create(user=user, kind="contact", key="k", due_at=due_at)
    done = restoring._make_safe()
    assert (done["held"], done["told"]) == (2, 1)
    halting.resume(by=None)
    assert notice_mail.due_people(limit=9) == [] and not own_data.waiting().exists()
    assert Notice.objects.get(told_at=None).user == viewer
    assert outgoing.deliver(list(Outgoing.objects.values_list("pk", flat=True))) == 0 and not smtp.mails
    rowqueue.retry(Outgoing.objects.filter(pk=mail.pk))  # the button of the page "Quarantine"
    assert outgoing.deliver([mail.pk]) == 1


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.django_db
def test_the_banner_is_on_every_page_and_administrators_let_mails_leave(
    client: Client, administrator, manager, viewer, language: str
) -> None:
    says = {"ru": "Ничего не отправляется", "en": "Nothing is being sent"}[language]
    type(administrator).objects.update(language=language)
    client.force_login(administrator)
    assert says not in client.get("/admin/jobs/").content.decode()
    halting.halt()
    for person in (viewer, manager):
        client.force_login(person)
        page = client.get("/admin/jobs/").content.decode()
        assert (says in page) is (person == manager) and "resume-sending" not in page
        assert client.post("/admin/system/resume-sending/").status_code == 403
    client.force_login(administrator)
    assert says in client.get("/admin/jobs/").content.decode()
    assert client.get("/admin/system/resume-sending/").status_code == 405
    assert client.post("/admin/system/resume-sending/").status_code == 302
    assert not halting.is_halted() and AuditEntry.objects.get().verb == "sending.resumed"
    assert says not in client.get("/admin/jobs/").content.decode()


@pytest.mark.django_db
def test_a_restored_database_applies_what_the_ledgers_know(make_invitation, customer, keys) -> None:
    gone = make_invitation().customer
    optouts.note(customer.email, is_out=True)
    subject = erasing.find(gone.email)
    erasing.begin(subject)
    done = restoring._make_safe()
    assert (done["opted_out"], done["erased"]) == (1, 1)
    assert not type(gone).objects.filter(email=gone.email).exists() and halting.is_halted()
    assert AuditEntry.objects.filter(verb="backup.restored").get().detail == done


def test_ledgers_are_added_to_each_other_in_the_order_of_time(keys, tmp_path) -> None:
    found = tmp_path / "found"
    found.mkdir()
    line = "2026-03-0{} {} {} *\n"
    address = "a" * 64
    (found / "optouts").write_text(line.format(1, "-", address) + line.format(3, "-", "b" * 64))
    optouts.path().write_text(line.format(1, "-", address) + line.format(2, "+", address))
    restoring._keys(found)
    assert optouts.standing() == {("b" * 64, "*")}
    assert len(optouts.path().read_text().splitlines()) == 3
    restoring._keys(found)
    assert len(optouts.path().read_text().splitlines()) == 3


# --- the commands ------------------------------------------------------------------------------------------------


class Place:
    """A data directory with a database of its own, and the commands on it."""

    def __init__(self, directory: Path, **environment: str) -> None:
        directory.mkdir()
        self.directory = directory
        given = {name: value for name, value in surroundings(directory).items() if name != "LINK_KEY"}
        self.environment = given | environment

    def run(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment | {"LANGUAGE_CODE": "en"},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert bool(done.returncode) is fails, done.stdout + done.stderr
        return (done.stderr if fails else done.stdout).strip()


def filled(directory: Path) -> Place:
    place = Place(directory)
    shutil.copyfile(migrated(), directory / "otklik.sqlite3")
    with sqlite3.connect(directory / "otklik.sqlite3") as line:
        line.execute("INSERT INTO ground_team (code, name, is_active) VALUES ('first', 'First', 1)")
    line.close()
    return place


def test_the_whole_way_with_keys_and_a_passphrase(tmp_path) -> None:
    before, file = filled(tmp_path / "before"), tmp_path / "backup.otklik"
    before.environment["BACKUP_PASSPHRASE"] = PHRASE
    exports = before.directory / "exports"
    exports.mkdir()
    (exports / "one.csv").write_text("a")
    assert "only go into an encrypted" in before.run("backup", str(file), "--keys", fails=True)
    before.run("backup", str(file), "--keys", "--encrypt", "--exports")
    assert "is there already" in before.run("backup", str(file), fails=True)

    after = Place(tmp_path / "after")
    assert "set BACKUP_PASSPHRASE" in after.run("restore", str(file), fails=True)
    assert not (after.directory / "otklik.sqlite3").exists()
    after.environment["BACKUP_PASSPHRASE"] = PHRASE
    assert "resume_sending" in after.run("restore", str(file))
    for name in ("link_key", "secret_key"):
        assert (after.directory / "keys" / name).read_text() == (before.directory / "keys" / name).read_text()
    assert (after.directory / "exports" / "one.csv").read_text() == "a"
    with sqlite3.connect(after.directory / "otklik.sqlite3") as line:
        assert line.execute("SELECT code FROM ground_team").fetchall() == [("first",)]
        assert line.execute("SELECT sending_halted_at IS NULL FROM ground_organisation").fetchall() == [(0,)]
        assert line.execute("SELECT name FROM ground_pulse").fetchall() == []
    line.close()
    assert [one.name for one in after.directory.iterdir() if one.name.startswith(".otklik")] == []
    assert "not empty" in after.run("restore", str(file), fails=True)
    assert "leave again" in after.run("resume_sending")
    assert "was not halted" in after.run("resume_sending")


def test_no_export_comes_back_that_names_somebody_who_was_erased_since(tmp_path) -> None:
    place, file, exports = filled(tmp_path / "place"), tmp_path / "backup.otklik", tmp_path / "place" / "exports"
    place.run("shell", "-c", "from surveys.models import Customer as C; C.objects.create(email='zoya@post.example')")
    exports.mkdir(exist_ok=True)
    (exports / "one.csv").write_text("zoya@post.example")
    place.run("shell", "-c", "from ground.models import Outgoing as O; O.objects.create(address='m@example.org')")
    place.run("backup", str(file), "--exports")
    place.run("erase_person", "zoya@post.example", "--yes")
    for lost in place.directory.glob("otklik.sqlite3*"):
        lost.unlink()
    told = place.run("restore", str(file))
    assert "1 erasure was made anew" in told and "1 message to colleagues may have left already" in told
    assert list(exports.iterdir()) == []


def test_of_a_directory_the_newest_are_kept_and_nothing_else_is_touched(tmp_path) -> None:
    place, folder = filled(tmp_path / "place"), tmp_path / "backups"
    assert "number from 1" in place.run("backup", str(folder), "--keep", "0", fails=True)
    place.run("backup", str(folder), "--keep", "2")
    [made] = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700 and "number from 1" in place.run(
        "backup", str(made), "--keep", "2", fails=True
    )
    older = [f"otklik-2026010{day}T023000.backup" for day in (1, 2, 3)]
    others = ["otklik-before-the-move.backup", "notes.txt"]
    for name in (*older, *others):
        (folder / name).write_text("x")
    told = place.run("backup", str(folder), "--keep", "3")
    left = {file.name for file in folder.iterdir()}
    assert len(left) == 3 + len(others) and {*others, made.name, older[-1]} < left
    [new] = left - {*others, made.name, older[-1]}
    assert new > made.name and str(folder / new) in told
    after = Place(tmp_path / "after")
    assert "resume_sending" in after.run("restore", str(folder / new), "--other-keys")


def test_other_keys_another_kind_a_newer_version_and_damage_are_refused(tmp_path) -> None:
    before, file = filled(tmp_path / "before"), tmp_path / "backup.otklik"
    before.run("backup", str(file))
    after = Place(tmp_path / "after")
    assert "keys here are not those" in after.run("restore", str(file), fails=True)
    elsewhere = f"sqlite:///{tmp_path}/named.sqlite3"
    after.run("restore", str(file), "--other-keys", "--database", elsewhere)
    assert (tmp_path / "named.sqlite3").exists() and not (after.directory / "otklik.sqlite3").exists()
    assert "another kind" in after.run("restore", str(file), "--database", "postgresql:///x", fails=True)

    with sqlite3.connect(before.directory / "otklik.sqlite3") as line:
        line.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('surveys', '9999_future', '2030-01-01')"
        )
    line.close()
    newer = tmp_path / "newer.otklik"
    before.run("backup", str(newer))
    assert "newer version" in after.run("restore", str(newer), "--other-keys", fails=True)
    assert "no file" in after.run("restore", str(tmp_path / "nothing"), fails=True)
    file.write_bytes(file.read_bytes()[:-30])
    assert "broken" in after.run("restore", str(file), "--other-keys", fails=True)
    assert sorted(one.name for one in after.directory.iterdir() if "sqlite3" in one.name) == []


def test_postgresql_comes_back_in_one_step_and_halted(tmp_path, postgres_url) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as line:
        for name in ("lost", "found"):
            line.execute(f"CREATE DATABASE backup_{name}")
    assert "/postgres?" in postgres_url
    lost, found = (postgres_url.replace("/postgres?", f"/backup_{name}?") for name in ("lost", "found"))
    path = f"{drills.programs()}{os.pathsep}{os.environ['PATH']}"
    place, file = Place(tmp_path / "place", DATABASE_URL=lost, PATH=path), tmp_path / "backup.otklik"
    place.run("migrate", "-v0")
    with psycopg.connect(lost) as line:
        line.execute("INSERT INTO ground_team (code, name, is_active) VALUES ('first', 'First', true)")
    place.run("backup", str(file))
    assert "not empty" in place.run("restore", str(file), fails=True)
    place.run("restore", str(file), "--database", found)
    with psycopg.connect(found) as line:
        assert line.execute("SELECT code FROM ground_team").fetchall() == [("first",)]
        assert line.execute("SELECT sending_halted_at IS NULL FROM ground_organisation").fetchall() == [(False,)]
    place.environment["DATABASE_URL"] = ""
    assert "backup of PostgreSQL" in place.run("restore", str(file), fails=True)
    place.environment |= {"DATABASE_URL": lost, "PATH": "/nothing"}
    assert "postgresql-client" in place.run("backup", str(tmp_path / "another"), fails=True)


@pytest.mark.django_db(transaction=True)
def test_a_damaged_database_in_a_sound_file_is_refused(tmp_path, keys) -> None:
    damaged = tmp_path / "otklik.sqlite3"
    shutil.copyfile(migrated(), damaged)
    with damaged.open("r+b") as file:
        for place in range(8192, 200_000, 4096):
            file.seek(place)
            file.write(b"\xff" * 512)
    with pytest.raises(Trouble, match="(?i)damaged|поврежд"):
        databases.check_file(damaged)


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_noted_and_holds_ledgers_but_no_keys(tmp_path, keys, organisation, monkeypatch) -> None:
    monkeypatch.setenv("PATH", f"{drills.programs()}{os.pathsep}{os.environ['PATH']}")
    (keys / "link_key").write_text("secret")
    optouts.note("olga@example.org", is_out=True)
    path = tmp_path / "backup"
    out = io.StringIO()
    call_command("backup", str(path), stdout=out)
    with zipfile.ZipFile(path) as file:
        assert sorted(file.namelist()) == sorted(["keys/optouts", databases.file_name(), archive.MANIFEST])
    assert Pulse.objects.get(name=making.PULSE) and Organisation.objects.count() == 1
    assert connection.vendor in ("sqlite", "postgresql")
