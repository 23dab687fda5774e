"""Numbers, periods and changes in templates, in the language of the page."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from analytics import formats, wording
from analytics.charts import Dot, Trend
from analytics.display import SHOWN_FROM, round_half_away
from analytics.funnel_plot import Point
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.registry import METRICS
from analytics.service_block import Hour
from ground.addresses import address_of

register = template.Library()


@register.filter
def score(metric: Any) -> str:
    return formats.value_of(metric)


@register.filter
def bare(metric: Any) -> str:
    return formats.bare(metric.value, unit=metric.unit, n=metric.n)


@register.filter
def limits(metric: Any) -> str:
    return formats.limits_of(metric)


@register.filter
def counted(number: int) -> str:
    return formats.number(number)


@register.filter
def whole(number: float) -> str:
    """A number of effective answers, which is not whole by itself."""
    return formats.number(round(number))


@register.filter
def linked(text: str, address: str) -> str:
    """The text as a link to its rows."""
    return format_html('<a class="num" href="{}">{}</a>', address, text)


@register.filter
def share_of(part: int, whole: int) -> str:
    """A whole percentage, a dash when there is nothing to share."""
    shown = round_half_away(part, whole, scale=100)
    return formats.DASH if shown is None else formats.percent(formats.number(shown))


@register.filter
def days(period: Period) -> str:
    return formats.period(period.start, period.end)


@register.filter
def short_day(date: dt.date) -> str:
    return formats.day(date)


@register.filter
def moment(at: dt.datetime) -> str:
    return formats.moment(at)


@register.simple_tag
def delta(metric: Metric, good: str | None = None) -> str:
    """The change of a metric; `good` is the direction that is to be wished for."""
    return told(wording.delta(metric, good=good))  # type: ignore[arg-type]


@register.simple_tag(takes_context=True)
def lasting(context: Any, trend: Trend) -> str:
    """Whether the weeks of a trend rise or fall beyond chance; a last one that is cut or not over is left out."""
    goes_on = context.get("controls", {}).get("goes_on")
    points = trend.points[:-1] if goes_on or trend.is_cut else trend.points
    found = wording.lasting(points, unit=trend.unit, among=trend.among)
    return format_html('<p class="dl lasting">{}</p>', told(found)) if found else ""


@register.filter
def told(change: wording.Delta) -> str:
    """A change with its arrow and limits; without a template, since a page has a hundred of them."""
    arrow = '<span aria-hidden="true">{}</span>' if change.arrow else "{}"
    spoken = '<span class="vh"> {}</span>' if change.spoken else "{}"
    interval = " <small>({})</small>" if change.interval else "{}"
    return format_html(
        f'<span class="delta {{}}">{arrow}{{}}{spoken}</span>{interval}',
        change.look, change.arrow, change.text, change.spoken, change.interval,
    )  # fmt: skip


@register.filter
def drawn(dots: Iterable[Dot]) -> str:
    """The weeks of a trend, as `told` without a template."""
    looks = {True: ("dotw", "3"), False: ("dot", "2.4")}
    return _together(
        format_html(
            f'<circle class="{look}" cx="{dot.x}" cy="{dot.y}" r="{size}"><title>{{}}</title></circle>', dot.title
        )
        for dot in dots
        for look, size in [looks[dot.is_weak]]
    )


def _together(parts: Iterable[str]) -> str:
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def shaded(cells: Iterable[Hour]) -> str:
    """The hours of a day, as `told` without a template."""
    return _together(map(_hour, cells))


def _hour(cell: Hour) -> str:
    looks, count = f"h{cell.shade}{_marks(cell)}", f'<span class="vh">{cell.count}</span>'
    if not cell.href:
        return format_html(f'<td class="{looks}" title="{{}}">{count}</td>', cell.title)
    led = f'<a href="{{}}" tabindex="-1">{count}</a>'
    return format_html(f'<td class="{looks}" title="{{}}">{led}</td>', cell.title, cell.href)


def _marks(cell: Hour) -> str:
    return " pk" if cell.is_peak else " off" if cell.is_closed else ""


@register.filter
def why_hidden(metric: Metric) -> str:
    if metric.n < SHOWN_FROM:
        return _("too few (under 5)")
    return _("not shown, or the few beside it could be worked out")


@register.filter
def plotted(points: Iterable[Point]) -> str:
    """The agents of a funnel plot, as `told` without a template."""
    return _together(map(_point, points))


def _point(point: Point) -> str:
    look, size = ("dotw", "3.5") if point.is_weak else (f"g-{point.look}", "5")
    return format_html(
        f'<circle class="{look}" cx="{point.x}" cy="{point.y}" r="{size}"><title>{{}}</title></circle>{{}}',
        point.title, _label_of(point),
    )  # fmt: skip


def _label_of(point: Point) -> str:
    if not point.label:
        return ""
    return format_html(
        '<text class="lb" x="{}" y="{}" dx="{}" dy="4" text-anchor="{}">{}</text>',
        point.x, point.y, "-9" if point.anchor == "end" else "9", point.anchor, point.label,
    )  # fmt: skip


@register.simple_tag
def how(key: str, about: str, text: str = "") -> str:
    """How a metric of the register is computed, behind a question mark; `about` says of what on this page.

    `text` is shown in place of the register's own where a block tells of several metrics at once.
    """
    return format_html(
        '<details class="how"><summary><span aria-hidden="true">?</span><span class="vh">{}: {}</span></summary>'
        '<p>{} <a href="{}#{}">{}</a></p></details>',
        about, _("how computed"), text or METRICS[key].method, address_of("analytics:metrics"), key,
        _("Definition and all the others"),
    )  # fmt: skip
