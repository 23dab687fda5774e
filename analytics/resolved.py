"""What customers say to whether it was resolved, counted as a score of its own (M22, M24)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When

from feedback.models import Answer
from surveys import resolved
from surveys.resolved import RESOLVED


def said(rows: QuerySet[Any], path: str = "") -> QuerySet[Any]:
    """The rows whose response answered it, each with what it `said`; `path` leads to it and ends in two underscores."""
    questions = list(resolved.questions())
    if not questions:
        return rows.none().annotate(said=Value(0))
    of_score = [question.version_id for question in questions if question == question.version.score_question()]
    given = Answer.objects.filter(response=OuterRef(f"{path}pk"), question__in=questions, value__isnull=False)
    by_score = When(**{f"{path}version__in": of_score}, then=F(f"{path}score"))
    return rows.annotate(said=Case(by_score, default=Subquery(given.values("value")[:1]))).filter(said__isnull=False)


def as_score(columns: Sequence[str]) -> tuple[Any, ...]:
    """The columns of counts by score for such rows: what they said stands for the score."""
    told = {"scale": Value(RESOLVED), "score": F("said")}
    return tuple(told.get(name.removeprefix("response__"), name) for name in columns)
