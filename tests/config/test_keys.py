"""Keys beside the data appear whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import keys

ROOT = Path(__file__).resolve().parents[2]


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = keys.stored(tmp_path / "keys", "link_key")
    assert len(key) > 60 and keys.stored(tmp_path / "keys", "link_key") == key
    assert (tmp_path / "keys" / "link_key").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "keys") == ["link_key"]


def test_a_disk_that_is_full_leaves_no_empty_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        keys.stored(tmp_path, "link_key")
    assert not os.listdir(tmp_path)


def test_a_data_directory_set_to_nothing_is_the_usual_one() -> None:
    code = "import sys, types; sys.modules['config.keys'] = types.SimpleNamespace(stored=lambda *_names: 'key')\n"
    code += "from config import settings; print(settings.DATA_DIR)"
    environ = os.environ | {"OTKLIK_DATA_DIR": ""}
    found = subprocess.run([sys.executable, "-c", code], env=environ, cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == str(ROOT / "data"), found.stderr


def test_a_data_directory_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environ = os.environ | {"OTKLIK_DATA_DIR": str(tmp_path / "file" / "data"), "SECRET_KEY": "", "LINK_KEY": ""}
    found = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check"], env=environ, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "OTKLIK_DATA_DIR" in found.stderr and len(found.stderr.splitlines()) == 1
