"""What the strip under the scores shows: a cell for each number of the focus set, with its words and rows."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from analytics import formats, tables
from analytics.comparisons import Direction
from analytics.complaints import Rate, RateChange
from analytics.display import DisplayState, display_state, round_half_away
from analytics.focus import Focus
from analytics.links import Links
from analytics.metrics import Metric
from analytics.service import Service
from analytics.staying.last_month import PAGE, LastMonth, last_month
from analytics.wording import Delta, delta


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number: `key` is its name in the register, `value` "" while it is hidden or not known; `why` says why.

    `how` says how it is computed where the register has it under no name of its own. `href` leads to what is counted,
    `n_href` to what it is counted among. `told` are its lines in a file, under `tables.NUMBER` and `tables.CHANGE`.
    """

    name: Any
    key: str
    value: str
    limits: str
    n: str
    state: DisplayState
    change: Delta | None
    href: str
    told: tuple[tuple[Any, ...], ...]
    n_href: str = ""
    how: Any = ""
    why: Any = ""
    more: str = ""


def strip(found: Focus, service: Service, *, links: Links) -> list[Cell]:
    """The contacts of the period, and who left, where that can be told."""
    lost = last_month(links.filters)
    return [
        *(cells(found, service, links=links) if service.contacts else []),
        *([left(lost, links=links)] if lost else []),
    ]


def cells(found: Focus, service: Service, *, links: Links) -> list[Cell]:
    """In time, solved, solved in time, at once, complaints."""
    times, back = links.there("analytics:service"), links.there("analytics:returns")
    within = service.total.within
    shares = [share(_("First response in time"), "within_target", within, href=times)] if within else []
    promised, name = service.in_time, "solved_within_target"
    in_time = [share(_("Solved in time"), name, promised, href=f"{times}#solving")] if promised else []
    return [
        *shares,
        _solved(service, href=times),
        *in_time,
        share(_("Done at the first contact"), "first_contact_resolution", found.at_once, href=back),
        _complaints(found.complaints, found.change, href=links.contacts(is_complaint__exact="1")),
    ]


def left(found: LastMonth, *, links: Links) -> Cell:
    """Who left in the last month that is over, whatever the period."""
    cell = share(found.name, found.key, found.lost, href=links.there(PAGE))
    if cell.change is None:
        return cell
    change = delta(found.lost, good="down")
    text = _("%(change)s against the month before") % {"change": change.text}
    return replace(cell, change=replace(change, text=text))


def share(
    name: Any, key: str, metric: Metric, *, href: str, n_href: str = "", good: Direction = "up", how: Any = ""
) -> Cell:
    """A share, and its change where there is one."""
    shown = metric.state != "hidden"
    return Cell(
        name=name,
        key=key,
        value=formats.value_of(metric) if shown else "",
        limits=formats.limits_of(metric) if shown else "",
        n=formats.number(metric.n) if shown else "",
        state=metric.state,
        change=delta(metric, good=good) if metric.diff is not None and metric.flag else None,
        href=href,
        n_href=n_href,
        how=how,
        told=((name, *tables.number(metric, unit="share"), *tables.change(metric)),),
    )


def _solved(service: Service, *, href: str) -> Cell:
    span = service.resolution
    known = span.nine.value is not None
    return Cell(
        name=_("Solved, nine in ten within"),
        key="resolution_time",
        value=formats.duration(span.nine.value) if known else "",
        limits=formats.duration_limits(*span.nine),
        n=formats.number(span.n) if known else "",
        state=span.state if known else "hidden",
        change=None,
        href=href,
        told=((_("Solved, nine in ten within"), _("seconds"), *span.nine, tables.few(span.n)),) if known else (),
    )


def _complaints(rate: Rate, change: RateChange | None, *, href: str) -> Cell:
    state = display_state(rate.contacts)
    shown = state != "hidden" and rate.value is not None
    return Cell(
        name=_("Complaints per 1000 contacts"),
        key="complaint_rate",
        value=_number(rate.value) if shown else "",
        limits=f"{_number(rate.lo)}–{_number(rate.hi)}" if shown else "",
        n=formats.number(rate.contacts) if shown else "",
        state=state,
        change=_times(change) if change and state == "full" else None,
        href=href,
        told=(
            (_("Complaints per 1000 contacts"), *tables.number(rate, unit="per_1000")),
            *tables.times_before(_("Complaints per 1000 contacts"), change if state == "full" else None),
        ),
    )


def _times(change: RateChange) -> Delta | None:
    """A ratio as a change: fewer complaints are better."""
    if change.ratio is None:
        return None
    text = f"×{_number(change.ratio)}"
    if change.p > tables.SIGNIFICANT:
        return Delta(text=_("%(change)s, not significant") % {"change": text})
    is_up = change.ratio > 1
    look, spoken = ("bad", _("worse")) if is_up else ("good", _("better"))
    return Delta(text=text, look=look, arrow="▲" if is_up else "▼", spoken=spoken)


def _number(value: float | None) -> str:
    return formats.DASH if value is None else formats.number(round_half_away(value, digits=1) or Decimal(0))
