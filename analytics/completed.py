"""Which scored answers lack something that has to be answered: they are not completed (M5).

Most surveys ask for the score alone; only versions that require more are looked at, one response after the other, since
what applies hangs on what was answered.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.db.models import QuerySet

from feedback.models import Answer, Comment, Response
from surveys.models import Invitation, Question, SurveyVersion
from surveys.questions import grid

Given = Mapping[str, Mapping[str, int]]


class Lacking(NamedTuple):
    """An invitation that was answered with a score, but not in full."""

    pk: int
    survey: int
    team: int | None
    channel: str


def lacking(rows: QuerySet[Invitation]) -> Iterator[Lacking]:
    """Those of these invitations."""
    versions = _demanding(rows)
    if not versions:
        return
    mine = Response.objects.filter(
        invitation__in=rows.filter(answer_state__in=Invitation.COUNTED), version__in=versions, score__isnull=False
    )
    answers: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    given = Answer.objects.filter(response__in=mine, value__isnull=False).order_by()
    for response, code, item, value in given.values_list("response", "question__code", "item", "value"):
        answers[response][code][item] = value or 0
    written: dict[int, set[int]] = defaultdict(set)
    texts = Comment.objects.filter(response__in=mine, question__isnull=False).exclude(text="").order_by()
    for response, question in texts.values_list("response", "question"):
        written[response].add(question)
    where = [f"invitation__{name}" for name in ("pk", "survey", "team", "channel")]
    for pk, version, score, *place in mine.order_by().values_list("pk", "version", "score", *where):
        if not _is_full(versions[version], score, answers.get(pk, {}), written.get(pk, set())):
            yield Lacking(*place)


def _demanding(rows: QuerySet[Invitation]) -> dict[int, SurveyVersion]:
    """The versions of these invitations' surveys that require more than the score."""
    surveys = rows.order_by().values("survey").distinct()
    required = Question.objects.filter(is_required=True, version__survey__in=surveys)
    known = SurveyVersion.objects.filter(questions__in=required).distinct().prefetch_related("questions")
    return {version.pk: version for version in known if _needed(version)}


def _needed(version: SurveyVersion) -> list[Question]:
    """Nobody has to ask for a call."""
    first = version.score_question()
    return [one for one in version.asked if one.is_required and one != first and one.kind != "contact"]


def _is_full(version: SurveyVersion, score: int, answers: Given, written: set[int]) -> bool:
    needed = _needed(version)
    return all(
        _is_answered(question, answers.get(question.code, {}), written)
        for question in version.asked_after(score, answers)
        if question in needed
    )


def _is_answered(question: Question, given: Mapping[str, int], written: set[int]) -> bool:
    if question.kind == "text":
        return question.pk in written
    if question.kind == "grid":
        return set(grid.items(question.options)) <= set(given)
    return bool(given)
