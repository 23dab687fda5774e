"""Responses and comments for the tests of counts: plain rows with the marks that their writers leave."""

import datetime as dt
import random
from collections import Counter
from typing import Any

from django.utils import timezone

from analytics import rollups, stored
from analytics.models.counted import Counted
from feedback.models import Comment, Response
from ground.models import Change
from surveys.models import Invitation, Message, Question, Survey
from tests.factories import make_invitation


def answer(survey: Survey, score: int | None, *, at: dt.datetime | None = None, **fields: Any) -> Response:
    """A counted response unless `evidence` says otherwise."""
    return answer_all(survey, [score], at=at, **fields)[0]


def answer_all(
    survey: Survey, scores: list[int | None], *, at: dt.datetime | None = None, **fields: Any
) -> list[Response]:
    """As many responses, all of one moment."""
    version = survey.published
    assert version is not None
    question = version.score_question()
    assert question is not None and question.scale is not None
    at = at or timezone.now()
    defaults = {
        "survey": survey, "version": version, "language": "ru", "channel": "phone", "evidence": "confirmed",
        "scale": question.scale.name, "answered_at": at, "changed_at": at,
    }  # fmt: skip
    responses = Response.objects.bulk_create(Response(**(defaults | fields | {"score": score})) for score in scores)
    Change.mark("response", at)
    return responses


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


def keep(table: type[Counted], day: dt.date, counts: dict[tuple[Any, ...], int]) -> None:
    """Counts of one day as the roll-up leaves them, beside those that are there."""
    key = next(tables[table] for tables in rollups.TABLES.values() if table in tables)
    known = Counter({tuple(values): n for (cut, *values), n in stored.read(table, day, key).items() if not cut})
    stored.write(table, day, key, known + Counter(counts))


def invite(survey: Survey, **fields: Any) -> Invitation:
    """An invitation that left, to a contact of its own unless `interaction` is given."""
    invitation = make_invitation(survey, **fields)
    for scope in ("interaction", "returns"):
        Change.mark(scope, invitation.interaction.created_at)
    Invitation.mark_days([invitation.pk])
    return invitation


def mail(invitation: Invitation, **fields: Any) -> Message:
    """The mail of an invitation, taken by the mail server."""
    defaults = {
        "channel": "email", "address": "anna@example.com", "state": Message.State.ACCEPTED,
        "handed_over_at": invitation.sent_at,
    }  # fmt: skip
    return Message.objects.create(invitation=invitation, **(defaults | fields))


def ask_further(survey: Survey) -> None:
    """Put a grid after low scores, two choices and what hangs on one of them into the published version."""
    version = survey.published
    assert version is not None
    named = {
        "en": {"speed": "Speed", "manners": "Politeness", "yes": "Yes", "no": "No", "price": "Price", "other": "?"}
    }
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("aspects", "grid", {"aspects": ["speed", "manners"], "when": {"question": "score", "in": ["low", "mid"]}}),
        ("again", "single", {"choices": ["yes", "no"]}),
        ("liked", "multiple", {"choices": ["price", "speed", "other"], "own_words": True}),
        ("why", "single", {"choices": ["price", "other"], "when": {"question": "again", "in": ["no"]}}),
    ]
    for position, (code, kind, options) in enumerate(asked, start=10):
        Question.objects.create(
            version=version, position=position, code=code, kind=kind, texts={"en": code.title(), "ru": code.title()},
            options=options | {"names": named},
        )  # fmt: skip


def further(draw: random.Random) -> dict[str, dict[str, int]]:
    """Some answers to them."""
    every = {
        "aspects": {item: draw.randrange(1, 6) for item in draw.sample(["speed", "manners"], draw.randrange(1, 3))},
        "again": {draw.choice(["yes", "no"]): 1},
        "liked": dict.fromkeys(draw.sample(["price", "speed", "other"], draw.randrange(1, 4)), 1),
        "why": {draw.choice(["price", "other"]): 1},
    }
    return {code: answer for code, answer in every.items() if draw.random() < 0.7}
