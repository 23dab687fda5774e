"""Answers by their score and by all that they write about: what the impact of topics is computed from (M30)."""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import F, QuerySet

from feedback.models import Comment, Response

MOST_LETTERS = 400
KEY = ("survey", "scale", "team", "channel", "evidence", "score", "topics")
WHERE = ("survey", "response__scale", "team", "channel", "response__evidence", "response__score")


def counts_of(said: QuerySet[Comment], where: tuple[Any, ...] = WHERE) -> Counter[tuple[Any, ...]]:
    """Counts of the answers that these comments belong to; texts to several questions of one answer are one."""
    scored = said.filter(response__evidence__in=Response.COUNTED)
    about: dict[int, set[int]] = defaultdict(set)
    answers: dict[int, tuple[Any, ...]] = {}
    for key, topic, *rest in scored.order_by().values_list("response", F("topics__topic"), *where):
        answers[key] = tuple(rest)
        about[key] |= {topic} if topic else set()
    return Counter((*answer, told(about[key])) for key, answer in answers.items())


def told(topics: set[int]) -> str:
    """The topics as they are stored; what does not fit, and nobody writes about so much, is left out."""
    text = ""
    for topic in sorted(topics):
        more = f"{text},{topic}" if text else str(topic)
        if len(more) > MOST_LETTERS:
            break
        text = more
    return text
