"""Responses and comments for the tests of counts: plain rows with the marks that their writers leave."""

import datetime as dt
from typing import Any

from django.utils import timezone

from feedback.models import Comment, Response
from ground.models import Change
from surveys.models import Survey


def answer(survey: Survey, score: int | None, *, at: dt.datetime | None = None, **fields: Any) -> Response:
    """A counted response unless `evidence` says otherwise."""
    version = survey.published
    assert version is not None
    question = version.score_question()
    assert question is not None and question.scale is not None
    at = at or timezone.now()
    defaults = {"version": version, "language": "ru", "channel": "phone", "evidence": "confirmed", "changed_at": at}
    response = Response.objects.create(
        survey=survey, score=score, scale=question.scale.name, answered_at=at, **(defaults | fields)
    )
    Change.mark("response", at)
    return response


def say(tone: str = "", *, at: dt.datetime | None = None, topics: tuple[Any, ...] = (), **fields: Any) -> Comment:
    """A comment that was read with this tone, or one that nobody has read yet."""
    at = at or timezone.now()
    defaults = {"source": "survey", "text": "Долго ждали ответа.", "channel": "phone", "tone": tone}
    defaults |= {"tone_confidence": 0.9, "classified_at": at} if tone else {}
    comment = Comment.objects.create(said_at=at, **(defaults | fields))
    for topic in topics:
        comment.topics.create(topic=topic, confidence=0.9)
    Change.mark("comment", at)
    return comment
