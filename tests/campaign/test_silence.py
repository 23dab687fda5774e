"""A process that stands still turns its light red in the time that is promised, and back when it goes on."""

import os
import signal
import sys
import time

import pytest

from config.lights import SILENT_SECONDS
from tests.campaign.running import Product
from tests.campaign.test_faults import ask
from tests.e2e.stack import wait_for

# Beyond the three signs of life that are waited for: a machine that is busy, and the next sign.
SLACK = 15
LIGHTS = {
    "understand": "worker_understand", "count": "worker_rollup", "send": "worker_send", "job": "worker_job",
    "ring": "worker_ring", "beat": "beat", "broker": "beat",
}  # fmt: skip


@pytest.mark.parametrize(
    "names", [("understand", "beat"), *(pytest.param((name,), marks=pytest.mark.campaign) for name in LIGHTS)]
)
def test_what_stands_still_turns_its_light_red_and_back(product: Product, capsys, names: tuple[str, ...]) -> None:
    wait_for(lambda: not red(product) & set(LIGHTS.values()), seconds=60, what="every process to be heard of")
    stopped = [product.stack.child(name) for name in names]
    wanted = {LIGHTS[name] for name in names}
    for pid in stopped:
        os.killpg(pid, signal.SIGSTOP)
    began = time.monotonic()
    try:
        wait_for(lambda: wanted <= red(product), seconds=SILENT_SECONDS + SLACK, what=f"{wanted} to be red")
        after = time.monotonic() - began
    finally:
        for pid in stopped:
            os.killpg(pid, signal.SIGCONT)
    back = wait_for(lambda: not wanted & red(product), seconds=SILENT_SECONDS + SLACK, what=f"{wanted} to be green")
    with capsys.disabled():
        print(f"\n{product.name}: {names} red after {after:.0f} s, green after {back:.0f} s", file=sys.stderr)  # noqa: T201


def red(product: Product) -> set[str]:
    """The lights that programs are told are red."""
    page = ask(f"{product.stack.base}/metrics")[2]
    return {
        line.split('"')[1] for line in page.splitlines() if line.startswith("otklik_light{") and line.endswith(" 2")
    }
