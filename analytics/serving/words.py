"""What the page of service times shows: the report with its words, links and charts, ready for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics import annotations, blocks, formats, rows_behind
from analytics.annotations import Note
from analytics.blocks import Weekly
from analytics.comparisons import Change
from analytics.display import FULL_FROM
from analytics.links import Links
from analytics.periods import Period
from analytics.reports import Week
from analytics.service_block import behind, behind_each, why
from analytics.serving import drawing, queue_rows
from analytics.serving.parts import WALL, WORKING, Part
from analytics.serving.queues import Waits
from analytics.serving.reasons import Reason
from analytics.serving.report import Row, Times
from analytics.serving.spans import Quantile, Spread
from analytics.serving.weeks import SlowWeek, Weeks
from analytics.waiting import Formula

CLOCKS = ((WORKING, gettext_lazy("Working hours")), (WALL, gettext_lazy("By the clock")))
HOW = gettext_lazy(
    "From the customer’s first message to the first response of a person. Half, nine in ten and 95 of 100 came within "
    "the times shown; whoever still waits counts as waiting at least so long. Within the service level: responded in "
    "time, as a share of those responded to and those who have waited longer already; whoever still has time is not "
    "in it."
)
# So many lines of a table; the rarer ones are in the file.
MOST_REASONS = 15
WITHIN, NINE = gettext_lazy("Within the service level"), gettext_lazy("Nine in ten responded to within")
FORMULAS: dict[Formula, Any] = {
    "f4": gettext_lazy("answered in time, of the answered and those who gave up later"),
    "f1": gettext_lazy("answered or given up in time, of all"),
    "f2": gettext_lazy("answered in time, of the answered"),
    "f3": gettext_lazy("answered in time, of all"),
    "f5": gettext_lazy("answered in time or given up within 5 seconds, of all"),
}


@dataclass(frozen=True)
class Told:
    """A percentile in words; both are empty where too few tell."""

    value: str
    limits: str


def told(quantile: Quantile) -> Told:
    """The time and its limits: "12 min", "10 min – 15 min"; what has no upper limit is "from 10 min"."""
    if quantile.value is None:
        return Told("", "")
    return Told(formats.duration(quantile.value), formats.duration_limits(*quantile))


@dataclass(frozen=True, kw_only=True)
class Span:
    """A spread in words. Where nine in ten cannot be told, `why` says it."""

    spread: Spread
    half: Told
    nine: Told
    most: Told
    mean: str
    why: str


def span(found: Spread) -> Span:
    return Span(
        spread=found,
        half=told(found.half),
        nine=told(found.nine),
        most=told(found.most),
        mean=formats.duration(found.mean),
        why=why(found),
    )


def rows(times: Times, by: str, *, names: Mapping[Any, str], links: Links) -> list[dict[str, Any]]:
    """All contacts first, then by "channel" or "team" where there are several."""
    parts = times.channels if by == "channel" else times.teams
    if by == "team" and len(parts) < 2:
        return []
    return [_row(row, names=names, links=links) for row in ([times.total, *parts] if len(parts) > 1 else parts)]


def _row(row: Row, *, names: Mapping[Any, str], links: Links) -> dict[str, Any]:
    narrowed = narrow(row.part)
    return {
        "name": name_of(row.part, names),
        "is_total": not row.part.by,
        "row": row,
        **behind(links, narrowed),
        "reopened_href": links.contacts(**narrowed, reopened_at__isnull="False"),
        "handled_href": links.contacts(**narrowed, handle_seconds__isnull="False"),
        "old_href": links.open_contacts(**narrowed, counted=rows_behind.OLD_ENOUGH),
        "response": span(row.response),
        "resolution": span(row.resolution),
        "handle": span(row.handle),
        "open_href": links.open_contacts(**narrowed),
        "half_age": days(row.backlog.half),
        "nine_age": days(row.backlog.nine) if row.backlog.open >= FULL_FROM else "",
        "old": row.backlog.old,
    }


def reason_lines(found: Sequence[Reason], *, links: Links) -> list[dict[str, Any]]:
    """The most frequent reasons, with the addresses of their rows."""
    return [
        {
            "name": one.name or _("No reason"),
            "row": one,
            "href": links.contacts(**_of_reason(one)),
            "open_href": links.contacts(**_of_reason(one), open="yes"),
        }
        for one in found[:MOST_REASONS]
    ]


def _of_reason(one: Reason) -> dict[str, Any]:
    return {"reason__exact": one.name} if one.name else {"counted": rows_behind.WITHOUT_REASON}


def narrow(part: Part) -> dict[str, Any]:
    """The filters of the list of interactions that lead to the rows of a part."""
    if not part.by:
        return {}
    if part.by == "channel":
        return {"channel__exact": part.key}
    return {"team__id__exact": part.key} if part.key else {"team__isnull": "True"}


def name_of(part: Part, names: Mapping[Any, str]) -> str:
    return names.get(part.key, str(part.key)) if part.by else _("All contacts")


def days(age: float | None) -> str:
    """An age in days; a day that has not ended is less than one."""
    if age is None:
        return ""
    whole = int(age)
    return ngettext("%d day", "%d days", whole) % whole if whole else _("less than a day")


def queue_lines(
    found: Sequence[Waits], *, target: int, formula: Formula, names: Mapping[Any, str], links: Links
) -> list[dict[str, Any]]:
    numbers = {
        "href": rows_behind.QUEUED, "served_href": queue_rows.name("part", formula, target),
        "judged_href": queue_rows.name("whole", formula, target), "gave_up_href": queue_rows.GAVE_UP,
        "waited_href": queue_rows.WAITED, "picked_up_href": queue_rows.PICKED_UP,
    }  # fmt: skip
    return [
        {
            "name": name_of(one.part, names),
            "waits": one,
            **behind_each(links, narrow(one.part), numbers),
            "came": one.queue.answered + one.queue.abandoned,
            "wait": span(one.wait),
        }
        for one in found
    ]


def gap_words(gap: Change | None) -> dict[str, str]:
    """By how much what customers say differs from what our contacts say; empty when one of them is not known."""
    if gap is None or gap.lo is None or gap.hi is None:
        return {}
    return {
        "diff": formats.difference(gap.diff, unit="share"),
        "limits": formats.difference_interval(gap.lo, gap.hi, unit="share"),
    }


@dataclass(frozen=True, kw_only=True)
class ChannelCharts:
    """The small charts of one channel, all on axes of their own but for the times, which share one."""

    name: str
    spoken: str
    spreading: drawing.Spreading
    within: Weekly | None
    nine: Weekly | None


def channel_charts(
    times: Times, weeks: Mapping[Part, Weeks], *, targets: Mapping[str, float], names: Mapping[Any, str],
    period: Period, links: Links, notes: Sequence[Note],
) -> list[ChannelCharts]:  # fmt: skip
    """One for each channel with enough responses, in the order of the table."""
    shown = [row for row in times.channels if row.response.state != "hidden"]
    axis = drawing.common_axis(times.histograms[row.part.key] for row in shown)
    told: dict[str, Any] = {
        "period": period, "names": names, "links": links, "notes": notes, "among": len(shown)
    }  # fmt: skip
    return [
        ChannelCharts(
            name=name_of(row.part, names),
            spoken=_spoken(row),
            spreading=drawing.spreading(
                times.histograms[row.part.key],
                axis=axis,
                median=row.response.half.value,
                nine=row.response.nine.value,
                target=targets.get(row.part.key),
            ),
            within=_within(row.part, weeks.get(row.part), **told),
            nine=_nine(row.part, weeks.get(row.part), **told),
        )
        for row in shown
    ]


def _spoken(row: Row) -> str:
    words = _("half within %(half)s, nine in ten within %(nine)s, n=%(n)s")
    return words % {
        "half": formats.duration(row.response.half.value),
        "nine": formats.duration(row.response.nine.value),
        "n": formats.number(row.response.n),
    }


def _within(
    part: Part, weeks: Weeks | None, *, period: Period, names: Mapping[Any, str], links: Links,
    notes: Sequence[Note], among: int,
) -> Weekly | None:  # fmt: skip
    if weeks is None or all(week.value is None for week in weeks.within):
        return None
    return blocks.weekly(
        f"{name_of(part, names)}: {WITHIN}", weeks.within, unit="share", period=period, notes=notes, among=among,
        href=lambda week: links.contacts(week.period, **narrow(part), counted=rows_behind.JUDGED),
    )  # fmt: skip


def _nine(
    part: Part, weeks: Weeks | None, *, period: Period, names: Mapping[Any, str], links: Links,
    notes: Sequence[Note], among: int,
) -> Weekly | None:  # fmt: skip
    known = [week.value for week in weeks.nine if week.value is not None] if weeks else []
    if weeks is None or not known:
        return None
    spoken = _("%(weeks)s weeks, shortest %(low)s, longest %(high)s, last %(last)s") % {
        "weeks": len(weeks.nine),
        "low": formats.duration(min(known)),
        "high": formats.duration(max(known)),
        "last": formats.duration(known[-1]),
    }
    return Weekly(
        name=f"{name_of(part, names)}: {NINE}",
        trend=drawing.trend(weeks.nine, shaded=period, notes=notes, among=among),
        spoken=spoken,
        weeks=[
            _slow_row(
                week, href=links.contacts(week.period, **narrow(part), counted=rows_behind.RESPONDED), notes=notes
            )
            for week in weeks.nine
        ],
    )


def solved_weeks(weeks: Sequence[Week], *, period: Period, links: Links, notes: Sequence[Note]) -> Weekly | None:
    """The weeks of what was solved within the service level; None where no week tells."""
    if all(week.value is None for week in weeks):
        return None
    return blocks.weekly(
        _("Solved within the service level"), weeks, unit="share", period=period, notes=notes,
        href=lambda week: links.contacts(week.period, counted=rows_behind.SOLVED_JUDGED),
    )  # fmt: skip


def _slow_row(week: SlowWeek, *, href: str, notes: Sequence[Note]) -> dict[str, Any]:
    found = told(Quantile(week.value, week.lo, week.hi))
    return {
        "notes": annotations.within(notes, week.period),
        "week": week,
        "value": found.value or formats.DASH,
        "limits": found.limits or formats.DASH,
        "href": href,
    }
