"""A crash at any write point leaves what a restart heals: a few workflows in the gate, all in `make campaign`."""

import subprocess
import sys

import pytest

from tests.e2e.stack import ROOT

FEW, ONE = ["answer", "report", "send", "count", "--every", "6"], ["answer", "--postgres", "--every", "2"]


@pytest.mark.parametrize("asked", [
    FEW, ONE, pytest.param([], marks=pytest.mark.campaign), pytest.param(["--postgres"], marks=pytest.mark.campaign),
], ids=["some", "some-PostgreSQL", "every", "every-PostgreSQL"])  # fmt: skip
def test_a_crash_at_any_write_point_is_healed(capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    command = [sys.executable, "-m", "tests.campaign.crashes", *asked]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    with capsys.disabled():
        print(f"\ncrashes, {lines[-1] if lines else done.stderr[-2000:]}", file=sys.stderr)  # noqa: T201
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert ", lost 0, doubled 0," in lines[-1]
