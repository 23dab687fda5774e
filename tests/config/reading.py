"""Comments and responses as the desk's tests need them."""

import itertools
from typing import Any

from django.utils import timezone

from feedback import repeated
from feedback.models import Comment, CommentTopic, Label, Response, Revision, Topic
from surveys.models import Survey
from tests import factories

_numbers = itertools.count(1)


def make_topic(code: str = "delays", name: str = "Опоздания") -> Topic:
    topic, _created = Topic.objects.get_or_create(code=code, defaults={"names": {"ru": name, "en": code.title()}})
    return topic


def make_response(survey: Survey, *, score: int | None = 2, text: str = "", **fields: Any) -> Response:
    """An answered invitation, with its comment when there is a text."""
    snapshot = {name: fields.pop(name) for name in ("team", "agent", "channel", "customer") if name in fields}
    invitation = factories.make_invitation(survey, **snapshot)
    at = fields.pop("at", timezone.now())
    defaults = {
        "invitation": invitation, "survey": survey, "version": invitation.version, "customer": invitation.customer,
        "team": invitation.team, "agent": invitation.agent, "channel": invitation.channel, "language": "ru",
        "scale": invitation.version.score_question().scale.name, "score": score, "evidence": "confirmed",
        "answered_at": at,
    }  # fmt: skip
    response = Response.objects.create(**(defaults | fields))
    Revision.objects.create(response=response, number=1, score=score, text=text, evidence="confirmed", at=at)
    if text:
        make_comment(
            text=text, source="survey", response=response, survey=survey, customer=response.customer,
            team=response.team, agent=response.agent, channel=response.channel, said_at=at,
            **repeated.of_response(response),
        )  # fmt: skip
    return response


def make_comment(*, text: str = "Долго ждал ответа.", **fields: Any) -> Comment:
    """A comment that nobody has read."""
    defaults = {"source": "review", "origin": "site", "external_key": f"k{next(_numbers)}", "text": text}
    return Comment.objects.create(**(defaults | fields))


def label(comment: Comment, *, tone: str = "negative", spans: list[Any] | None = None, topic: Topic | None = None,
          confidence: float = 0.9) -> Comment:  # fmt: skip
    """The comment as the worker leaves it."""
    Label.objects.create(
        comment=comment, scheme="tone", value=tone, confidence=confidence, source="rule", version="rules-1",
        spans=spans or [],
    )  # fmt: skip
    if topic:
        Label.objects.create(
            comment=comment, scheme="topic", topic=topic, value="yes", confidence=confidence, source="rule",
            version="rules-1",
        )  # fmt: skip
        CommentTopic.objects.create(comment=comment, topic=topic, confidence=confidence)
    Comment.objects.filter(pk=comment.pk).update(
        tone=tone, tone_confidence=confidence, constructive=False, constructive_confidence=0.9,
        classified_at=timezone.now(),
    )  # fmt: skip
    return comment
