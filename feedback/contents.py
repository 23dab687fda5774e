"""What a response holds beside its score: answers to the further questions and texts, read and brought in line."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from feedback import repeated, search
from feedback.models import Answer, Comment, ReadMark, Response
from ground import request_ids
from surveys.models import Invitation, Question, SurveyVersion
from surveys.questions import Answers

# What a comment looks like before the machine reads it; an edited one goes back to this and into the queue.
UNREAD: dict[str, Any] = {
    "classified_at": None,
    "checked_at": None,
    "checked_by": None,
    "attempts": 0,
    "lease": "",
    "leased_until": None,
    "quarantined_at": None,
    "error": "",
}


@dataclass(frozen=True)
class Contents:
    """`text` is the comment, "" without one; `answers` and `texts` are those of the further questions, by code."""

    text: str = ""
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> set[str]:
        """The questions that something is said to; the comment's is ""."""
        return {*self.answers, *self.texts, *([""] if self.text else [])}


def snapshot(invitation: Invitation) -> dict[str, Any]:
    """Who and what it was about when we asked; later moves of teams and agents do not change it."""
    names = ("survey_id", "customer_id", "team_id", "agent_id", "channel", "reason")
    return {name: getattr(invitation, name) for name in names}


def codes(version: SurveyVersion) -> dict[int | None, str]:
    """The further questions of a version by key."""
    return {question.pk: question.code for question in version.further}


def text_of(response: Response) -> str:
    """The comment of a response as it stands, "" without one."""
    return of(response, response.version).text


def of(response: Response, version: SurveyVersion) -> Contents:
    """Everything as it stands: one query, and another where the version asks further questions."""
    further = codes(version)
    said = {further.get(row.question_id, ""): row.text for row in _texts(response)}
    return Contents(text=said.pop("", ""), answers=_answers(response, further), texts=said)


def _texts(response: Response) -> QuerySet[Comment]:
    return Comment.objects.filter(response=response).order_by("pk").only("question", "text")


def _answers(response: Response, further: Mapping[int | None, str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    if further:
        rows = Answer.objects.filter(response=response, question__in=list(further), value__isnull=False).order_by("pk")
        for pk, item, value in rows.values_list("question_id", "item", "value"):
            found[further[pk]][item] = value or 0
    return dict(found)


def applying(answers: Answers, version: SurveyVersion, *, score: int | None) -> dict[str, dict[str, int]]:
    """Those of the answers whose questions apply to this score and to each other.

    Texts are kept whatever they hang on: somebody typed them.
    """
    if not answers:
        return {}
    asked = {question.code for question in version.asked_after(score, answers)}
    return {code: dict(values) for code, values in answers.items() if code in asked and values}


def rows(response: Response, invitation: Invitation, stands: Contents) -> list[Model]:
    """What a new response holds, as rows that are not stored yet."""
    found: list[Model] = []
    for question in invitation.version.further:
        answers, text = stands.answers.get(question.code, {}), stands.texts.get(question.code)
        found += [Answer(response=response, question=question, item=item, value=answers[item]) for item in answers]
        found += [_comment(response, invitation, question, text)] if text else []
    if stands.text:
        found.append(_comment(response, invitation, invitation.version.comment_question(), stands.text))
    return found


def bring(response: Response, invitation: Invitation, *, before: Contents, after: Contents) -> None:
    """Make the rows of a response hold `after` instead of `before`."""
    version = invitation.version
    for question in version.further:
        values = after.answers.get(question.code, {})
        if values != before.answers.get(question.code, {}):
            bring_answer(response, question, values)
    if (after.text, after.texts) == (before.text, before.texts):
        return
    further = codes(version)
    known = {further.get(row.question_id, ""): row for row in _texts(response)}
    _bring_text(response, invitation, version.comment_question(), after.text, known.get(""))
    for question in version.further:
        if question.takes_text:
            code = question.code
            _bring_text(response, invitation, question, after.texts.get(code, ""), known.get(code))


def bring_answer(response: Response, question: Question, values: Mapping[str, int]) -> None:
    """Make the answer to one question these {item: value}."""
    Answer.objects.filter(response=response, question=question).exclude(item__in=list(values)).delete()
    for item, value in values.items():
        Answer.objects.update_or_create(response=response, question=question, item=item, defaults={"value": value})


def _bring_text(
    response: Response, invitation: Invitation, question: Question | None, text: str, known: Comment | None
) -> None:
    """Keep the comment on this question equal to `text`; a changed one waits to be read again by machine and people."""
    if known is None:
        if text:
            _comment(response, invitation, question, text).save()
    elif not text:
        search.forget([known.pk])
        known.delete()
    elif known.text != text:
        fresh = {"text": text, "done_at": None, "done_by": None, "request": request_ids.current()}
        Comment.objects.filter(pk=known.pk).update(**fresh, **UNREAD)
        ReadMark.objects.filter(comment=known).delete()


def _comment(response: Response, invitation: Invitation, question: Question | None, text: str) -> Comment:
    return Comment(
        source=Comment.Source.SURVEY,
        response=response,
        question=question,
        interaction_id=invitation.interaction_id,
        text=text,
        said_at=response.answered_at,
        **repeated.of_response(response),
        **snapshot(invitation),
    )
