"""What the block about service shows: the report with its words and links, ready for the template."""

from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import formats
from analytics.links import Links
from analytics.service import ALL, Served, Service, Span

SHADES = 6
HOW = gettext_lazy(
    "From the customer’s first message to the first response of a person, in the working hours of the team. Half and "
    "nine in ten of the responses came within the times shown. Within the service level: responded in time, as a share "
    "of those responded to and those who have waited longer already; whoever still has time is not in it."
)


@dataclass(frozen=True)
class Hour:
    """A cell of the week: how many came within this hour, and how dark it is, 0 to SHADES."""

    count: int
    shade: int
    is_peak: bool
    title: str


def rows(service: Service, *, names: dict[Any, str], links: Links) -> list[dict[str, Any]]:
    """All channels together first, when they are several."""
    served = [*([service.total] if service.total else []), *service.channels]
    return [_row(one, names=names, links=links) for one in served]


def _row(one: Served, *, names: dict[Any, str], links: Links) -> dict[str, Any]:
    is_total = one.channel == ALL
    return {
        "name": _("All channels") if is_total else names.get(one.channel, one.channel),
        "is_total": is_total,
        "served": one,
        "contacts": formats.number(one.contacts),
        "response": spoken(one.response),
        "href": links.contacts() if is_total else links.contacts(channel__exact=one.channel),
    }


def spoken(span: Span) -> dict[str, str]:
    """A span's median and ninth decile in words."""
    return {"median": formats.duration(span.median), "p90": formats.duration(span.p90), "n": formats.number(span.n)}


def week(service: Service) -> list[tuple[str, list[Hour]]]:
    """The week as it is drawn, Monday first."""
    fullest = max(service.hours.values(), default=0)
    return [
        (capfirst(str(WEEKDAYS_ABBR[day])), [_hour(service, day + 1, hour, fullest) for hour in range(24)])
        for day in range(7)
    ]


def _hour(service: Service, weekday: int, hour: int, fullest: int) -> Hour:
    count = service.hours.get((weekday, hour), 0)
    name = _("%(day)s %(from)d–%(to)d h") % {
        "day": capfirst(str(WEEKDAYS_ABBR[weekday - 1])), "from": hour, "to": hour + 1
    }  # fmt: skip
    return Hour(
        count=count,
        shade=-(-SHADES * count // fullest) if fullest else 0,
        is_peak=service.peak == (weekday, hour),
        title=f"{name}: {formats.number(count)}",
    )


def peak_words(service: Service) -> str:
    """ "Fullest: Mon 11–12 h, 274." or nothing."""
    if service.peak is None:
        return ""
    weekday, hour = service.peak
    return _("Most came %(slot)s.") % {"slot": _hour(service, weekday, hour, 1).title}
