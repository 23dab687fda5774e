"""Numbers, periods and changes in templates, in the language of the page."""

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html

from analytics import formats, wording
from analytics.display import round_half_away
from analytics.metrics import Metric
from analytics.periods import Period
from analytics.registry import METRICS

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


@register.inclusion_tag("analytics/delta.html")
def delta(metric: Metric, good: str | None = None) -> dict[str, Any]:
    return {"delta": wording.delta(metric, good=good)}  # type: ignore[arg-type]


@register.inclusion_tag("analytics/how.html")
def how(key: str, about: str, text: str = "") -> dict[str, Any]:
    """How a metric of the register is computed, behind a question mark; `about` says of what on this page.

    `text` is shown in place of the register's own where a block tells of several metrics at once.
    """
    return {"about": about, "text": text or METRICS[key].method, "key": key}
