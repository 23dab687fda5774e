"""A database from a backup, from which nothing leaves until somebody says so."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _

from config import keys
from config.backups import archive, databases, making
from config.backups.archive import Manifest, Trouble
from ground import audit, audit_chain, erasing, halting, jobfiles, outgoing
from ground.models import Session
from surveys import restored, suppression


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was done so that nothing happens twice.

    `other_variables` of the environment hold another key than the backup's, which lies in the file.
    """

    created_at: str
    uncertain: int
    opted_out: int
    erased: int
    held: int
    told: int
    keys_changed: bool
    other_variables: list[tuple[str, Path]]
    exports: int


def restore(path: Path, *, passphrase: str = "", other_keys: bool = False) -> Restored:
    """Fill the empty database of the settings from the file and halt sending. Raises Trouble, having changed nothing.

    On SQLite the file appears under its name only when everything is done to it.
    """
    with _alone():
        databases.refuse_used()
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        # On SQLite the file is made beside its place, to be moved there in one step.
        beside = Path(connection.settings_dict["NAME"]).parent if connection.vendor == "sqlite" else settings.DATA_DIR
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".otklik-restore-", dir=beside) as directory:
            staged = Path(directory)
            manifest = archive.unpack(path, staged, passphrase=passphrase)
            _check(manifest, staged, other_keys=other_keys)
            return _bring_back(manifest, staged)


def _check(manifest: Manifest, staged: Path, *, other_keys: bool) -> None:
    if manifest.vendor != connection.vendor:
        says = _("This is a backup of %(theirs)s, and the database here is %(ours)s: set DATABASE_URL.")
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        values = {"theirs": names.get(manifest.vendor, manifest.vendor), "ours": names[connection.vendor]}
        raise Trouble(says % values)
    written = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = {*written, *(former for migration in written.values() for former in migration.replaces)}
    ours = {app for app, _name in known}
    if any(app in ours and (app, name) not in known for app, name in manifest.migrations):
        raise Trouble(_("A newer version made this backup: install that version and try again."))
    if connection.vendor == "sqlite":
        databases.check_file(staged / databases.file_name())
    _drop_unused_keys(manifest, staged / "keys")
    is_known = manifest.key_print == making.key_print(settings.LINK_KEY) or (staged / "keys" / "link_key").exists()
    if not is_known and not other_keys:
        says = _(
            "The keys here are not those of the backup: links in mails would be dead, and opt-outs unknown. "
            "Put the keys back into %(path)s, or add --other-keys to do without."
        )
        raise Trouble(says % {"path": keys.variable("link_key") or settings.KEYS_DIR})


def _drop_unused_keys(manifest: Manifest, packed: Path) -> None:
    """Former versions packed the files beside the data, though other keys were in use: these open nothing."""
    link_key = packed / "link_key"
    if link_key.exists() and making.key_print(link_key.read_text(encoding="utf-8")) != manifest.key_print:
        for name in making.SECRETS:
            (packed / name).unlink(missing_ok=True)


def _bring_back(manifest: Manifest, staged: Path) -> Restored:
    keys_changed, other_variables = _keys(staged / "keys")
    exports = _exports(staged / "exports")  # before those are erased again whom they may name
    copy = staged / databases.file_name()
    if connection.vendor == "sqlite":
        with _as_database(copy):
            safe = _make_safe()
        _put_in_place(copy)
    else:
        databases.load(copy)
        safe = _make_safe()
        databases.refresh()
    return Restored(
        created_at=manifest.created_at,
        **safe,
        keys_changed=keys_changed,
        other_variables=other_variables,
        exports=exports,
    )


def _make_safe() -> dict[str, Any]:
    """Bring the schema up to date, halt sending, and let nobody be asked, kept or let in whom time has overtaken."""
    call_command("migrate", verbosity=0, interactive=False)
    halting.halt()
    audit_chain.note_restore()
    held, told = outgoing.hold_back()
    done: dict[str, Any] = {
        "uncertain": restored.settle(),
        "held": held,
        "told": told,
        "opted_out": suppression.reapply_optouts(),
        "erased": erasing.reapply(),
    }
    Session.objects.all().delete()  # one that was ended since would be alive again
    audit.note("backup.restored", by=None, **done)
    return done


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Raises Trouble while `up` runs in this data directory: its workers would begin at once."""
    lock = settings.DATA_DIR / "run" / "up.lock"
    if not lock.exists():
        yield
        return
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Trouble(_("Otklik is running in this data directory: stop it first.")) from error
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _as_database(file: Path) -> Iterator[None]:
    """Within the block Django's database is this file."""
    place = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = file
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = place


def _put_in_place(copy: Path) -> None:
    target = Path(connection.settings_dict["NAME"])
    with closing(sqlite3.connect(copy)) as line:
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # A journal of the lost file would be played into this one.
    for end in ("-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(copy, target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keys(found: Path) -> tuple[bool, list[tuple[str, Path]]]:
    """Take the backup's keys where others are in use, and add its ledgers to those here.

    Returns whether keys changed, and the variables that have to be changed by hand, each with the file of its key.
    """
    settings.KEYS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed, other_variables = False, []
    for name in making.SECRETS:
        ours, theirs = settings.KEYS_DIR / name, found / name
        if not theirs.exists() or (key := theirs.read_text(encoding="utf-8")) == getattr(settings, name.upper()):
            continue
        if ours.exists() and ours.read_text(encoding="utf-8") != key:
            os.replace(ours, ours.with_name(f"{name}.before-{timezone.now():%Y%m%dT%H%M%S}"))
        shutil.copy2(theirs, ours)
        setattr(settings, name.upper(), key)
        changed = True
        if variable := keys.variable(name):
            other_variables.append((variable, ours))
    for name in making.LEDGERS:
        if (found / name).exists():
            _merge(settings.KEYS_DIR / name, found / name)
    return changed, other_variables


def _merge(ours: Path, theirs: Path) -> None:
    """What stands in either; each line begins with its time, and of two about one address the later counts."""
    if not ours.exists():
        shutil.copy2(theirs, ours)
        return
    known, more = ours.read_bytes().splitlines(), theirs.read_bytes().splitlines()
    if set(more) <= set(known):
        return
    lines = sorted(dict.fromkeys([*more, *known]), key=lambda line: line.split(b" ")[0])
    unfinished = ours.with_name(f".{ours.name}.unfinished")
    with unfinished.open("wb") as file:
        unfinished.chmod(0o600)
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, ours)


def _exports(found: Path) -> int:
    files = sorted(found.glob("*")) if found.is_dir() else []
    for file in files:
        shutil.move(file, jobfiles.folder() / file.name)
    return len(files)
