"""Answers that nobody can lead back to who gave them, not even with the whole database.

An invitation keeps that it was answered and on which day. The answer keeps its team and the day on which it came out
together with others: no invitation, customer or agent, no key to edit it by, no client, no time of day; and its rows
have keys drawn at random, so that their order says nothing. What limits need is counted by day under keyed hashes.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from feedback import contents, repeated, sealed
from feedback.models import Answer, Comment, Response, Revision, Sealed, Touch
from ground.models import Change, Organisation, reporting_day
from surveys.models import Full, Invitation, Link, Survey, SurveyVersion
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
    """Take the one answer to an invitation, and return what it will be once it comes out (`feedback.sealed`); None when
    it was answered before. Raises ground.text.TextTooLong."""
    day = day_of(at)
    with transaction.atomic():
        if not invitation.take_anonymous_answer(day):
            return None
        Touch.objects.filter(invitation=invitation).delete()  # opened before the survey was made anonymous
        Change.mark("invitation", invitation.sent_at)
        return _take(given, day, invitation.version, team_id=invitation.team_id)


def record_through(link: Link, version: SurveyVersion, given: Given, *, at: dt.datetime) -> Response:
    """Take an answer that came through a public link, which names nobody: it counts for the link's team and agent."""
    of_link = {"link": link, "team_id": link.team_id, "agent_id": link.agent_id, "channel": link.channel}
    with transaction.atomic():
        response = _take(given, day_of(at), version, **of_link)
        if not link.survey.note_answer():
            raise Full
        return response


def _take(given: Given, day: dt.datetime, version: SurveyVersion, **about: Any) -> Response:
    """Seal it, and tell all of its kind when it is the last that they waited for."""
    texts = {code: text for code, raw in given.texts.items() if (text := free_text.clean(raw))}
    one = Sealed(
        pk=_key(Sealed), version=version, evidence=given.evidence, held_for=given.held_for, score=given.score,
        text=free_text.clean(given.text), texts=texts,
        answers=contents.applying(given.answers, version, score=given.score), **about,
    )  # fmt: skip
    # Of two at the same moment the second has to see the first.
    Survey.objects.select_for_update().get(pk=version.survey_id)
    one.save(force_insert=True)
    for other in sealed.ready(one):
        _store(other, day)
    for other in sealed.ready_words(one):
        _store_words(other, day)
    return _response(one, day)


def _response(one: Sealed, day: dt.datetime) -> Response:
    question = one.version.score_question()
    return Response(
        survey_id=one.version.survey_id,
        version=one.version,
        team_id=one.team_id,
        agent_id=one.agent_id,
        link_id=one.link_id,
        channel=one.channel,
        language=one.version.languages()[0],
        scale=question.scale.name if question and question.scale else "",
        score=one.score,
        evidence=one.evidence,
        held_for=one.held_for,
        answered_at=day,
        changed_at=day,
    )


def _store(one: Sealed, day: dt.datetime) -> None:
    """Tell the score and the answers; the words wait for those of others."""
    response = _response(one, day)
    response.pk = _key(Response)
    response.save(force_insert=True)
    _store_answers(response, one.version, one.answers)
    Revision.objects.create(
        pk=_key(Revision), response=response, number=1, at=day, score=one.score, answers=one.answers,
        evidence=one.evidence,
    )  # fmt: skip
    Change.mark("response", day)
    if one.text or one.texts:
        one.response = response
        one.save(update_fields=["response"])
    else:
        one.delete()


def _store_words(one: Sealed, day: dt.datetime) -> None:
    response = one.response
    assert response is not None
    Revision.objects.filter(response=response).update(text=one.text, texts=one.texts)
    _store_texts(response, one.version, {"": one.text} | one.texts, day=day)
    Change.mark("comment", day)
    one.delete()


def _store_answers(response: Response, version: SurveyVersion, answers: Mapping[str, Mapping[str, int]]) -> None:
    """The score and the answers to the further questions."""
    given = {question: answers.get(question.code, {}) for question in version.further}
    first = version.score_question()
    if first is not None and response.score is not None:
        given[first] = {"": response.score}
    for question, values in given.items():
        for item, value in values.items():
            Answer.objects.create(pk=_key(Answer), response=response, question=question, item=item, value=value)


def _store_texts(response: Response, version: SurveyVersion, texts: Mapping[str, str], *, day: dt.datetime) -> None:
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
                said_at=day,
                received_at=day,
                request="",  # in the web's log it has a time of day
                **repeated.of_response(response),
            )


def _key(model: type[models.Model]) -> int:
    """A key that no row of the model has."""
    while True:
        key = FIRST + secrets.randbelow(LAST - FIRST)
        if not model._default_manager.filter(pk=key).exists():
            return key
