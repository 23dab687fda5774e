"""Which questions ask customers whether it was resolved: one of each version that asks, as its score or further on."""

from collections.abc import Iterator

from surveys.models import Question, SurveyVersion

# What their answers are counted as, whatever else the survey scores.
RESOLVED = "resolved"


def questions(survey: int | None = None) -> Iterator[Question]:
    """The question of each version, published ever, that asks it."""
    versions = SurveyVersion.objects.filter(published_at__isnull=False, questions__kind="yes_no").distinct()
    chosen = {"survey": survey} if survey else {}
    for version in versions.filter(**chosen).prefetch_related("questions"):
        if question := version.resolved_question():
            yield question
