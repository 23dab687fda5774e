"""A process that stands still turns its light red in the time that is promised, and back when it goes on; a broker that
does holds up no answer."""

import os
import signal
import sys
import time

import pytest

from config.lights import SILENT_SECONDS
from tests.campaign import accounts
from tests.campaign.answers import READ_SECONDS
from tests.campaign.running import Product
from tests.campaign.test_faults import HEALED_SECONDS, ask, form, read
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
    wait_for(
        lambda: not red(product) & set(LIGHTS.values()), seconds=HEALED_SECONDS, what="every process to be heard of"
    )
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
    told = f"faults {len(names)} ({', '.join(names)} stood still), red after {after:.0f} s, green after {back:.0f} s"
    accounts.tell(capsys, f"lights, {product.name}: {told}")


def test_a_broker_that_hangs_holds_up_no_answer_and_is_told_of(product: Product, capsys) -> None:
    """It takes connections and says nothing more. Who answers does not notice; the scheduler says so, and goes on."""
    paths, log = product.take(3), product.stack.data_dir / "logs" / "beat.log"
    broker, took = product.stack.child("broker"), []

    def told() -> str:  # a log begins with its first line
        return log.read_text(encoding="utf-8") if log.exists() else ""

    before = len(told())

    def is_said(words: str) -> bool:
        return words in told()[before:]

    os.killpg(broker, signal.SIGSTOP)
    try:
        wait_for(lambda: is_said("no broker takes the ticks"), seconds=HEALED_SECONDS, what="the scheduler to say so")
        filled = {path: form(ask(product.stack.base + path)[2]) for path in paths}
        time.sleep(READ_SECONDS)
        for path in paths:
            began = time.monotonic()
            answer = filled[path] | {"score": "3", "comment": f"{path} waited"}
            assert ask(product.stack.base + path, answer)[0] == 200
            took.append(time.monotonic() - began)
    finally:
        os.killpg(broker, signal.SIGCONT)
    for path in paths:
        wait_for(lambda path=path: read(product, path) == [(3, f"{path} waited", 1)], seconds=HEALED_SECONDS,  # type: ignore[misc]
                 what="a worker to read it")  # fmt: skip
    wait_for(lambda: is_said("the broker takes the ticks again"), seconds=HEALED_SECONDS, what="it to say that, too")
    with capsys.disabled():
        print(f"\n{product.name}: broker hangs, answers took at most {max(took):.2f} s", file=sys.stderr)  # noqa: T201
    assert max(took) < 5


def red(product: Product) -> set[str]:
    """The lights that programs are told are red."""
    page = ask(f"{product.stack.base}/metrics")[2]
    return {
        line.split('"')[1] for line in page.splitlines() if line.startswith("otklik_light{") and line.endswith(" 2")
    }
