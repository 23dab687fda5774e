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
    return format_html(
        '<span class="delta {}">{}{}{}</span>{}',
        change.look,
        format_html('<span aria-hidden="true">{}</span>', change.arrow) if change.arrow else "",
        change.text,
        format_html('<span class="vh"> {}</span>', change.spoken) if change.spoken else "",
        format_html(" <small>({})</small>", change.interval) if change.interval else "",
    )


@register.filter
def drawn(dots: Iterable[Dot]) -> str:
    """The weeks of a trend, as `told` without a template."""
    looks = {True: ("dotw", "3"), False: ("dot", "2.4")}
    return format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>',
        ((look, dot.x, dot.y, size, dot.title) for dot in dots for look, size in [looks[dot.is_weak]]),
    )


@register.filter
def shaded(cells: Iterable[Hour]) -> str:
    """The hours of a day, as `told` without a template."""
    return format_html_join(
        "",
        '<td class="h{}{}" title="{}">{}</td>',
        ((str(cell.shade), _marks(cell), cell.title, _count_of(cell)) for cell in cells),
    )


def _marks(cell: Hour) -> str:
    return " pk" if cell.is_peak else " off" if cell.is_closed else ""


def _count_of(cell: Hour) -> str:
    if cell.href:
        return format_html('<a href="{}" tabindex="-1"><span class="vh">{}</span></a>', cell.href, str(cell.count))
    return format_html('<span class="vh">{}</span>', str(cell.count))


@register.filter
def why_hidden(metric: Metric) -> str:
    if metric.n < SHOWN_FROM:
        return _("too few (under 5)")
    return _("not shown, or the few beside it could be worked out")


@register.simple_tag
def linked_share(metric: Metric | None, href: str, n_href: str) -> str:
    """A share with its limits, its rows and those of its n, or that it is of too few; a dash where there is none."""
    if not metric or not metric.n:
        return formats.DASH
    if metric.state == "hidden":
        return format_html('<span class="few">{}</span>', why_hidden(metric))
    value, n = formats.value_of(metric), f"n={formats.number(metric.n)}"
    return format_html(
        "{} <small>({}), {}</small>",
        linked(value, href) if href else value,
        formats.limits_of(metric),
        linked(n, n_href) if n_href else n,
    )


@register.filter
def plotted(points: Iterable[Point]) -> str:
    """The agents of a funnel plot, as `told` without a template."""
    return format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>{}',
        (
            ("dotw" if point.is_weak else f"g-{point.look}", point.x, point.y, "3.5" if point.is_weak else "5",
             point.title, _label_of(point))
            for point in points
        ),
    )  # fmt: skip


def _label_of(point: Point) -> str:
    if not point.label:
        return ""
    return format_html(
        '<text class="lb" x="{}" y="{}" dx="{}" dy="4" text-anchor="{}">{}</text>',
        point.x, point.y, "-9" if point.anchor == "end" else "9", point.anchor, point.label,
    )  # fmt: skip


@register.inclusion_tag("analytics/how.html")
def how(key: str, about: str, text: str = "") -> dict[str, Any]:
    """How a metric of the register is computed, behind a question mark; `about` says of what on this page.

    `text` is shown in place of the register's own where a block tells of several metrics at once.
    """
    return {"about": about, "text": text or METRICS[key].method, "key": key}
