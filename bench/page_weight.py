"""Row 4: how much a customer's browser fetches to show the question, and what Lighthouse says of the page."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from bench import answering, product
from bench.table import Row
from tests.browsing import ARGUMENTS, CHROMIUM

MOST_REQUESTS, MOST_KB = 2, 14.0
LIGHTHOUSE = "lighthouse@12"
CATEGORIES = ("accessibility", "best-practices")


def rows() -> Iterator[Row | str]:
    """What cannot be measured here says so."""
    if CHROMIUM is None:
        yield "Row 4: there is no Chromium here (apt install chromium)."
        return
    with product.on("SQLite") as environment:
        port = answering.free_port()
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
    measured, baseline = f"{len(replies)}, {kilobytes:.1f} KB", f"{MOST_REQUESTS}, {MOST_KB:.0f} KB"
    return Row(4, "the answer page: requests, packed by gzip", "", measured, baseline, ratio, 1)


def _lighthouse(address: str) -> Iterator[Row | str]:
    """Fetched by npx for this run alone: neither the product nor its tests need Node."""
    npx = shutil.which("npx")
    if npx is None:
        yield "Row 4: Lighthouse did not run, there is no npx here (it comes with Node)."
        return
    command = [npx, "--yes", LIGHTHOUSE, address, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless --no-sandbox"]
    environment = os.environ | {"CHROME_PATH": str(CHROMIUM)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        yield f"Row 4: Lighthouse did not run: {done.stderr.strip().splitlines()[-1:]}"
        return
    found = json.loads(done.stdout)
    for audit in found["audits"].values():
        if audit["score"] is not None and audit["score"] < 1:
            yield f"Row 4: Lighthouse: {audit['title']}"
    scores = [round(100 * found["categories"][name]["score"]) for name in CATEGORIES]
    what = "the same: Lighthouse 12, accessibility and best practices"
    yield Row(4, what, "", ", ".join(map(str, scores)), "100, 100", min(scores) / 100, 1)
