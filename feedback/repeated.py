"""What a comment repeats of its response, so that lists and counts need not look it up: kept equal by `intake`."""

from typing import Any

from feedback import exclusions
from feedback.models import Response
from surveys.questions import SCALES


def of_response(response: Response) -> dict[str, Any]:
    """The columns of the response's comment, by name."""
    return {
        "is_counted": exclusions.counts(response),
        "score": response.score,
        "band": band(response),
        "evidence": response.evidence,
        "wants_contact": response.wants_contact,
    }


def band(response: Response) -> str:
    """Whether the score is low, mid or high on its scale, "" without a score."""
    if response.score is None or response.scale not in SCALES:
        return ""
    return SCALES[response.scale].band(response.score)
