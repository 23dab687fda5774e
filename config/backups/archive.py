"""The file of a backup: a ZIP whose last entry says what it holds, so that one that was cut short is known.

An encrypted one is a ZIP of two age files: a key that the passphrase opens, and the backup that the key opens. The
`age` program reads both, should nothing of ours be left.
"""

import contextlib
import hashlib
import json
import os
import shutil
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

FORMAT = 1
MANIFEST, KEY, SEALED = "manifest.json", "key.age", "backup.zip.age"
CHUNK = 1024 * 1024


class Trouble(Exception):
    """Why a backup cannot be made or used; the message is for people."""


@dataclass
class Manifest:
    """What a backup holds: each file's SHA-256 by its name, and the database's kind and migrations."""

    vendor: str
    migrations: list[list[str]]
    created_at: str
    key_print: str
    format: int = FORMAT
    files: dict[str, str] = field(default_factory=dict)


class Writer:
    """Adds files one by one; `finish` writes the manifest."""

    def __init__(self, target: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.files: dict[str, str] = {}

    def add(self, path: Path, name: str) -> None:
        digest = hashlib.sha256()
        with path.open("rb") as source, self.zip.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
        self.files[name] = digest.hexdigest()

    def add_text(self, text: str, name: str) -> None:
        """Add what lies in no file."""
        self.zip.writestr(name, text.encode())
        self.files[name] = hashlib.sha256(text.encode()).hexdigest()

    def finish(self, manifest: Manifest) -> None:
        manifest.files = self.files
        self.zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        self.zip.close()


@contextlib.contextmanager
def writing(path: Path, *, passphrase: str) -> Iterator[Writer]:
    """A new file at this path, readable by its owner alone and there only once it is whole. Raises Trouble."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    if path.exists():
        raise Trouble(_("%(path)s is there already: name another file.") % {"path": path})
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with _sealing(file, passphrase) if passphrase else contextlib.nullcontext(file) as target:
                writer = Writer(target)
                try:
                    yield writer
                finally:
                    with contextlib.suppress(OSError, ValueError):
                        writer.zip.close()
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        raise Trouble(
            _("%(path)s cannot be written: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def _sealing(file: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """What is written here goes into the file encrypted, without ever lying somewhere in the clear."""
    from pyrage import encrypt_io, x25519
    from pyrage import passphrase as with_passphrase

    identity = x25519.Identity.generate()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as outer:
        outer.writestr(KEY, with_passphrase.encrypt(str(identity).encode(), passphrase))
        reader, writer = os.pipe()
        failures: list[Exception] = []

        def encrypt() -> None:
            try:
                with os.fdopen(reader, "rb") as source, outer.open(SEALED, "w", force_zip64=True) as target:
                    encrypt_io(source, target, [identity.to_public()])
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=encrypt)
        thread.start()
        try:
            with os.fdopen(writer, "wb") as plain:
                yield plain
        except BrokenPipeError:
            if not failures:
                raise
        finally:
            thread.join()
        for error in failures:
            raise error if isinstance(error, OSError) else OSError(0, str(error)) from error


def is_encrypted(path: Path) -> bool:
    """Whether a passphrase is needed to open it."""
    try:
        with zipfile.ZipFile(path) as found:
            return SEALED in found.namelist()
    except (OSError, zipfile.BadZipFile):
        return False  # whoever unpacks it says what is wrong


def unpack(path: Path, into: Path, *, passphrase: str) -> Manifest:
    """Put the backup's files into the directory and check each. Raises Trouble when one is missing or changed."""
    broken = _("%(path)s is broken or not a backup: nothing was restored.") % {"path": path}
    try:
        if is_encrypted(path):
            plain = into / "backup.zip"
            _open_sealed(path, plain, passphrase=passphrase)
            manifest = _unpack(plain, into)
            plain.unlink()
        else:
            manifest = _unpack(path, into)
    except FileNotFoundError as error:
        raise Trouble(_("There is no file %(path)s.") % {"path": path}) from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, RuntimeError) as error:
        raise Trouble(broken) from error
    except OSError as error:
        raise Trouble(broken if error.errno is None else f"{path}: {error.strerror}") from error
    return manifest


def _open_sealed(path: Path, plain: Path, *, passphrase: str) -> None:
    from pyrage import DecryptError, decrypt_io, x25519
    from pyrage import passphrase as with_passphrase

    if not passphrase:
        raise Trouble(_("The backup is encrypted: set BACKUP_PASSPHRASE or BACKUP_PASSPHRASE_FILE."))
    with zipfile.ZipFile(path) as outer:
        try:
            identity = x25519.Identity.from_str(with_passphrase.decrypt(outer.read(KEY), passphrase).decode())
        except DecryptError as error:
            raise Trouble(_("The passphrase does not open this backup.")) from error
        with outer.open(SEALED) as source, plain.open("xb") as target:
            try:
                decrypt_io(source, target, [identity])
            except DecryptError as error:
                raise zipfile.BadZipFile(str(error)) from error


def _unpack(path: Path, into: Path) -> Manifest:
    with zipfile.ZipFile(path) as archive:
        manifest = Manifest(**_known(json.loads(archive.read(MANIFEST))))
        names = {name for name in archive.namelist() if name != MANIFEST}
        if names != set(manifest.files):
            raise ValueError("the files are not those of the manifest")
        for name, expected in manifest.files.items():
            _unpack_one(archive, name, into / name, expected=expected, within=into)
    return manifest


def _known(told: dict[str, Any]) -> dict[str, Any]:
    if told["format"] > FORMAT:
        raise Trouble(_("A newer version made this backup: install that version and try again."))
    return told


def _unpack_one(archive: zipfile.ZipFile, name: str, target: Path, *, expected: str, within: Path) -> None:
    if not target.resolve().is_relative_to(within.resolve()):
        raise ValueError("a name leads elsewhere")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(name) as source, target.open("xb") as file:
        target.chmod(0o600)
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != expected:
        raise ValueError("a file is not what it was")


def free_for(directory: Path, needed: int) -> None:
    """Raises Trouble when the disk of the directory has not so many bytes."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        values = {"path": directory, "free": free // 1_000_000, "needed": needed // 1_000_000}
        raise Trouble(_("The disk of %(path)s is full: %(free)d MB free, %(needed)d MB needed.") % values)
