"""What the page of teams and channels side by side shows: small charts on one scale, with their words and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analytics import blocks, charts, tables
from analytics.annotations import Note
from analytics.funnel_block import HEADS
from analytics.links import Links
from analytics.metrics import Metric
from analytics.reports import Week
from analytics.side_by_side import MOST, Line


@dataclass(frozen=True, kw_only=True)
class Small:
    """One small chart: all of a kind stand on one scale, so that they can be compared."""

    name: Any
    metric: Metric
    href: str
    trend: charts.Trend | None
    spoken: str
    weeks: list[dict[str, Any]]


def smalls(
    lines: Sequence[Line], column: str, *, whole: Sequence[Week], scale: str, names: Mapping[Any, Any], links: Links,
    notes: Sequence[Note],
) -> dict[str, Any]:  # fmt: skip
    """The charts of one kind, the line of all for each of them, and the names of those that have none."""
    over = charts.common_axis([*(line.weeks for line in lines[:MOST]), whole], unit=lines[0].metric.unit)
    told: dict[str, Any] = {"unit": lines[0].metric.unit, "shaded": links.filters.period, "over": over}
    told["among"] = len(lines[:MOST])

    def small(line: Line) -> Small:
        narrowed: dict[str, Any] = {"scale": scale, column: line.key or "none"}
        return Small(
            name=names[line.key],
            metric=line.metric,
            href=links.responses(**narrowed),
            trend=charts.trend(line.weeks, notes=notes, **told),
            spoken=blocks.spoken_trend(line.weeks, unit=line.metric.unit),
            weeks=[
                blocks.week_row(week, unit=line.metric.unit, href=links.responses(week.period, **narrowed), notes=notes)
                for week in line.weeks
            ],
        )

    return {
        "title": HEADS[column][0],
        "smalls": [small(line) for line in lines[:MOST]],
        "whole": charts.trend(whole, **told),
        "rest": [names[line.key] for line in lines[MOST:]],
    }


def table(lines: Sequence[Line], column: str, *, names: Mapping[Any, Any]) -> tables.Table:
    """All weeks of all of one kind, for a file."""
    rows = [
        (str(names[line.key]), week.start, *tables.scored(week, unit=line.metric.unit), week.period.days)
        for line in lines
        for week in line.weeks
    ]
    title, head = HEADS[column]
    return tables.Table(title, (head, _("Week of"), *tables.SCORED, tables.DAYS_OF_WEEK), rows)
