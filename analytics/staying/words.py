"""What the page about staying and leaving shows: the report with its words, links and chart, ready for the template."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics import formats
from analytics.charts import Tick
from analytics.display import FULL_FROM, displayed
from analytics.models import Staying
from analytics.serving.spans import Spread
from analytics.staying.report import Cohort, Leaving, Report
from analytics.staying.tally import ACTIVE, BACK, DAY_SECONDS, GROUPS, LOST
from analytics.survival import Step

# The address of the customers of a number, from what its name is made of.
Link = Callable[..., str]
NAMES = {
    GROUPS[0]: gettext_lazy("Detractors, 0–6"),
    GROUPS[1]: gettext_lazy("Passives, 7–8"),
    GROUPS[2]: gettext_lazy("Promoters, 9–10"),
}
HEIGHT, TOP, BOTTOM = 150, 6.0, 126.0
MONTH_DAYS = 365.25 / 12
SHADES = 6


def month(first: dt.date) -> str:
    """ "Nov 2026"."""
    return f"{str(MONTHS_3[first.month]).rstrip('.').capitalize()}{formats.HARD_SPACE}{first.year}"


def leaving(found: Leaving, how: str, link: Link) -> dict[str, Any]:
    """One kind of leaving: the last month, and the table of all, the newest first."""
    months = [
        {"name": month(one.first), "lost": one.lost, "back": one.back, "href": link(LOST, how, one.first),
         "n_href": link(ACTIVE, how, one.first), "back_href": link(BACK, how, one.first)}
        for one in found.months
    ]  # fmt: skip
    yearly = displayed(found.yearly, unit="share", n=found.last.n)
    return {
        "last": found.last,
        "yearly": formats.percent(formats.number(yearly)) if yearly is not None else "",
        "month": month(found.months[-1].first) if found.months else "",
        "newest": months[-1] if months else {},
        "months": months[::-1],
    }


def life(found: Spread) -> dict[str, Any]:
    """How long half of them stay, in months."""
    half = found.half
    return {
        "n": found.n,
        "half": _months(half.value),
        "limits": f"{_months(half.lo)} – {_months(half.hi)}"
        if half.hi
        else _("from %(time)s") % {"time": _months(half.lo)},
    }


def _months(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = max(1, round(seconds / DAY_SECONDS / MONTH_DAYS))
    return ngettext("%d month", "%d months", whole) % whole


def too_short(counts: Staying, found: Report) -> str:
    """Why nobody can be said to have fallen silent."""
    if found.told_from is None:
        return _("no customer without a contract")
    words = {"day": formats.day(found.told_from, year=True), "days": counts.window}
    return _("contacts do not go back far enough: a silence of %(days)d days can be told from %(day)s on") % words


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Who is still there, as steps from the left; positions as text for the attributes of an SVG."""

    line: str
    grid: tuple[Tick, ...]
    months: tuple[Tick, ...]
    spoken: str
    height: int = HEIGHT


def curve(steps: tuple[Step, ...]) -> Curve | None:
    """The curve over the months since somebody came first; None while nobody has left."""
    if not steps:
        return None
    longest = max(steps[-1].time, MONTH_DAYS)
    points, share = [f"0,{_y(1):.2f}"], 1.0
    for step in steps:
        x = 100 * step.time / longest
        points += [f"{x:.2f},{_y(share):.2f}", f"{x:.2f},{_y(step.share):.2f}"]
        share = step.share
    whole = int(longest / MONTH_DAYS)
    every = max(1, -(-whole // 6))
    return Curve(
        line=" ".join(points),
        grid=tuple(
            Tick(at=f"{_y(part / 100):.1f}", label=formats.number(part), label_at=f"{_y(part / 100) + 4:.1f}")
            for part in (0, 25, 50, 75, 100)
        ),
        months=tuple(
            Tick(at=f"{100 * number * MONTH_DAYS / longest:.2f}%", label=formats.number(number),
                 anchor="middle" if number else "start")
            for number in range(0, whole + 1, every)
        ),
        spoken=_("after %(months)s months %(share)s are still there") % {
            "months": formats.number(whole), "share": formats.score(share, unit="share", n=0),
        },
    )  # fmt: skip


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def cohorts(found: tuple[Cohort, ...], link: Link) -> list[dict[str, Any]]:
    """Rows of the table of cohorts: name, size, and a cell for each month since, darker the more are there."""
    firsts = [cohort.first for cohort in found]
    return [
        {
            "name": month(cohort.first),
            "size": cohort.size,
            "state": cohort.state,
            "href": link("came", cohort.first),
            "cells": [
                _cell(part, cohort.size) | {"href": link("came", cohort.first, later)}
                for part, later in zip(cohort.kept, firsts[at:], strict=True)
            ],
        }
        for at, cohort in enumerate(found)
        if cohort.size
    ]


def _cell(part: float | None, size: int) -> dict[str, Any]:
    if part is None:
        return {"text": "", "shade": 0}
    return {"text": formats.bare(part, unit="share", n=min(size, FULL_FROM)), "shade": round(SHADES * part)}


def said(found: Report, link: Link) -> list[dict[str, Any]]:
    """How many of those who answered so have left since."""
    return [
        {"name": NAMES[group], "metric": metric, "href": link("said", group, LOST), "n_href": link("said", group)}
        for group, metric in found.said.items()
    ]


def gap_words(found: Report) -> str:
    """Whether those who were unhappy leave more often."""
    gap = found.gap
    if gap is None or gap.lo is None or gap.hi is None:
        return ""
    words = {
        "gap": formats.difference(gap.diff, unit="share"),
        "limits": formats.difference_interval(gap.lo, gap.hi, unit="share"),
    }
    if min(gap.n_now, gap.n_before) < FULL_FROM:
        return _("Too few to compare: it takes 30 detractors and 30 promoters.")
    if gap.lo <= 0 <= gap.hi:
        return _("Detractors do not leave significantly more often than promoters: %(gap)s (%(limits)s).") % words
    if gap.diff < 0:
        return _("Promoters leave more often than detractors: %(gap)s (%(limits)s).") % words
    return _("Detractors leave more often than promoters: %(gap)s (%(limits)s).") % words


def window_words(days: int) -> str:
    words = ngettext(
        "Who has no contract leaves by silence: no contact for %d day, since 95 of 100 come again sooner.",
        "Who has no contract leaves by silence: no contact for %d days, since 95 of 100 come again sooner.",
        days,
    )
    return words % days
