"""The last lines that `up` prints."""

import json
from pathlib import Path

import pytest

from config.up import welcome

ADDRESS, MAILBOX = "http://127.0.0.1:8000", "http://127.0.0.1:8026/"


def test_demo_login_and_survey_link_are_shown_once_loaded(tmp_path: Path) -> None:
    demo = {"login": "anna@example.org", "password": "secret", "survey_path": "/r/TOKEN/"}
    (tmp_path / "demo.json").write_text(json.dumps(demo))
    manager, login, survey, mailbox = welcome.lines(base_url=ADDRESS, data_dir=tmp_path, mailbox_url=MAILBOX)
    assert manager.endswith(f" {ADDRESS}/admin/")
    assert "anna@example.org" in login and "secret" in login
    assert survey.endswith(f" {ADDRESS}/r/TOKEN/") and mailbox.endswith(f" {MAILBOX}")


@pytest.mark.parametrize("content", [None, "{", "[]", '{"login": "anna"}'])
def test_without_demo_data_only_addresses_are_shown(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "demo.json").write_text(content)
    assert len(welcome.lines(base_url=ADDRESS, data_dir=tmp_path, mailbox_url=None)) == 1
