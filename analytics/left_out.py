"""How much of a period somebody took out of the scores by hand: what counts leave out, a report has to say."""

from dataclasses import dataclass

from django.db.models import Count, Q

from analytics.reports import Filters
from feedback.models import Exclusion


@dataclass(frozen=True)
class LeftOut:
    """Answers, and texts with or without an answer, that do not count because somebody said so."""

    responses: int
    comments: int


def left_out(filters: Filters) -> LeftOut:
    """What the filters would count, were it not excluded."""
    first, after = filters.period.moments(filters.zone)

    def within(path: str, moment: str) -> Q:
        return Q(**{f"{path}{moment}__gte": first, f"{path}{moment}__lt": after})

    responses = filters.rows("response__") & within("response__", "answered_at")
    comments = filters.of_comments("comment__") & within("comment__", "said_at")
    of_responses = filters.of_comments("response__comments__") & within("response__comments__", "said_at")
    counts = Exclusion.objects.filter(lifted_at=None).aggregate(
        responses=Count("pk", filter=responses, distinct=True), comments=Count("pk", filter=comments | of_responses)
    )
    return LeftOut(**counts)
