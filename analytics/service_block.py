"""What the block about service shows: the report with its words and links, ready for the template."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import formats, rows_behind
from analytics.contact_counts import NO_REPLY, NO_TIMES
from analytics.display import FULL_FROM, round_half_away
from analytics.links import Links
from analytics.service import ALL, Served, Service
from analytics.serving.spans import Spread
from analytics.unanswered import MOST_WAITING
from analytics.volume import Cell, Peak, Slot

SHADES = 6
HOW = gettext_lazy(
    "From the customer’s first message to the first response of a person, in the working hours of the team. Half and "
    "nine in ten came within the times shown; whoever still waits, or ended without a response, counts as waiting at "
    "least so long. Within the service level: responded in time, as a share "
    "of those responded to and those who have waited longer already; whoever still has time is not in it."
)


@dataclass(frozen=True)
class Hour:
    """A cell of the week: how many came within this hour, and how dark it is, 0 to SHADES; grey where nobody works."""

    count: int
    shade: int
    is_peak: bool
    is_closed: bool
    title: str
    href: str = ""


def rows(service: Service, *, names: dict[Any, str], links: Links) -> list[dict[str, Any]]:
    """All channels together first, when they are several."""
    served = [service.total, *service.channels] if len(service.channels) > 1 else service.channels
    return [_row(one, names=names, links=links) for one in served]


def _row(one: Served, *, names: dict[Any, str], links: Links) -> dict[str, Any]:
    is_total = one.channel == ALL
    return {
        "name": _("All channels") if is_total else names.get(one.channel, one.channel),
        "is_total": is_total,
        "served": one,
        "contacts": formats.number(one.contacts),
        "response": spoken(one.response),
        **behind(links, {} if is_total else {"channel__exact": one.channel}),
    }


def behind(links: Links, narrowed: Mapping[str, Any]) -> dict[str, str]:
    """Where the contacts of a row are, and those behind each of its numbers."""
    numbers = {f"{name}_href": name for name in rows_behind.OF_CONTACTS}
    return behind_each(links, narrowed, numbers | {"href": rows_behind.ALL})


def behind_each(links: Links, narrowed: Mapping[str, Any], numbers: Mapping[str, str]) -> dict[str, str]:
    """The contacts behind these numbers of one row: its address is made once."""
    rows = links.contacts(**narrowed, counted="")
    return {name: f"{rows}&counted={number}" for name, number in numbers.items()}


def in_no_share(facts: Mapping[str, int], *, is_cut: bool, links: Links) -> dict[str, Any]:
    """Who stands under a level and is in no share of it, and that not all who wait are looked at."""
    hrefs = behind(links, {})
    told = {name: {"n": facts.get(name, 0), "href": hrefs[f"{name}_href"]} for name in (NO_REPLY, NO_TIMES)}
    return {"in_no_share": told | {"most": MOST_WAITING if is_cut else None}}


def spoken(spread: Spread) -> dict[str, str]:
    """Half and nine in ten in words with their limits, and why the latter is not told."""
    told = {"n": formats.number(spread.n), "why": why(spread)}
    for name, quantile in (("median", spread.half), ("p90", spread.nine)):
        told |= {name: formats.duration(quantile.value), f"{name}_limits": formats.duration_limits(*quantile)}
    return told


def why(spread: Spread) -> str:
    """Why nine in ten cannot be told."""
    return _("from 30") if spread.n < FULL_FROM else _("more than one in ten is open yet")


class Hourly(Protocol):
    """Whatever has contacts by the hours of the week."""

    @property
    def hours(self) -> Mapping[Slot, Cell]: ...
    @property
    def peak(self) -> Peak | None: ...


def week(service: Hourly, *, links: Links) -> list[tuple[str, list[Hour]]]:
    """The week as it is drawn, Monday first. Its hours lead to their rows where the reader's clock is the reports' own:
    the list tells hours by the reader's."""
    is_one_clock = str(timezone.get_current_timezone()) == str(links.filters.zone)
    rows = links.contacts() if is_one_clock else ""
    fullest = max((cell.rate or 0 for cell in service.hours.values()), default=0)
    peak = service.peak.slot if service.peak else None

    def hour_of(day: int, hour: int) -> Hour:
        href = f"{rows}&created_at__iso_week_day={day + 1}&created_at__hour={hour}" if rows else ""
        return _hour(Slot(day, hour), service.hours, fullest=fullest, peak=peak, href=href)

    return [(day_name(day), [hour_of(day, hour) for hour in range(24)]) for day in range(7)]


def _hour(slot: Slot, hours: Mapping[Slot, Cell], *, fullest: float, peak: Slot | None, href: str) -> Hour:
    cell = hours.get(slot)
    count, rate = (cell.contacts, cell.rate or 0) if cell else (0, 0)
    return Hour(
        count=count,
        shade=math.ceil(SHADES * rate / fullest) if fullest else 0,
        is_peak=slot == peak,
        is_closed=bool(cell and cell.hours and cell.rate is None),
        title=_title(slot, cell),
        href=href if count else "",
    )


def _title(slot: Slot, cell: Cell | None) -> str:
    """How many came, and how many an hour with its limits, or that nobody works then."""
    told = f"{slot_name(slot)}: {formats.number(cell.contacts if cell else 0)}"
    if cell is None or not cell.hours:
        return told
    if cell.rate is None:
        return ", ".join([told, _("outside working hours")])
    rate, lo, hi = (formats.number(round_half_away(part or 0, digits=1) or 0) for part in (cell.rate, cell.lo, cell.hi))
    return ", ".join([told, _("%(rate)s an hour (%(lo)s–%(hi)s)") % {"rate": rate, "lo": lo, "hi": hi}])


def day_name(weekday: int) -> str:
    """A weekday from 0, Monday, in short."""
    return capfirst(str(WEEKDAYS_ABBR[weekday]))


def slot_name(slot: Slot) -> str:
    """An hour of the week in words."""
    return _("%(day)s %(from)d–%(to)d h") % {"day": day_name(slot.weekday), "from": slot.hour, "to": slot.hour + 1}


def peak_words(service: Hourly) -> str:
    """Which hour of the week is busiest beyond chance, or nothing."""
    if service.peak is None:
        return ""
    count = formats.number(service.hours[service.peak.slot].contacts)
    times = formats.number(round_half_away(service.peak.ratio, digits=1) or Decimal(0))
    words = {"slot": slot_name(service.peak.slot), "n": count, "times": times}
    return _("Outlined: %(slot)s, %(n)s contacts, %(times)s times the mean working hour.") % words
