"""What a request led to is found in the workers' logs by the name that its reply told."""

import json
import shutil
import time
import urllib.parse
import urllib.request
from pathlib import Path

from bench.answering import AGENT, fields
from tests.campaign.running import launch, migrated, run_inside, surroundings
from tests.e2e.stack import Stack, stop, wait_for


def post(stack: Stack, path: str, body: bytes, **headers: str) -> str:
    """The name of the request, as its reply tells it."""
    request = urllib.request.Request(stack.base + path, body, {"User-Agent": AGENT} | headers)
    with urllib.request.urlopen(request) as reply:
        return reply.headers["X-Request-ID"]


def told(stack: Stack, worker: str, request: str) -> list[dict[str, str]]:
    """What this worker has logged of a request. The supervisor writes the time before each of its lines."""
    log = stack.data_dir / "logs" / f"{worker}.log"
    text = log.read_text(encoding="utf-8") if log.exists() else ""  # it begins with its first line
    whole = text[: text.rfind("\n") + 1]  # the last one may be on its way
    found = [json.loads(line[line.index("{") :]) for line in whole.splitlines() if request in line]
    return [line for line in found if line["request"] == request]


def follow(stack: Stack, worker: str, request: str, row: str) -> None:
    wait_for(lambda: told(stack, worker, request), seconds=120, what=f"{worker} to tell of the request")
    line = told(stack, worker, request)[0]
    assert line["message"].startswith(f"takes up {row} ")
    assert line["task"] not in ("", request)


def test_a_request_is_followed_into_the_workers(tmp_path: Path) -> None:
    shutil.copyfile(migrated(), tmp_path / "otklik.sqlite3")
    stack = launch(tmp_path, surroundings(tmp_path) | {"LOG_FORMAT": "json"})
    try:
        path = run_inside(stack, "rows.sent(1)").strip()
        secret = run_inside(stack, "rows.key()")
        with urllib.request.urlopen(urllib.request.Request(stack.base + path, headers={"User-Agent": AGENT})) as page:
            form = fields(page.read().decode()) | {"score": "3", "comment": "The courier came late."}
        follow(stack, "understand", post(stack, path, urllib.parse.urlencode(form).encode()), "feedback.comment")
        contact = {
            "source": "followed", "external_id": "one", "updated_at": "2026-01-05T10:00:00Z", "channel": "email",
            "customer": {"external_id": "one", "email": "accept@example.org", "language": "en"},
            "created_at": "2026-01-05T10:00:00Z", "closed_at": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime()),
        }  # fmt: skip
        headers = {"Content-Type": "application/json", "Authorization": f"Api-Key {secret}"}
        request = post(stack, "/api/v1/interactions/", json.dumps(contact).encode(), **headers)
        follow(stack, "send", request, "surveys.invitation")
    finally:
        stop(stack)
