"""What customers say to whether it was resolved, asked as the score or by a further question (M22, M24)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from analytics.metrics import Metric
from analytics.models import AnswerDay
from analytics.reports import YES_NO, Filters, Segment, score_of
from analytics.results.counts import VALUE
from analytics.results.means import segments_of
from feedback.answer_filter import MOST, Asked
from surveys.models import Question, SurveyVersion


@dataclass(frozen=True)
class Said:
    """The share of "yes", and what leads to its answers in the list, "" where that would be too many questions."""

    metric: Metric
    answers: str


def said(filters: Filters, *, as_of: dt.datetime) -> Said:
    asked = list(questions(filters))
    metric = _by(filters, "", asked, as_of=as_of)[0].metric
    keys = tuple(question.pk for question in asked)
    return Said(metric, str(Asked(keys)) if 0 < len(keys) <= MOST else "")


def said_by(filters: Filters, column: str, *, as_of: dt.datetime) -> tuple[Segment, ...]:
    """The share by "team" or "channel"; with "" the whole, under None."""
    return _by(filters, column, questions(filters), as_of=as_of)


def counts(filters: Filters, asked: Iterable[Question]) -> QuerySet[AnswerDay]:
    """The counts by day of what was answered to these questions."""
    by_survey = {question.pk: question.version.survey_id for question in asked}
    # The surveys are named, too: by them the counts are found.
    rows = AnswerDay.objects.filter(filters.of_scores(), survey__in=set(by_survey.values()))
    return rows.filter(question__in=list(by_survey), fact=VALUE)


def questions(filters: Filters) -> Iterable[Question]:
    """The question of each version, published ever, that asks it."""
    versions = SurveyVersion.objects.filter(published_at__isnull=False, questions__kind="yes_no").distinct()
    chosen = {"survey": filters.survey} if filters.survey else {}
    for version in versions.filter(**chosen).prefetch_related("questions"):
        if question := version.resolved_question():
            yield question


def _by(filters: Filters, column: str, asked: Iterable[Question], *, as_of: dt.datetime) -> tuple[Segment, ...]:
    return segments_of(
        counts(filters, asked), "value", lambda hist: score_of(hist, YES_NO), filters, column, as_of=as_of
    )
