"""Messages to staff through a bot of Telegram: one call of its HTTP interface each."""

import json

from django.conf import settings

from ground import outbound
from ground.outbound import NotSent, Reply, Unknown
from ground.text import clean_line

LONGEST = 4000
BUSY = {408, 425, 429, 503}
NOBODY_KNOWS = {500, 502, 504}


def send(*, token: str, chat: str, text: str) -> None:
    """Say it in the chat; the token stands in the address alone. Raises NotSent or Unknown."""
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    body = {"chat_id": chat, "text": shown, "link_preview_options": {"is_disabled": True}}
    _judge(
        outbound.call(
            f"{settings.TELEGRAM_URL}/bot{token}/sendMessage",
            body=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json"},
        )
    )


def _judge(reply: Reply) -> None:
    if reply.status in NOBODY_KNOWS:
        raise Unknown(f"Telegram broke: {reply.status}")
    if not reply.is_success or not _parsed(reply.body).get("ok"):
        said = clean_line(str(_parsed(reply.body).get("description", "")))[:100]
        raise NotSent(f"Telegram refused: {reply.status} {said}".strip(), passing=reply.status in BUSY)


def _parsed(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
