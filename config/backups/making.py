"""Making a backup while everything runs: first the database, then the ledgers, which may know more but never less."""

import hashlib
import hmac
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from config.backups import archive, databases
from config.backups.archive import Manifest, Trouble
from ground.models import Pulse

# Beside the keys, only ever added to, of no use without the key: they go into every backup.
LEDGERS = ("optouts", "erasures", "audit")
SECRETS = ("secret_key", "link_key")
PULSE = "backup"
KEPT = re.compile(r"otklik-\d{8}T\d{6}\.backup")


def make(path: Path, *, passphrase: str = "", with_keys: bool = False, with_exports: bool = False) -> int:
    """Write a backup into a new file; returns its size. Raises Trouble."""
    if with_keys and not passphrase:
        raise Trouble(_("Keys only go into an encrypted backup: add --encrypt."))
    path = path.absolute()
    if not path.parent.is_dir():
        raise Trouble(_("There is no directory %(path)s.") % {"path": path.parent})
    archive.free_for(path.parent, 2 * databases.size())
    manifest = Manifest(
        vendor=connection.vendor,
        migrations=applied(),
        created_at=timezone.now().isoformat(),
        key_print=key_print(settings.LINK_KEY),
    )
    with archive.writing(path, passphrase=passphrase) as writer:
        with tempfile.TemporaryDirectory(prefix=".otklik-backup-", dir=path.parent) as directory:
            copy = Path(directory) / databases.file_name()
            databases.copy(copy)
            writer.add(copy, copy.name)
        for file, name in beside(with_exports=with_exports):
            writer.add(file, name)
        # Those in use, wherever they come from: beside the data may lie none, or others of an earlier start.
        for name in SECRETS if with_keys else ():
            writer.add_text(getattr(settings, name.upper()), f"keys/{name}")
        writer.finish(manifest)
    Pulse.beat(PULSE)
    return path.stat().st_size


def make_in(directory: Path, *, keep: int, passphrase: str, with_keys: bool, with_exports: bool) -> tuple[Path, int]:
    """A backup named after this moment; of those named so the newest `keep` stay. Where it is, and its size."""
    if keep < 1 or directory.is_file():
        raise Trouble(_("--keep takes a number from 1 on, and a directory instead of a file."))
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"otklik-{timezone.now():%Y%m%dT%H%M%S}.backup"
        size = make(path, passphrase=passphrase, with_keys=with_keys, with_exports=with_exports)
        named = sorted(file for file in directory.iterdir() if KEPT.fullmatch(file.name))
        for file in named[:-keep]:
            file.unlink()
    except OSError as error:
        raise Trouble(f"{error.filename or directory}: {error.strerror}") from error
    return path, size


def beside(*, with_exports: bool) -> list[tuple[Path, str]]:
    """The files that go along, and how the backup calls them."""
    found = [(settings.KEYS_DIR / name, f"keys/{name}") for name in LEDGERS]
    if with_exports:
        folder = settings.DATA_DIR / "exports"
        found += [(file, f"exports/{file.name}") for file in sorted(folder.glob("*")) if file.is_file()]
    return [(file, name) for file, name in found if file.exists()]


def applied() -> list[list[str]]:
    """The migrations that this database has had."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def key_print(link_key: str) -> str:
    """Tells a key of links from another without giving it away."""
    return hmac.new(link_key.encode(), b"backup", hashlib.sha256).hexdigest()[:16]
