"""What else an answer says beside its score and the text at hand: the further questions and the other texts."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language

from feedback import answered
from feedback.admin.marks import Segment, segments
from feedback.answered import Line
from feedback.models import Comment, Response

LENGTH = 400


@dataclass(frozen=True)
class Other:
    """Another text of the same answer, on a page of its own."""

    question: str
    text: list[Segment]
    link: str


def answers(response: Response | None) -> list[Line]:
    """The answers to the further questions in the reader's language."""
    if response is None:
        return []
    return answered.of([response.pk], language=get_language() or "").get(response.pk, [])


def others(response: Response | None, comment: Comment | None) -> list[Other]:
    """The texts of the answer but for the one at hand, with personal data hidden."""
    if response is None:
        return []
    found = Comment.objects.filter(response=response).exclude(pk=comment and comment.pk).select_related("question")
    return [
        Other(
            question=other.question.text(get_language() or "") if other.question else "",
            text=segments(other.text, [], limit=LENGTH),
            link=reverse("admin:feedback_comment_change", args=[other.pk]),
        )
        for other in found.order_by("question", "pk")
    ]
