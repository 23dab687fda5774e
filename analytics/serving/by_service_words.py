"""What the page of scores by service shows: tables on common axes, and what waiting costs in one sentence each."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from analytics import blocks, formats, served_counts
from analytics import tables as tables_of
from analytics.contact_counts import LATE, MET
from analytics.links import Links
from analytics.reports import PARTS
from analytics.rows_behind import JUDGED
from analytics.served_counts import LADDERS, WITHIN
from analytics.serving.by_service import ByService, Cost, FastAndGood
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
            href=partial(_behind, aspect, scale, links), is_compared=links.filters.before is not None,
            key=blocks.DEFINED[scale],
        )
        for aspect, (title, head, lead) in TITLES.items()
        if (segments := found.aspects.get(aspect))
    ]  # fmt: skip


def _behind(aspect: str, scale: str, links: Links, step: str) -> str:
    if aspect == served_counts.RESPONSE:
        return links.responses(scale=scale, waited=LADDERS[aspect].range(step))
    if aspect == served_counts.REPEAT and not links.filters.scope.covers_all():
        aspect = served_counts.REPEAT_TO_TEAM
    return links.responses(scale=scale, served=f"{aspect}:{step}")


def both_behind(scale: str, *, links: Links) -> dict[str, str]:
    """The rows of fast and good, and of each cell."""
    (low, high), worst = PARTS[scale][0], PARTS[scale][-1][0]
    good, bad = f"{low}-{high}", f"{worst}-{low - 1}"
    cells = {"both": (MET, good), "good_only": (LATE, good), "fast_only": (MET, bad), "neither": (LATE, bad)}
    return {"every": links.responses(scale=scale, served=f"{WITHIN}:{JUDGED}")} | {
        cell: links.responses(scale=scale, score=scores, served=f"{WITHIN}:{how_soon}")
        for cell, (how_soon, scores) in cells.items()
    }


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


def of_page(found: ByService, shown: list[blocks.Where], *, scale: str) -> list[tables_of.Table]:
    """The page as a file has it."""
    scores = [tables_of.segments(block, of_scores=True) for block in shown]
    rows = [
        (
            TITLES[cost.aspect][0], LADDERS[cost.aspect].names[cost.quick], cost.scores[0].value,
            LADDERS[cost.aspect].names[cost.slow], cost.scores[1].value,
            cost.change.diff, cost.change.lo, cost.change.hi,
        )
        for cost in found.costs
    ]  # fmt: skip
    columns = (
        _("Indicator"), _("Quickest step"), NAMES[scale], _("Slowest step"), NAMES[scale],
        pgettext("of a number", "Change"), _("Change from"), _("Change to"),
    )  # fmt: skip
    costs = [tables_of.Table(_("What waiting costs"), columns, rows)] if rows else []
    return [*costs, *_both_of_file(found.both), *scores]


def _both_of_file(both: FastAndGood) -> list[tables_of.Table]:
    if both.metric.state == "hidden":
        return []
    cells = both.cells
    others = (
        (_("late, satisfied"), cells.good_only), (_("in time, not satisfied"), cells.fast_only),
        (_("late, not satisfied"), cells.neither),
    )  # fmt: skip
    rows = [
        (_("in time, satisfied"), *tables_of.number(both.metric, unit="share"), *tables_of.change(both.metric)),
        *((name, _("answers"), count, None, None, both.n) for name, count in others),
    ]
    return [tables_of.Table(_("Fast and good"), (_("Indicator"), *tables_of.NUMBER, *tables_of.CHANGE), rows)]
