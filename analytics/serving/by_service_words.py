"""What the page of scores by service shows: tables on common axes, and what waiting costs in one sentence each."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import blocks, formats, served_counts
from analytics.links import Links
from analytics.served_counts import LADDERS
from analytics.serving.by_service import ByService, Cost
from analytics.wording import NAMES

TITLES: dict[str, tuple[Any, Any, Any]] = {
    served_counts.RESPONSE: (
        gettext_lazy("By first response"),
        gettext_lazy("First response after"),
        gettext_lazy("In working hours; answers about contacts whose first response is known."),
    ),
    served_counts.QUEUE: (
        gettext_lazy("By waiting in the queue"),
        gettext_lazy("Picked up after"),
        gettext_lazy("Answers about calls and chats that waited in a queue."),
    ),
    served_counts.REPLIES: (
        gettext_lazy("By number of replies"),
        gettext_lazy("Replies"),
        gettext_lazy("Answers about contacts whose replies were counted."),
    ),
    served_counts.RESOLUTION: (
        gettext_lazy("By time to the solution"),
        gettext_lazy("Solved after"),
        gettext_lazy("By the clock; answers about contacts that were solved."),
    ),
    served_counts.REPEAT: (
        gettext_lazy("By coming back"),
        gettext_lazy("Contact"),
        gettext_lazy("With the same reason, within 7 days after the contact before had ended."),
    ),
    served_counts.REASON: (
        gettext_lazy("By reason"),
        gettext_lazy("Reason"),
        gettext_lazy("By number of answers, not by score."),
    ),
}


def tables(found: ByService, *, scale: str, links: Links) -> list[blocks.Where]:
    """One table for each aspect that tells at least two steps apart."""
    return [
        blocks.where(
            title, segments, lead=lead, head=head, name=NAMES[scale], names=_names(aspect, segments),
            href=lambda key: "", is_compared=links.filters.before is not None,
        )
        for aspect, (title, head, lead) in TITLES.items()
        if (segments := found.aspects.get(aspect))
    ]  # fmt: skip


def _names(aspect: str, segments: Any) -> Mapping[Any, Any]:
    return LADDERS[aspect].names if aspect in LADDERS else {segment.key: segment.key for segment in segments}


def costs(found: ByService, *, scale: str) -> list[dict[str, str]]:
    """What each slower step costs against the quickest."""
    return [_cost(cost, scale) for cost in found.costs]


def _cost(cost: Cost, scale: str) -> dict[str, str]:
    names = LADDERS[cost.aspect].names
    quick, slow = cost.scores
    told = {
        "title": str(TITLES[cost.aspect][0]),
        "scores": _("%(name)s: %(quickest)s %(quick)s, %(slowest)s %(slow)s:") % {
            "name": NAMES[scale],
            "quick": formats.value_of(quick),
            "quickest": names[cost.quick],
            "slow": formats.value_of(slow),
            "slowest": names[cost.slow],
        },
        "diff": formats.difference(cost.change.diff, unit=quick.unit),
        "limits": "",
    }  # fmt: skip
    if cost.change.lo is not None and cost.change.hi is not None:
        told["limits"] = formats.difference_interval(cost.change.lo, cost.change.hi, unit=quick.unit)
    return told
