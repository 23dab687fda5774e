"""The lower rooms stand without the higher ones: their checks and urls work with analytics out of the list."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

PROGRAM = """
import os, sys
from django.conf import settings as lazy
import config.settings as full
values = {name: getattr(full, name) for name in dir(full) if name.isupper()}
values["INSTALLED_APPS"] = [app for app in full.INSTALLED_APPS if app not in sys.argv[1].split(",")]
values["ROOT_URLCONF"] = "tests.ground.lower_urls"
values["MIGRATION_MODULES"] = {}
lazy.configure(**values)
import django
django.setup()
from django.core.management import call_command
call_command("check")
assert "analytics" not in sys.modules, "a lower room imported analytics"
from feedback.models import Comment
print("ok")
"""


@pytest.mark.parametrize("without", ["analytics,config"])
def test_feedback_stands_without_analytics(without: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, without],
        cwd=ROOT,
        env=os.environ | {"OTKLIK_DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/a.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip().endswith("ok"), done.stderr[-2000:]
