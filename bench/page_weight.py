"""Row 4: how much a customer's browser fetches to show the question, and what Lighthouse says of the page."""

import gzip
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from bench import answering
from bench.answering import Row
from tests.browsing import ARGUMENTS, CHROMIUM

MOST_REQUESTS, MOST_KB = 2, 14.0
LIGHTHOUSE = "lighthouse@12"
CATEGORIES = ("accessibility", "best-practices")


def rows() -> Iterator[Row]:
    """What cannot be measured here says so in a line of its own."""
    if CHROMIUM is None:
        print("4  the page's weight: no Chromium here (apt install chromium)")
        return
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as directory:
        port = answering.free_port()
        environment = os.environ | {"OTKLIK_DATA_DIR": directory, "PORT": str(port), "LOG_LEVEL": "ERROR"}
        address = f"http://127.0.0.1:{port}{answering.seed(environment, 1)[0]}"
        with answering.web(environment, port):
            yield _weight(address)
            yield from _lighthouse(address)


def _weight(address: str) -> Row:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page, replies = chromium.new_page(), []
        page.on("response", lambda reply: replies.append(reply))
        page.goto(address, wait_until="networkidle")
        kilobytes = sum(len(gzip.compress(reply.body())) for reply in replies) / 1024
        chromium.close()
    ratio = min(MOST_REQUESTS / len(replies), MOST_KB / kilobytes)
    return Row(
        number=4,
        what="answer page: requests, gzip",
        measured=f"{len(replies)}, {kilobytes:.1f} KB",
        baseline=f"{MOST_REQUESTS}, {MOST_KB:.0f} KB",
        ratio=ratio,
        goal="1x",
    )


def _lighthouse(address: str) -> Iterator[Row]:
    """Fetched by npx for this run alone: neither the product nor its tests need Node."""
    npx = shutil.which("npx")
    if npx is None:
        print("4  Lighthouse: no npx here (it comes with Node)")
        return
    command = [npx, "--yes", LIGHTHOUSE, address, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless --no-sandbox"]
    environment = os.environ | {"CHROME_PATH": str(CHROMIUM)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"4  Lighthouse did not run: {done.stderr.strip().splitlines()[-1:]}")
        return
    found = json.loads(done.stdout)
    for audit in found["audits"].values():
        if audit["score"] is not None and audit["score"] < 1:
            print(f"   Lighthouse: {audit['title']}")
    scores = [round(100 * found["categories"][name]["score"]) for name in CATEGORIES]
    yield Row(
        number=4,
        what="Lighthouse 12: accessibility, best practices",
        measured=", ".join(map(str, scores)),
        baseline="100, 100",
        ratio=min(scores) / 100,
        goal="1x",
    )
