"""Messages to staff through an incoming webhook as Slack has it; Mattermost, Rocket.Chat and others take the same."""

import json

from ground import outbound
from ground.outbound import NotSent, Unknown

LONGEST = 8000
BUSY = {408, 425, 429, 503}
NOBODY_KNOWS = {500, 502, 504}
# What Slack would read as its own marks.
MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def send(*, url: str, text: str) -> None:
    """Say it behind the webhook; its address is the secret. Raises NotSent or Unknown."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    body = json.dumps({"text": shown.translate(MARKS)}, ensure_ascii=False).encode()
    reply = outbound.call(url, body=body, headers={"Content-Type": "application/json"})
    if reply.status in NOBODY_KNOWS:
        raise Unknown(f"the webhook broke: {reply.status}")
    if not reply.is_success:
        raise NotSent(f"the webhook refused: {reply.status}", passing=reply.status in BUSY)
