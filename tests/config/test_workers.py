"""What a worker sets up before its first task."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from config.up import processes
from ground import jobfiles


@pytest.mark.parametrize("queues, is_moved", [("job", True), ("send", False)])
def test_workbooks_of_jobs_grow_beside_their_files(
    queues: str, is_moved: bool, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", None)
    processes._begin_work(lambda: None, queues)
    assert (tempfile.gettempdir() == str(jobfiles.folder())) is is_moved
