"""What the page of repeat contacts shows: the report with its words and links, ready for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics import blocks, formats, rows_behind
from analytics.annotations import Note
from analytics.blocks import Where
from analytics.display import FULL_FROM
from analytics.links import Links
from analytics.periods import Period
from analytics.reports import Segment
from analytics.return_counts import DAYS, Variant
from analytics.returns import Line, Returns
from surveys.returning import DONE, FOLLOWED, QUESTION

HEADS = {
    "team": (gettext_lazy("By team"), gettext_lazy("Team")),
    "channel": (gettext_lazy("By channel"), gettext_lazy("Channel")),
    "reason": (gettext_lazy("By reason"), gettext_lazy("Reason")),
}
LEAD = gettext_lazy("By number of contacts, not by rate.")
NAME = gettext_lazy("Came back")
# So many lines of a table; the rarer ones are in the whole.
MOST = 15


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to count what coming back is."""

    label: str
    href: str
    is_chosen: bool


def choices(variant: Variant, *, links: Links) -> list[list[Choice]]:
    """Within how many days, and with which reason."""
    days = [
        Choice(
            label=ngettext("within %d day", "within %d days", number) % number,
            href=links.here(days=number, reason="" if variant.same_reason else "any"),
            is_chosen=number == variant.days,
        )
        for number in DAYS
    ]
    reasons = [
        Choice(
            label=label,
            href=links.here(days=variant.days, reason="" if same else "any"),
            is_chosen=same == variant.same_reason,
        )
        for same, label in ((True, _("with the same reason")), (False, _("with any reason")))
    ]
    return [days, reasons]


def weekly(found: Returns, *, variant: Variant, period: Period, links: Links, notes: Sequence[Note]) -> blocks.Weekly:
    return blocks.weekly(
        NAME,
        found.weeks,
        unit="share",
        period=period,
        notes=notes,
        href=lambda week: links.contacts(week.period, **could_be_judged(variant)),
    )


def came_back(variant: Variant, kept: str = FOLLOWED) -> dict[str, Any]:
    """The filter of the list of contacts that shows those that were followed, or what else is kept."""
    return {"came_back": "-".join(filter(None, (str(variant.days), "" if variant.same_reason else "any", kept)))}


def could_be_judged(variant: Variant) -> dict[str, Any]:
    """The same for all whose days are over."""
    return {"came_back": f"{variant.days}-over"}


def tables(
    found: Returns, *, variant: Variant, names: Mapping[str, Mapping[Any, str]], links: Links
) -> list[tuple[Where, list[dict[str, Any]]]]:
    """By team, channel and reason: each a table with a common axis, and its rows with what was done at once."""
    judged = {column: [line for line in lines if line.followed.n][:MOST] for column, lines in found.lines.items()}
    return [_table(column, lines, variant, names, links) for column, lines in judged.items() if lines]


def _table(
    column: str, lines: Sequence[Line], variant: Variant, names: Mapping[str, Mapping[Any, str]], links: Links
) -> tuple[Where, list[dict[str, Any]]]:
    known = names.get(column) or {line.key: line.key or _("No reason") for line in lines}

    def behind(key: Any) -> str:
        return links.contacts(**narrowed(column, key), **came_back(variant))

    block = blocks.where(
        HEADS[column][0], [Segment(line.key, line.followed) for line in lines], lead=LEAD, head=HEADS[column][1],
        name=NAME, names=known, href=behind, is_compared=links.filters.before is not None, good="down",
        key="repeat_contacts",
    )  # fmt: skip
    return block, [
        row | {
            "resolved": line.resolved,
            "resolved_href": links.contacts(**narrowed(column, line.key), **came_back(variant, DONE)),
            "questions_href": links.contacts(**narrowed(column, line.key), **came_back(variant, QUESTION)),
            "n_href": links.contacts(**narrowed(column, line.key), **could_be_judged(variant)),
        }
        for row, line in zip(block.rows, lines, strict=True)
    ]  # fmt: skip


def narrowed(column: str, key: Any) -> dict[str, Any]:
    """The filters of the list of contacts that lead to the rows of a team, channel or reason."""
    if column == "team":
        return {"team__id__exact": key} if key else {"team__isnull": "True"}
    if column == "reason" and not key:
        return {"counted": rows_behind.WITHOUT_REASON}
    return {f"{column}__exact": key} if key else {"q": ""}


def waiting_words(found: Returns, *, variant: Variant) -> str:
    """How many contacts nobody can judge yet, and since when."""
    if not found.not_judged or found.open_from is None:
        return ""
    words = ngettext(
        "%(n)s contact of %(all)s is still open, or its %(days)d days are not over: it is in no rate yet.",
        "%(n)s contacts of %(all)s are still open, or their %(days)d days are not over: they are in no rate yet.",
        found.not_judged,
    )
    told = {"n": formats.number(found.not_judged), "all": formats.number(found.contacts), "days": variant.days}
    since = _("The days from %(day)s on are preliminary.") % {"day": formats.day(found.open_from)}
    return f"{words % told} {since}"


def gap_words(found: Returns) -> str:
    """Whether customers say the same as the contacts do."""
    gap, done = found.gap, found.rates["first_contact_resolution"]
    if gap is None or gap.lo is None or gap.hi is None or min(done.n, found.asked.n) < FULL_FROM:
        return ""
    words = {
        "gap": formats.difference(gap.diff, unit="share"),
        "limits": formats.difference_interval(gap.lo, gap.hi, unit="share"),
    }
    if gap.lo > 0:
        return _("By the contacts less by the customers: %(gap)s (%(limits)s). Some are not done, and do not come back."
                 ) % words  # fmt: skip
    if gap.hi < 0:
        return _("By the contacts less by the customers: %(gap)s (%(limits)s). Some come back although all was done."
                 ) % words  # fmt: skip
    return _("The two do not differ significantly: %(gap)s (%(limits)s).") % words
