"""Answers that nobody can lead back to who gave them, not even with the whole database.

An invitation keeps that it was answered and on which day. The answer keeps its team and day: no invitation, customer or
agent, no key to edit it by, no client, no time of day; and its rows have keys drawn at random, so that their order says
nothing. What limits need is counted by day under keyed hashes.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from feedback import contents, repeated
from feedback.models import Answer, Comment, Response, Revision, Touch
from ground.models import Change, Organisation, reporting_day
from surveys.models import Full, Invitation, Link, SurveyVersion
from surveys.questions import text as free_text

# Keys are drawn from here: far above what sequences reach, and no script rounds them.
FIRST, LAST = 2**40, 2**41


@dataclass(frozen=True)
class Given:
    """What was posted, and what it is worth."""

    score: int | None
    text: str = ""
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    evidence: str = Response.Evidence.CONFIRMED
    held_for: str = ""


def day_of(at: dt.datetime) -> dt.datetime:
    """The beginning of the reporting day: the finest time that is kept."""
    return dt.datetime.combine(reporting_day(at), dt.time(), tzinfo=Organisation.current().timezone)


def record(invitation: Invitation, given: Given, *, at: dt.datetime) -> Response | None:
    """Store the one answer to an invitation; None when it was answered before. Raises ground.text.TextTooLong."""
    day = day_of(at)
    with transaction.atomic():
        if not invitation.take_anonymous_answer(day):
            return None
        Touch.objects.filter(invitation=invitation).delete()  # opened before the survey was made anonymous
        Change.mark("invitation", invitation.sent_at)
        return _store(given, day, invitation.version, team_id=invitation.team_id)


def record_through(link: Link, version: SurveyVersion, given: Given, *, at: dt.datetime) -> Response:
    """Store an answer that came through a public link, which names nobody: it counts for the link's team and agent."""
    of_link = {"link": link, "team_id": link.team_id, "agent_id": link.agent_id, "channel": link.channel}
    with transaction.atomic():
        response = _store(given, day_of(at), version, **of_link)
        if not link.survey.note_answer():
            raise Full
        return response


def _store(given: Given, day: dt.datetime, version: SurveyVersion, **about: Any) -> Response:
    question = version.score_question()
    response = Response.objects.create(
        pk=_key(Response),
        survey_id=version.survey_id,
        version=version,
        language=version.languages()[0],
        scale=question.scale.name if question and question.scale else "",
        score=given.score,
        evidence=given.evidence,
        held_for=given.held_for,
        answered_at=day,
        changed_at=day,
        **about,
    )
    answers = contents.applying(given.answers, version, score=given.score)
    texts = {code: text for code, raw in given.texts.items() if (text := free_text.clean(raw))}
    _store_answers(response, version, answers)
    text = free_text.clean(given.text)
    _store_texts(response, version, {"": text} | texts)
    Revision.objects.create(
        pk=_key(Revision), response=response, number=1, at=day, score=given.score, text=text, answers=answers,
        texts=texts, evidence=given.evidence,
    )  # fmt: skip
    Change.mark("response", day)
    Change.mark("comment", day)
    return response


def _store_answers(response: Response, version: SurveyVersion, answers: Mapping[str, Mapping[str, int]]) -> None:
    """The score and the answers to the further questions."""
    given = {question: answers.get(question.code, {}) for question in version.further}
    first = version.score_question()
    if first is not None and response.score is not None:
        given[first] = {"": response.score}
    for question, values in given.items():
        for item, value in values.items():
            Answer.objects.create(pk=_key(Answer), response=response, question=question, item=item, value=value)


def _store_texts(response: Response, version: SurveyVersion, texts: Mapping[str, str]) -> None:
    questions = {"": version.comment_question()} | {question.code: question for question in version.further}
    for code, text in texts.items():
        if text:
            Comment.objects.create(
                pk=_key(Comment),
                source=Comment.Source.SURVEY,
                response=response,
                question=questions.get(code),
                text=text,
                survey_id=response.survey_id,
                team_id=response.team_id,
                agent_id=response.agent_id,
                channel=response.channel,
                said_at=response.answered_at,
                received_at=response.answered_at,
                **repeated.of_response(response),
            )


def _key(model: type[models.Model]) -> int:
    """A key that no row of the model has."""
    while True:
        key = FIRST + secrets.randbelow(LAST - FIRST)
        if not model._default_manager.filter(pk=key).exists():
            return key
