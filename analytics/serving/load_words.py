"""What the page of load shows: days and hours with their words, and the chart of the days."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from analytics import charts, formats
from analytics.display import round_half_away
from analytics.service_block import SHADES, day_name, slot_name
from analytics.serving.load import Load
from analytics.serving.plan_form import PlanForm
from analytics.serving.staff import LIVE, WRITTEN, Hour, Plan, Staff
from analytics.volume import DayForecast

Counts = Sequence[tuple[dt.date, int]]
HEIGHT, BASE, TOP = 150.0, 120.0, 10.0
LABELS = 6


@dataclass(frozen=True)
class Expected:
    """A day ahead: where its point and its interval lie."""

    x: str
    y: str
    top: str
    bottom: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Days:
    """Bars of the days behind and points of those ahead, on one axis; all is text for the attributes of an SVG."""

    bars: tuple[tuple[str, str, str, str, str], ...]
    ahead: tuple[Expected, ...]
    grid: tuple[charts.Tick, ...]
    labels: tuple[charts.Tick, ...]
    height: str = f"{HEIGHT:.0f}"
    base: str = f"{BASE:.0f}"


def whole(value: float) -> str:
    return formats.number(round_half_away(value) or Decimal(0))


def tenth(value: float) -> str:
    return formats.number(round_half_away(value, digits=1) or Decimal(0))


def drawn(behind: Counts, ahead: Sequence[tuple[dt.date, DayForecast]] = ()) -> Days | None:
    """The days; None when nothing came at all."""
    most = max([count for _day, count in behind] + [expected.hi for _day, expected in ahead], default=0)
    if not most:
        return None
    step = _round_step(most / 3)
    highest = step * math.ceil(most / step)
    days = [day for day, _count in behind] + [day for day, _expected in ahead]
    width = 100 / len(days)

    def height(value: float) -> float:
        return BASE - (BASE - TOP) * value / highest

    bars = tuple(
        (f"{at * width + width * 0.15:.2f}%", f"{width * 0.7:.2f}%", f"{height(count):.1f}",
         f"{BASE - height(count):.1f}", f"{formats.day(day)}: {formats.number(count)}")
        for at, (day, count) in enumerate(behind)
    )  # fmt: skip
    points = tuple(
        Expected(
            x=f"{(len(behind) + at + 0.5) * width:.2f}%",
            y=f"{height(expected.value):.1f}",
            top=f"{height(expected.hi):.1f}",
            bottom=f"{height(expected.lo):.1f}",
            title=f"{formats.day(day)}: {whole(expected.value)} ({whole(expected.lo)}–{whole(expected.hi)})",
        )
        for at, (day, expected) in enumerate(ahead)
    )
    return Days(bars=bars, ahead=points, grid=_grid(step, highest, height), labels=_labels(days, width))


def _grid(step: int, highest: int, height: Any) -> tuple[charts.Tick, ...]:
    return tuple(
        charts.Tick(at=f"{height(at):.1f}", label=formats.number(at), label_at=f"{height(at) + 4:.1f}")
        for at in range(0, highest + 1, step)
    )


def _round_step(size: float) -> int:
    power = 10 ** max(0, math.floor(math.log10(max(size, 1))))
    return int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= size))


def _labels(days: Sequence[dt.date], width: float) -> tuple[charts.Tick, ...]:
    every = math.ceil(len(days) / LABELS)
    return tuple(
        charts.Tick(at=f"{(at + 0.5) * width:.2f}%" if at else "0%", label=formats.day(day),
                    anchor="middle" if at else "start")
        for at, day in enumerate(days)
        if at % every == 0
    )  # fmt: skip


def days_ahead(load: Load) -> list[dict[str, str]]:
    return [
        {
            "day": f"{day_name(day.weekday())}, {formats.day(day)}",
            "value": whole(expected.value),
            "limits": f"{whole(expected.lo)}–{whole(expected.hi)}",
        }
        for day, expected in load.ahead
    ]


@dataclass(frozen=True)
class Place:
    """A cell of the week: people on the roster, empty when nobody comes, and how dark it is."""

    people: str
    shade: int
    title: str


def weeks_of(staff: Staff, *, names: Mapping[Any, str]) -> list[dict[str, Any]]:
    """A table for each channel in which somebody waits: people on the roster by weekday and hour."""
    found = []
    for channel, hours in staff.live.items():
        most = max(hour.scheduled for hour in hours)
        by_slot = {hour.slot: hour for hour in hours}
        among = range(min(hour.slot.hour for hour in hours), max(hour.slot.hour for hour in hours) + 1)
        found.append({
            "name": names[channel],
            "hours": among,
            "days": [
                (day_name(day), [_place(by_slot.get((day, hour)), most) for hour in among],  # type: ignore[call-overload]
                 formats.number(sum(hour.scheduled for hour in hours if hour.slot.weekday == day)))
                for day in range(7)
            ],
        })  # fmt: skip
    return found


def _place(hour: Hour | None, most: int) -> Place:
    if hour is None:
        return Place("", 0, _("nobody came"))
    words = _(
        "%(slot)s: %(rate)s contacts (%(lo)s–%(hi)s); %(agents)s at work, %(scheduled)s on the roster; %(level)s in "
        "time, busy %(busy)s"
    )
    title = words % {
        "slot": slot_name(hour.slot),
        "rate": tenth(hour.rate),
        "lo": tenth(hour.lo),
        "hi": tenth(hour.hi),
        "agents": hour.agents,
        "scheduled": hour.scheduled,
        "level": formats.score(hour.level, unit="share", n=0),
        "busy": formats.score(hour.occupancy, unit="share", n=0),
    }
    return Place(formats.number(hour.scheduled), math.ceil(SHADES * hour.scheduled / most), title)


def written_days(staff: Staff) -> list[dict[str, str]]:
    return [
        {
            "day": day_name(day.weekday),
            "contacts": tenth(day.contacts),
            "work": tenth(day.work),
            "agents": formats.number(day.agents),
            "scheduled": formats.number(day.scheduled),
        }
        for day in staff.written
    ]


def fields(form: PlanForm, plan: Plan, staff: Staff) -> list[dict[str, Any]]:
    """The fields of the plan with what holds: what was given, else what is usual, else what the data say."""
    usual = {
        "target": plan.target,
        "level": 100 * plan.level,
        "occupancy": 100 * plan.occupancy,
        "shrinkage": 100 * plan.shrinkage,
        "chats": plan.chats,
        "shift": plan.shift,
    }
    found: list[dict[str, Any]] = [
        {"name": name, "label": form.fields[name].label, "value": f"{value:.0f}", "hint": ""}
        for name, value in usual.items()
    ]
    for channel in LIVE + WRITTEN:
        name, known = f"minutes_{channel}", staff.handling[channel]
        told = formats.number(round_half_away(known.seconds / 60, digits=1) or Decimal(0)) if known.seconds else ""
        given = f"{plan.minutes[channel]:g}" if plan.minutes.get(channel) else ""
        hint = _("from the data, n=%(n)s") % {"n": formats.number(known.n)} if told and not given else ""
        found.append({"name": name, "label": form.fields[name].label, "value": given, "told": told, "hint": hint})
    return found
