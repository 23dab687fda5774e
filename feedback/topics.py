"""Topics as the managers keep them, and the taxonomy that a new installation starts with."""

import json
from pathlib import Path
from typing import Any

from feedback.models import Topic
from feedback.understanding import TopicRule

DEFAULT = Path(__file__).parent / "lexicon" / "topics.json"


def default_rows() -> list[dict[str, Any]]:
    """Field values of the default topics, in their order."""
    return [
        {
            "code": topic["code"],
            "position": position,
            "names": {"ru": topic["ru"], "en": topic["en"]},
            "descriptions": {"ru": topic["def_ru"], "en": topic["def_en"]},
            "cues": {"ru": topic["cues_ru"], "en": topic["cues_en"]},
        }
        for position, topic in enumerate(json.loads(DEFAULT.read_text(encoding="utf-8"))["topics"])
    ]


def active_rules() -> tuple[dict[str, int], list[TopicRule]]:
    """The primary keys of the active topics by code, and their cues as the reader wants them."""
    topics = list(Topic.objects.filter(is_active=True))
    rules = [
        TopicRule(
            code=topic.code,
            cues_ru=tuple(topic.cues.get("ru", ())),
            cues_en=tuple(topic.cues.get("en", ())),
        )
        for topic in topics
    ]
    return {topic.code: topic.pk for topic in topics}, rules
